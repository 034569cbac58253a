"""Where statements are read from: a file or a pipe, plain or gzip."""

import os
import select
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from lrs.importer.broken import Broken

_CHUNK = 1 << 18
_LOOK_EVERY = 0.2
"""Seconds between two looks whether a pipe that is silent is still to be waited for."""
_GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1


class Source:
    """Reads a file descriptor in chunks and knows how far it is. gzip is known by its first bytes, not by a name."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._status = status = os.fstat(descriptor)
        self.total = status.st_size if stat.S_ISREG(status.st_mode) else None
        """Bytes there are to read; None for a pipe."""
        self.position = 0
        """Bytes read so far, as they are in the file: packed if it is gzip."""
        self._stopped = False

    def stop(self) -> None:
        """Let whoever waits for a pipe in another thread wait no longer: for them it ends here."""
        self._stopped = True

    def is_file(self, path: Path) -> bool:
        """Tell if it is the file at ``path``, by whatever name; a device or a pipe is none."""
        return path.is_file() and os.path.samestat(self._status, path.stat())

    def chunks(self) -> Iterator[bytes]:
        """Give what is in the file, unpacked. Raises Broken."""
        chunks = self._chunks()
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= len(_GZIP):
                break
        if head.startswith(_GZIP):
            yield from self._unpacked(head, chunks)
        else:
            yield head
            yield from chunks

    def _chunks(self) -> Iterator[bytes]:
        while chunk := self._read():
            self.position += len(chunk)
            yield chunk

    def _read(self) -> bytes:
        try:
            while not select.select([self._descriptor], [], [], _LOOK_EVERY)[0]:
                if self._stopped:
                    return b""
            return os.read(self._descriptor, _CHUNK)
        except OSError as error:
            raise Broken(f"can't be read on after byte {self.position}: {error.strerror}") from None

    def _unpacked(self, packed: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Unpack; several gzip files one after the other count as one (RFC 1952, 2.2)."""
        member = zlib.decompressobj(wbits=31)
        while packed:
            yield from self._member(member, packed, chunks)
            # Padding after the last member, as tape and block devices leave it.
            packed = member.unused_data.lstrip(b"\0")
            while not packed and (chunk := next(chunks, b"")):
                packed = chunk.lstrip(b"\0")
            member = zlib.decompressobj(wbits=31)

    def _member(self, member: "zlib._Decompress", packed: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        while not member.eof:
            try:
                text = member.decompress(packed, _CHUNK)
            except zlib.error as error:
                raise Broken(f"the gzip data is damaged shortly before byte {self.position}: {error}") from None
            if text:
                yield text
            packed = member.unconsumed_tail
            # A full chunk may not be all that can be unpacked yet.
            if not packed and not member.eof and len(text) < _CHUNK:
                packed = next(chunks, b"")
                if not packed:
                    raise Broken(f"the gzip data ends early, after byte {self.position}: the file was cut off")

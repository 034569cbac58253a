"""The file of what was refused, to be mended and imported again."""

import filecmp
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from msgspec import DecodeError, Raw, json

from lrs.files import open_private
from lrs.importer.broken import Broken
from lrs.statement import Invalid

_check = json.Decoder(dict[str, Raw]).decode
_PIPES = ("/dev/fd/", "/dev/stdin", "/proc/")
"""Where shells name what a command is given to read: `lrs import <(zcat export.gz)`."""


def refusals_path(file: Path | None) -> Path:
    """Give the place of the file: beside the one imported, in the working folder for a pipe."""
    if file is None or str(file).startswith(_PIPES):
        return Path("stdin.refused.jsonl")
    return file.parent / f"{file.name}.refused.jsonl"


class Refusals:
    """Writes one line of JSON for each refused statement: ``line``, ``reason`` and the ``statement`` as it was.

    What is no JSON is a ``text``, empty for what was too large to be kept. The file is made at the first one. All
    methods raise Broken if it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before: Path | None = None
        self._file: BinaryIO | None = None
        self._failed = False

    def set_aside(self) -> None:
        """Keep what an import before left, which may be half mended."""
        # Only a file of our kind: a device or a pipe named as the place is written to and never moved.
        if self.path.is_file():
            with self._writing():
                self._before = next(place for place in self._aside() if not os.path.lexists(place))
                self.path.rename(self._before)

    def _aside(self) -> Iterator[Path]:
        """Give places for the file of an import before: none of earlier ones gives way, somebody may have mended it."""
        before = self.path.with_name(f"{self.path.name}.before")
        yield before
        for number in count(2):
            yield before.with_name(f"{before.name}.{number}")

    def add(self, line: int, reason: Invalid, text: bytes) -> None:
        """Write down a refusal."""
        with self._writing():
            if self._file is None:
                # People are in it: not for other accounts.
                self._file = open_private(self.path)
            head = json.encode({"line": line, "reason": str(reason)})
            self._file.write(b'%b,"%b}\n' % (head[:-1], _as_property(text)))

    def flush(self) -> None:
        """See to it that what was written is in the file."""
        if self._file is not None:
            with self._writing():
                self._file.flush()

    def close(self) -> None:
        """Close the file; the one before is let go if it says the same."""
        if self._file is None:
            return
        if self._failed:  # that was said
            with suppress(OSError):
                self._file.close()
            return
        with self._writing():
            self._file.close()
        # Somebody may have taken either away meanwhile.
        with suppress(FileNotFoundError):
            if self._before and filecmp.cmp(self._before, self.path, shallow=False):
                self._before.unlink()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._failed = True
            raise Broken(
                f"{self.path} can't be written: {error.strerror}; say with --refused where else refused statements "
                "are to go, and run the import again"
            ) from None


def _as_property(text: bytes) -> bytes:
    try:
        text.decode()
        _check(text)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return b'text":' + json.encode(text.decode(errors="replace"))
    # Line ends in good JSON are white space.
    return b'statement":' + text.replace(b"\r", b" ").replace(b"\n", b" ")

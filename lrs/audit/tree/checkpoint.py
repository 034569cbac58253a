"""Checkpoints: what a log says of its tree at a size. Source: C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint)."""

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple, Self

from lrs.audit.tree.hashing import HASH_BYTES
from lrs.audit.tree.note import BadNote, Note, Verifier

_MOST_DIGITS = 19


class Checkpoint(NamedTuple):
    """The root of a log's tree at a size."""

    origin: str
    """Which log it is."""
    size: int
    root: bytes

    def text(self) -> str:
        """Write what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note. Raises BadNote; lines of extension are none of ours."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise BadNote("a checkpoint is three lines: origin, size, root")
        origin, size, encoded, _ = lines
        if not (size.isascii() and size.isdigit() and len(size) <= _MOST_DIGITS and str(int(size)) == size):
            raise BadNote(f"{size[:100]!r} is no size of a tree")
        try:
            root = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            root = b""
        checkpoint = cls(origin, int(size), root)
        if len(root) != HASH_BYTES or checkpoint.text() != text:
            raise BadNote(f"{encoded[:100]!r} is no hash: 32 bytes as base64")
        return checkpoint


def verified(written: str, origin: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """Read a checkpoint of a log that one of these keys signed. Raises BadNote."""
    note = Note.parse(written)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise BadNote(f"the checkpoint is of another log: {checkpoint.origin}, not {origin}")
    signed = [verifier.signed(note) for verifier in verifiers]  # all are looked at: a forged line spoils the note
    if not any(signed):
        raise BadNote(f"the checkpoint isn't signed by a known key of {origin}")
    return checkpoint

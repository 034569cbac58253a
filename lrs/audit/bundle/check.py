"""Checks a bundle with nothing but the bundle and a public key: no database, no network, no settings."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from lrs.audit.bundle.lines import (
    BLOCK,
    FORMAT,
    BadLine,
    Block,
    Claim,
    Event,
    Head,
    Line,
    Outline,
    Seal,
    moment,
    read,
    row_of,
    seal_text,
)
from lrs.audit.bundle.parts import Parts, about, opened, parts_of
from lrs.audit.bundle.problem import Problem
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.hashing import HASH_BYTES
from lrs.audit.tree.keys import successors
from lrs.audit.tree.note import BadNote, Note, Verifier
from lrs.audit.tree.proof import BadProof, check_consistency, check_inclusion
from lrs.audit.tree.tile import Edge, split

MOST_PROBLEMS: Final = 100
LONGEST_LINE: Final = 1 << 28


Opened = Callable[[UUID, datetime, Parts, list[bytes | None]], None]
"""Takes a statement that was opened: id, when it was stored, and the plain text of its parts."""


class Check:
    """The check of one bundle; ``run`` once, then look what was found."""

    def __init__(self, key: Verifier, kept: str | None = None, statement: Opened | None = None) -> None:
        """``kept`` is a checkpoint of the same log that was kept elsewhere; it must be one this log went on from."""
        self._key = key
        self._kept_note = kept
        self._statement = statement
        self._verifiers = [key]
        self._kept: Checkpoint | None = None
        self.problems: list[Problem] = []
        self.checkpoint: Checkpoint | None = None
        self.claim: Claim | None = None
        self.events = 0
        self.opened = 0
        """Statements of which at least the text could be read."""
        self._is_about: Callable[[Parts], bool] = lambda _: True
        self._block: Block | None = None
        self._hashes: list[bytes] = []
        self._position = 0
        self._stored: datetime | None = None
        self._expected = 0
        """Of a whole bundle, the position that must come next."""
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._outlines: dict[int, datetime] = {}
        self._edge = Edge()
        """Of a bundle from the first position on: the tree of what came so far."""
        self._roots: dict[int, bytes] = {}

    def run(self, written: Iterable[bytes]) -> bool:
        """Check the lines of a bundle, each with its newline; gives whether all is as it was signed."""
        digest, count = sha256(), 0
        sealed = False
        for raw in written:
            count += 1
            if sealed:
                self._say(f"line {count}", "there is something behind the seal")
                break
            try:
                line = read(raw)
            except BadLine as error:
                self._say(f"line {count}", str(error))
                line = None
            if isinstance(line, Seal):
                sealed = True
                self._seal(line, count - 1, digest.digest())
                continue
            digest.update(raw)
            if count == 1:
                if not isinstance(line, Head):
                    self._say("line 1", "this is no bundle, or its first line was changed")
                    return False
                self._head(line)
                if self.checkpoint is None:
                    return False
            elif line is not None:
                self._line(count, line)
            if len(self.problems) >= MOST_PROBLEMS:
                self._say(f"line {count}", "there are too many problems: the rest isn't looked at")
                return False
        self._end(sealed=sealed)
        return not self.problems

    def _say(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))

    def _head(self, head: Head) -> None:
        if head.format != FORMAT:
            self._say("line 1", f"this is {head.format[:100]!r}, not {FORMAT!r}")
            return
        if head.origin != self._key.name:
            self._say("origin", f"the bundle is of another log: {head.origin}, not {self._key.name}")
            return
        self.claim = claim = head.claim
        try:
            self._verifiers = successors(head.origin, self._key, head.endorsements)
            self.checkpoint = verified(head.checkpoint, head.origin, self._verifiers)
        except BadNote as error:
            self._say("checkpoint", str(error))
            return
        if not 1 <= claim.first <= claim.last + 1 <= self.checkpoint.size + 1:
            self._say(
                "line 1",
                f"positions {claim.first} to {claim.last} can't be: the log is signed up to {self.checkpoint.size}",
            )
        self._expected = claim.first
        if claim.learners:
            self._is_about = about(claim)
        try:
            self._since = moment(claim.since) if claim.since is not None else None
            self._until = moment(claim.until) if claim.until is not None else None
        except BadLine as error:
            self._say("line 1", str(error))
        self._consistency(head, self.checkpoint)
        self._compare_kept(head, self.checkpoint)

    def _consistency(self, head: Head, checkpoint: Checkpoint) -> None:
        for one in head.consistency:
            self._roots[one.size] = one.root
            try:
                check_consistency(one.size, one.root, checkpoint.size, checkpoint.root, one.hashes)
            except BadProof as error:
                self._say(f"size {one.size}", f"the log did not go on from it: {error}")

    def _compare_kept(self, head: Head, checkpoint: Checkpoint) -> None:
        if self._kept_note is None:
            return
        try:
            self._kept = kept = verified(self._kept_note, head.origin, self._verifiers)
        except BadNote as error:
            self._say("the checkpoint you kept", str(error))
            return
        if kept.size > checkpoint.size:
            self._say(
                "checkpoint",
                f"it is older than the one you kept: of size {checkpoint.size}, yours of {kept.size}. An old "
                "checkpoint was replayed, or this bundle was made before",
            )
        elif kept.size == checkpoint.size:
            self._same_root(checkpoint.root)

    def _same_root(self, root: bytes) -> None:
        kept = self._kept
        if kept is not None and kept.root != root:
            self._say(
                f"size {kept.size}",
                "the log forked: its first events aren't those of the checkpoint you kept, though both are signed",
            )

    def _line(self, count: int, line: Line) -> None:
        match line:
            case Block():
                self._on_block(count, line)
            case Event() | Outline():
                try:
                    self._on_event(line)
                except (BadLine, ValueError) as error:
                    self._say(f"position {line.position}", str(error))
            case _:
                self._say(f"line {count}", "there is a second first line")

    def _on_block(self, count: int, block: Block) -> None:
        size = self.checkpoint.size if self.checkpoint else 0
        blocks = -(-size // BLOCK)
        last = self._block.number if self._block else -1
        if not last < block.number < blocks:
            self._say(
                f"line {count}", f"block {block.number} doesn't come after block {last}, or is beyond the log's end"
            )
            return
        self._block = block
        self._hashes = list(split(block.hashes))
        first, end = block.number * BLOCK, min((block.number + 1) * BLOCK, size)
        where = f"positions {first + 1} to {end}"
        if len(block.hashes) != (end - first) * HASH_BYTES:
            self._say(where, "there are more or fewer hashes of this block than it has events")
            return
        edge = Edge()
        for hash_ in self._hashes:
            edge.add(hash_)
        root = self.checkpoint.root if self.checkpoint else b""
        try:
            check_inclusion(edge.root(), block.number, blocks, block.path, root)
        except BadProof:
            self._say(where, "these events, or their proof, aren't those of the signed tree")

    def _on_event(self, line: Event | Outline) -> None:
        position = line.position
        if position <= self._position:
            self._say(f"position {position}", f"it comes after position {self._position}: swapped, or there twice")
            return
        self._position = position
        if self._block is None or (position - 1) // BLOCK != self._block.number:
            self._say(f"position {position}", "it has no proof: it was added, or its block was taken out")
            return
        digest = line.state_sha256 if isinstance(line, Outline) else sha256(line.state).digest()
        row = row_of(line, digest)
        at = (position - 1) % BLOCK
        if at >= len(self._hashes) or row.leaf() != self._hashes[at]:
            self._say(
                f"position {position}", "this isn't the event that was signed: it was changed, or put in its place"
            )
            return
        if self._stored is not None and row.stored <= self._stored:
            self._say(f"position {position}", "it was stored no later than the event before it")
        self._stored = row.stored
        if isinstance(line, Outline):
            self._outlines[position] = row.stored
        else:
            self._take(line, row.stored, self._hashes[at])

    def _take(self, event: Event, stored: datetime, leaf: bytes) -> None:
        """Take in an event that is in the signed tree: see whether it belongs here, and open it."""
        claim = self.claim
        if claim is None:
            return
        early, late = self._since is not None and stored < self._since, self._until is not None and stored > self._until
        if early or late or not claim.first <= event.position <= claim.last:
            self._say(f"position {event.position}", "it isn't of the period that the bundle is about: it was added")
            return
        if claim.whole:
            if event.position > self._expected:
                self._missing(self._expected, event.position - 1)
            self._expected = event.position + 1
        self.events += 1
        self._grow(event.position, leaf)
        parts = parts_of(event.topic, event.state)
        if not claim.whole and not self._is_about(parts):
            self._say(f"position {event.position}", "it isn't about whom the bundle is about: it was added")
        if event.keys:
            plain = list(opened(event.id, parts, event.keys))
            if plain[0] is not None:
                self.opened += 1
            if self._statement is not None:
                self._statement(event.id, stored, parts, plain)

    def _grow(self, position: int, leaf: bytes) -> None:
        """Make the tree of a bundle from the first position on, so that any checkpoint within it can be compared."""
        kept = self._kept
        if kept is not None and self._edge.size == position - 1 < kept.size:
            self._edge.add(leaf)
            if kept.size == position:
                self._roots[position] = self._edge.root()

    def _missing(self, first: int, last: int) -> None:
        if first == last:
            self._say(f"position {first}", "it is missing")
        else:
            self._say(f"positions {first} to {last}", "they are missing")

    def _seal(self, seal: Seal, lines: int, digest: bytes) -> None:
        try:
            note = Note.parse(seal.note)
            signed = any([verifier.signed(note) for verifier in self._verifiers])  # noqa: C419  # forged ones are found
        except BadNote as error:
            self._say("seal", str(error))
            return
        if not signed:
            self._say("seal", "it isn't signed by a known key of the log")
        elif note.text != seal_text(self._key.name, lines, digest):
            self._say("seal", "the bundle isn't as it was made: lines were changed, added, taken out or put elsewhere")

    def _end(self, *, sealed: bool) -> None:
        claim, checkpoint = self.claim, self.checkpoint
        if claim is None or checkpoint is None:
            self._say("line 1", "there is nothing in it")
            return
        if not sealed:
            self._say("end", "the seal is missing: the bundle was cut off")
        if claim.whole:
            if self._expected <= claim.last:
                self._missing(self._expected, claim.last)
            self._period(claim, checkpoint)
        kept = self._kept
        if kept is not None and 0 < kept.size < checkpoint.size:
            if kept.size in self._roots:
                self._same_root(self._roots[kept.size])
            else:
                self._say(
                    "the checkpoint you kept",
                    f"the bundle doesn't show that the log goes on from it: make it with --since {kept.size}",
                )

    def _period(self, claim: Claim, checkpoint: Checkpoint) -> None:
        """See that the events beside a period lie outside it, so that none within it is left out."""
        if self._since is not None and claim.first > 1:
            before = self._outlines.get(claim.first - 1)
            if before is None or before >= self._since:
                self._say(
                    f"position {claim.first - 1}", f"it isn't shown to be before {claim.since}: events may be left out"
                )
        if self._until is not None and claim.last < checkpoint.size:
            after = self._outlines.get(claim.last + 1)
            if after is None or after <= self._until:
                self._say(
                    f"position {claim.last + 1}", f"it isn't shown to be after {claim.until}: events may be left out"
                )

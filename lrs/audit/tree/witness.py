"""Asks witnesses to cosign checkpoints. Source: C2SP tlog-witness (https://c2sp.org/tlog-witness)."""

import base64
import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final, Self

import httpx

from lrs.audit.tree.checkpoint import Checkpoint
from lrs.audit.tree.note import BadNote, Note, Signature, Verifier, signature_lines
from lrs.audit.tree.proof import HashOf, consistency
from lrs.audit.tree.store_notary import Fork
from lrs.settings import SettingsError

log = logging.getLogger(__name__)
_PATIENCE: Final = 5.0
"""Seconds a witness gets."""
_REST: Final = 60.0
"""Seconds a witness that failed isn't asked again."""
_LARGEST_ANSWER: Final = 1 << 16


class NoAnswer(Exception):
    """A witness didn't cosign; the message says why."""


class Witness:
    """One witness: its key, and where checkpoints are submitted."""

    def __init__(self, verifier: Verifier, url: str) -> None:
        self.verifier = verifier
        self._url = url.rstrip("/") + "/add-checkpoint"
        self._seen: dict[str, int] = {}
        self._rests_until = 0.0

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what the settings say: verifier key, space, URL. Raises BadNote."""
        vkey, _, url = written.partition(" ")
        verifier = Verifier.parse(vkey)
        if not url.strip().startswith(("https://", "http://")):
            raise BadNote(f"{url.strip()[:200]!r} is no URL to submit checkpoints at")
        return cls(verifier, url.strip())

    def cosign(self, client: httpx.Client, note: Note, checkpoint: Checkpoint, hash_of: HashOf) -> list[Signature]:
        """Submit a checkpoint; gives the witness's cosignatures. Raises NoAnswer, and Fork if it saw another tree."""
        # What it has seen is only known to it: its 409 tells.
        for _ in range(2):
            old = self._seen.get(checkpoint.origin, 0)
            answer = self._submit(client, old, note, checkpoint, hash_of)
            if answer.status_code == 200:
                found = self._verified(answer.text, note)
                self._seen[checkpoint.origin] = checkpoint.size
                return found
            if answer.status_code != 409:
                break
            seen = _size(answer.text)
            if seen > checkpoint.size:
                raise Fork(
                    f"the witness {self.verifier.name} has seen a checkpoint of size {seen}, and the log ends at "
                    f"{checkpoint.size}: the database was put back from an older copy. Nothing is published: see "
                    "docs/proof.md, 'After a loss'"
                )
            self._seen[checkpoint.origin] = seen
        if answer.status_code == 422:
            raise Fork(
                f"the witness {self.verifier.name} says that size {checkpoint.size} contradicts what it has seen: the "
                "log was changed. Nothing is published: see docs/proof.md, 'After a loss'"
            )
        raise NoAnswer(f"it answered {answer.status_code} {answer.text[:200].strip()}")

    def _submit(
        self, client: httpx.Client, old: int, note: Note, checkpoint: Checkpoint, hash_of: HashOf
    ) -> httpx.Response:
        proof = consistency(old, checkpoint.size, hash_of)
        lines = "".join(f"{base64.b64encode(hash_).decode()}\n" for hash_ in proof)
        try:
            answer = client.post(self._url, content=f"old {old}\n{lines}\n{note}".encode())
        except httpx.HTTPError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        if len(answer.content) > _LARGEST_ANSWER:
            raise NoAnswer("it answered at great length")
        return answer

    def _verified(self, lines: str, note: Note) -> list[Signature]:
        try:
            given = signature_lines(lines)
            ours = [one for one in given if (one.name, one.key_id) == (self.verifier.name, self.verifier.key_id)]
            if not ours or not self.verifier.signed(Note(note.text, tuple(ours))):
                raise NoAnswer("it answered without a cosignature of its key")
        except BadNote as error:
            raise NoAnswer(str(error)) from None
        return ours

    def rests(self) -> bool:
        """Tell whether it failed a moment ago."""
        return monotonic() < self._rests_until

    def failed(self) -> None:
        """Leave it alone for a while."""
        self._rests_until = monotonic() + _REST


def witnesses(written: Iterable[str]) -> list[Witness]:
    """Give the witnesses that LRS_WITNESSES names. Raises SettingsError."""
    try:
        return [Witness.parse(one) for one in written]
    except BadNote as error:
        raise SettingsError(f"LRS_WITNESSES: {error}") from None


def cosigned(witnesses: Iterable[Witness]) -> Callable[[Note, Checkpoint, HashOf], Note]:
    """Give what adds the cosignatures of these witnesses to checkpoints.

    A witness that doesn't answer is left out, and said once a minute: a checkpoint is published with those it got.
    """
    asked = list(witnesses)

    def cosign(note: Note, checkpoint: Checkpoint, hash_of: HashOf) -> Note:
        found = list(note.signatures)
        with httpx.Client(timeout=_PATIENCE) as client:
            for witness in asked:
                if witness.rests():
                    continue
                try:
                    found += witness.cosign(client, note, checkpoint, hash_of)
                except NoAnswer as error:
                    log.warning("%s: witness %s: %s", checkpoint.origin, witness.verifier.name, error)
                    witness.failed()
        return note._replace(signatures=tuple(found))

    return cosign


def _size(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise NoAnswer("it answered 409 without the size it has seen")
    return int(digits)

"""A store's policy, its own vocabulary and its look: reading and changing them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from lrs.configuration.configuration_log import ConfigurationLog
from lrs.configuration.store_look import StoreLook
from lrs.configuration.store_policy import PolicyVersion, StorePolicy
from lrs.configuration.store_vocabulary import StoreVocabulary
from lrs.errors import ChangedMeanwhile, Malformed, NotFound
from lrs.statement.formats import iri
from lrs.statement.verb import VOIDED
from schemas.act import ActKind
from schemas.look import Look
from schemas.policy import Policy
from schemas.vocabulary import VerbMeaning, VocabularyChange

STORE_ORIGIN = "store"
_SHIPPED = datetime(1970, 1, 1, tzinfo=UTC)
_OTHER_OBJECTS = ("Agent", "Group", "StatementRef", "SubStatement")
"""What stands for the type of an object that is no activity."""
_REASON_LENGTH = 500


class Changed(Struct, frozen=True):
    """What came of a change."""

    applied: bool
    """Whether it is so now: not if it was a dry run or nothing changes."""
    position: int | None
    """Place in the store's log, if something changed."""


class Configuration:
    """Reads and changes policy and vocabulary of one store. Synchronous and safe to use from several threads.

    ``by`` says who asks, for the record. Methods raise a ``Refused``, or Unavailable.
    """

    def __init__(self, log: ConfigurationLog) -> None:
        """Work on the configuration of this store."""
        self._log = log

    def policy(self) -> Policy:
        """Give the policy now."""
        return self._log.get(StorePolicy).policy

    def today(self) -> date:
        """Give the day it is in the organisation's own time zone."""
        return datetime.now(ZoneInfo(self.policy().time_zone)).date()

    def present(self) -> PolicyVersion:
        """Give the policy now with its version, which is 0 for the shipped one."""
        history = self.history()
        return history[-1] if history else PolicyVersion(0, _SHIPPED, "", "", Policy())

    def history(self) -> list[PolicyVersion]:
        """Give every policy that was ever set, oldest first; the shipped one, which counts before, isn't among them."""
        return self._log.get(StorePolicy).history

    def version(self, number: int) -> PolicyVersion:
        """Give a policy that was set. Raises NotFound."""
        for found in self.history():
            if found.version == number:
                return found
        raise NotFound(f"there is no version {number} of the policy")

    def set_policy(
        self, policy: Policy, *, by: str, why: str = "", seen: int | None = None, dry_run: bool = False
    ) -> Changed:
        """Set the policy, whole. ``seen`` is the version that the change was made on, if anybody looked.

        Raises ChangedMeanwhile if that isn't the present one, Malformed for a reason that isn't one.
        """
        reason = checked_reason(why)

        def attempt() -> Changed:
            aggregate = self._log.get(StorePolicy)
            if seen is not None and seen != aggregate.version:
                raise ChangedMeanwhile(
                    f"the policy is at version {aggregate.version} now, not {seen}: look at it first"
                )
            changes = aggregate.change_to(policy, by=by, why=reason)
            return self._recorded(aggregate, changes=changes, dry_run=dry_run)

        return self._log.decide(attempt)

    def look(self) -> Look:
        """Give how the dashboard looks now."""
        return self._log.get(StoreLook).look

    def set_look(self, look: Look, *, by: str, why: str = "", dry_run: bool = False) -> Changed:
        """Set the look, whole. Raises Malformed for a reason that isn't one."""
        reason = checked_reason(why)

        def attempt() -> Changed:
            aggregate = self._log.get(StoreLook)
            changes = aggregate.change_to(look, by=by, why=reason)
            return self._recorded(aggregate, changes=changes, dry_run=dry_run)

        return self._log.decide(attempt)

    def meanings(self) -> list[VerbMeaning]:
        """Give the store's own meanings, by verb; the narrower ones first."""
        found = self._log.get(StoreVocabulary).meanings.values()
        return sorted(found, key=lambda meaning: (meaning.verb, not meaning.types, meaning.types))

    def map_verb(
        self, verb: str, kind: str | None, types: tuple[str, ...] = (), *, by: str, why: str = "", dry_run: bool = False
    ) -> Changed:
        """Say what a verb means here, with objects of these activity types or any; no kind: it is no learning act.

        Raises Malformed.
        """
        return self.change_meanings([(verb, kind, types)], (), by=by, why=why, dry_run=dry_run)

    def unmap_verb(self, verb: str, *, by: str, why: str = "", dry_run: bool = False) -> Changed:
        """Take back all that this store said of a verb: the shipped meaning counts again. Raises NotFound."""
        if not any(meaning.verb == verb for meaning in self.meanings()):
            raise NotFound(f"this store has no meaning of its own for {verb}")
        return self.change_meanings((), (verb,), by=by, why=why, dry_run=dry_run)

    def change_meanings(
        self,
        meanings: Sequence[tuple[str, str | None, tuple[str, ...]]],
        removed: Sequence[str],
        *,
        by: str,
        why: str = "",
        dry_run: bool = False,
    ) -> Changed:
        """Take back what was said of some verbs, then add meanings: verb, kind, activity types. Raises Malformed."""
        reason = checked_reason(why)
        change = VocabularyChange(
            meanings=tuple(_meaning(verb, kind, types) for verb, kind, types in meanings),
            removed=tuple(_checked_iri(verb, "a verb") for verb in removed),
        )
        _refuse_contradictions(change)

        def attempt() -> Changed:
            aggregate = self._log.get(StoreVocabulary)
            changes = aggregate.change(change, by=by, why=reason)
            return self._recorded(aggregate, changes=changes, dry_run=dry_run)

        return self._log.decide(attempt)

    def _recorded(
        self, aggregate: StorePolicy | StoreVocabulary | StoreLook, *, changes: bool, dry_run: bool
    ) -> Changed:
        if dry_run or not changes:
            return Changed(applied=False, position=None)
        return Changed(applied=True, position=self._log.record(aggregate))


def _meaning(verb: str, kind: str | None, types: tuple[str, ...]) -> VerbMeaning:
    return VerbMeaning(
        verb=_checked_iri(verb, "a verb"),
        kind=None if kind is None else _checked_kind(kind),
        origin=STORE_ORIGIN,
        types=tuple(sorted({_checked_type(one) for one in types})),
    )


def _refuse_contradictions(change: VocabularyChange) -> None:
    """Refuse a change that says two things of one verb."""
    kinds: dict[tuple[str, tuple[str, ...]], ActKind | None] = {}
    for meaning in change.meanings:
        if meaning.verb == VOIDED:
            raise Malformed(f"{VOIDED} voids a statement, as xAPI says: it can't mean anything else")
        if meaning.verb in change.removed:
            raise Malformed(f"{meaning.verb} is in meanings and in removed: leave one of them out")
        if kinds.setdefault((meaning.verb, meaning.types), meaning.kind) != meaning.kind:
            raise Malformed(f"{meaning.verb} is given two kinds with the same types: leave one of them out")


def _checked_iri(text: str, what: str) -> str:
    if not iri(text):
        raise Malformed(f"{text!r} can't be {what}: write an IRI with a scheme (https://…)")
    return text


def _checked_type(text: str) -> str:
    return text if text in _OTHER_OBJECTS else _checked_iri(text, "an activity type")


def _checked_kind(text: str) -> ActKind:
    try:
        return ActKind(text)
    except ValueError:
        raise Malformed(f"{text!r} is no kind of learning act: choose from {', '.join(ActKind)}") from None


def checked_reason(why: str) -> str:
    """Give a reason for the record. Raises Malformed."""
    if len(why) > _REASON_LENGTH or not why.isprintable():
        raise Malformed(f"a reason is one line of up to {_REASON_LENGTH} characters")
    return why

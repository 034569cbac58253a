"""What a batch of messages changes: acts to fold, persons to fold again, persons whose rows are made again."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from projections.replay.configuration import MEANING, Configuration
from projections.replay.meant import Meant, References, meant, targets
from schemas.message import Message

_TOGETHER: Final = 20
_ACTS_TOGETHER: Final = 10_000
_ALONE: Final = 20
"""Acts that a person counts for besides their own."""


class Log(Protocol):
    """The log up to a position."""

    def of(self, ids: Collection[UUID]) -> Iterable[Message]:
        """Give the statements with these ids."""
        ...

    def touching(self, learners: Collection[UUID]) -> Iterable[Sequence[Message]]:
        """Give all statements that mention these learners or point at one that does, in order, in pages.

        Each comes once, voided or not; there may be others.
        """
        ...

    def voiding(self, ids: Collection[UUID]) -> Iterable[Message]:
        """Give the statements that void any of these."""
        ...

    def referrers(self, ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
        """Give which statements point at these, by what they point at."""
        ...


class Batch(NamedTuple):
    """What some messages, which follow each other in the log, change."""

    configuration: Configuration
    """After them; policy and vocabulary stay as they were."""
    acts: list[Meant]
    """Of the new statements."""
    refold: set[UUID]
    """Persons whose earlier acts changed: to be folded again as a whole."""
    remake: set[UUID]
    """Other persons of whom the organisation knows something else: their rows are made again."""
    meaning: int
    """Position of the last policy or vocabulary event among them; 0 if there is none."""


def read_batch(messages: Sequence[Message], log: Log, before: Configuration) -> Batch:
    """Tell what messages change; the log goes up to the last of them."""
    changes = [message for message in messages if message.kind != "statement"]
    statements = [message for message in messages if message.kind == "statement"]
    configuration = before.after(changes, meaning=before.meaning)
    linked, known = configuration.people.changed_since(before.people) if changes else (set(), set())
    references, earlier = _references(statements, log)
    acts = _effective(statements, references, configuration)
    refold = linked | _erased(changes, before, configuration)
    for message in earlier:
        if (changed := meant(message, references, configuration)) is not None:
            refold.update(changed.touched)
    # Others keep whom their acts concern: they are folded again with who that is now.
    for acts_then in refolded(linked, log, configuration):
        refold.update(person for one in acts_then if not linked.isdisjoint(one.touched) for person in one.touched)
    meaning = max((message.position for message in changes if message.kind in MEANING), default=0)
    return Batch(configuration, acts, refold, known - refold, meaning)


def _erased(changes: Iterable[Message], before: Configuration, after: Configuration) -> set[UUID]:
    """Give whom an erasure changes: what they were folded from may say less now, or nothing."""
    learners = {learner for change in changes if change.kind == "erasure" for learner in change.people}
    return {people.person_of(learner) for learner in learners for people in (before.people, after.people)} | learners


def meant_of(messages: Sequence[Message], log: Log, configuration: Configuration) -> list[Meant]:
    """Give what statements mean when the log is known beyond them: what voids them later counts."""
    statements = [message for message in messages if message.kind == "statement"]
    references = References()
    references.add(statements)
    aims = _of(log, references.unknown())
    if statements:
        references.add(log.voiding([message.id for message in statements]))
    references.add(aims)
    return _effective(statements, references, configuration)


def refolded(persons: Collection[UUID], log: Log, configuration: Configuration) -> Iterator[list[Meant]]:
    """Give all acts of these persons, and maybe of others, in order, in pages.

    All persons at once, as what touches many of them (a statement of a large group) is read and classified once so.
    """
    learners = {learner for person in persons for learner in configuration.people.learners_of(person)}
    if learners:
        for page in log.touching(learners):
            yield meant_of(page, log, configuration)


def parts(persons: Collection[UUID], acts: Mapping[UUID, int] | None = None) -> Iterator[set[UUID]]:
    """Cut persons into parts of whom all states and rows may be held in memory at once.

    The parts are larger where it is known of how many ``acts`` each person's are; of none, who isn't among them.
    """
    part: set[UUID] = set()
    size = 0
    for person in sorted(persons):
        weight = _ACTS_TOGETHER // _TOGETHER if acts is None else _ALONE + acts.get(person, 0)
        if part and size + weight > _ACTS_TOGETHER:
            yield part
            part, size = set(), 0
        part.add(person)
        size += weight
    if part:
        yield part


def effective(messages: Collection[Message], configuration: Configuration) -> list[Meant]:
    """Give what statements mean, all that they point at and that points at them being among the messages."""
    statements = [message for message in messages if message.kind == "statement"]
    references = References()
    references.add(statements)
    return _effective(statements, references, configuration)


def _effective(statements: Iterable[Message], references: References, configuration: Configuration) -> list[Meant]:
    return [
        one
        for message in statements
        if not references.is_voided(message.id) and (one := meant(message, references, configuration)) is not None
    ]


def _references(statements: Sequence[Message], log: Log) -> tuple[References, list[Message]]:
    """Look up what statements point at and what points at them; gives the others that they change.

    Those are the ones they void, and the ones that refer to them.
    """
    references = References()
    references.add(statements)
    if not statements:
        return references, []
    new = {message.id for message in statements}
    pointing = {id_ for ids in log.referrers(new).values() for id_ in ids}
    others = {message.id: message for message in _of(log, (references.unknown() | pointing) - new)}
    references.add(others.values())
    voided = {voids for id_ in new if (voids := references.glance(id_).voids) is not None}
    changed = [
        message
        for message in others.values()
        if (message.id in voided and references.glance(message.id).voids is None)
        or not new.isdisjoint(targets(references.glance(message.id)))
    ]
    # Whom they refer to in turn.
    references.add(
        _of(log, {aim for one in changed for aim in targets(references.glance(one.id)) if aim not in references})
    )
    return references, changed


def _of(log: Log, ids: Collection[UUID]) -> Iterable[Message]:
    return log.of(ids) if ids else ()

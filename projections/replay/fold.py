"""Folding what was meant into the states of persons, and making rows of those."""

from collections.abc import Container, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from projections.projection import Projection, Rows
from projections.replay.configuration import Configuration
from projections.replay.meant import Meant

S = TypeVar("S")
_REASON_LENGTH = 500


class Broken(NamedTuple):
    """Why somebody's state or rows could not be made."""

    position: int
    """Of the statement; 0 if the rows broke."""
    statement: UUID | None
    reason: str


class Folded(NamedTuple, Generic[S]):
    """States after a fold, of everybody who was touched."""

    states: dict[UUID, S]
    broken: dict[UUID, Broken]
    """These have no state."""


def fold(
    projection: Projection[S], before: Mapping[UUID, S], acts: Iterable[Meant], only: Container[UUID] | None = None
) -> Folded[S]:
    """Fold acts into the states there are, each person's for themselves; ``only`` restricts to some persons."""
    states: dict[UUID, S] = {}
    broken: dict[UUID, Broken] = {}
    for one in acts:
        for person in one.touched:
            if person in broken or (only is not None and person not in only):
                continue
            state = states[person] if person in states else before.get(person)
            try:
                states[person] = projection.fold(
                    projection.state() if state is None else state, person, one.understood()
                )
            except Exception as error:  # whatever it is, it is one person's
                states.pop(person, None)
                broken[person] = Broken(one.message.position, one.message.id, reason(error))
    return Folded(states, broken)


def rows_of(projection: Projection[S], state: S, person: UUID, configuration: Configuration) -> Rows | Broken:
    """Make somebody's rows."""
    try:
        rows: Mapping[str, Any] = projection.rows(state, person, configuration.policy, configuration.people.get(person))
    except Exception as error:  # whatever it is, it is one person's
        return Broken(0, None, reason(error))
    return rows


def reason(error: Exception) -> str:
    """Write why something broke, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_REASON_LENGTH]

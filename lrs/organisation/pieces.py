"""Cuts a large change into events of a size that a stream carries (NATS takes messages of a megabyte by default)."""

from collections.abc import Iterator
from typing import TypeVar

from schemas.organisation import OrganisationChange

T = TypeVar("T")
MOST = 1_000
"""Persons or teams in one event; each takes some 300 bytes."""


def pieces(change: OrganisationChange) -> Iterator[OrganisationChange]:
    """Give changes that together make this one: what others depend on comes first, what depends on others goes first.

    All are recorded in one transaction; who follows the log event by event sees them one after the other.
    """
    if size(change) <= MOST:
        yield change
        return
    yield from (OrganisationChange(removed_memberships=part) for part in _cut(change.removed_memberships))
    yield from (OrganisationChange(removed_managements=part) for part in _cut(change.removed_managements))
    yield from (OrganisationChange(removed_people=part) for part in _cut(change.removed_people))
    yield from (OrganisationChange(removed_teams=part) for part in _cut(change.removed_teams))
    yield from (OrganisationChange(teams=part) for part in _cut(change.teams))
    yield from (OrganisationChange(people=part) for part in _cut(change.people))
    yield from (OrganisationChange(added_memberships=part) for part in _cut(change.added_memberships))
    yield from (OrganisationChange(added_managements=part) for part in _cut(change.added_managements))


def size(change: OrganisationChange) -> int:
    """Count what changes."""
    return sum(
        map(
            len,
            (
                change.people,
                change.removed_people,
                change.teams,
                change.removed_teams,
                change.removed_memberships,
                change.added_memberships,
                change.removed_managements,
                change.added_managements,
            ),
        )
    )


def _cut(items: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    return (items[begin : begin + MOST] for begin in range(0, len(items), MOST))

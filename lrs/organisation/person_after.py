"""What becomes of a person by what a row says of them."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from msgspec import UnsetType
from msgspec.structs import replace

from lrs.organisation.period import joined, last
from lrs.organisation.wanted import WantedPerson
from schemas.organisation import Period, Person, Zone

T = TypeVar("T")


def person_after(
    old: Person, row: WantedPerson, learners: Mapping[str, UUID], on: date, *, reopen: bool
) -> Person | None:
    """Give the person after a row; None if they would leave before they begin.

    ``learners`` has the learner of each identity; with ``reopen`` they are here again, unless the row says until when.
    """
    employed = period_after(old.employed, row.since, row.until, reopen=reopen)
    if employed is None:
        return None
    return replace(
        old,
        learners=tuple(dict.fromkeys([*old.learners, *(learners[who] for who in row.identifiers)])),
        locale=said(row.locale, old.locale),
        zones=_zones(old.zones, row, on),
        hours=said(row.hours, old.hours),
        leave=_leave(old.leave, row, on),
        employed=employed,
    )


def said(value: T | UnsetType, otherwise: T) -> T:
    """Give what is said, or what was if nothing is."""
    return otherwise if isinstance(value, UnsetType) else value


def period_after(
    old: Period, since: date | UnsetType | None, until: date | UnsetType | None, *, reopen: bool
) -> Period | None:
    """Give a period with new limits; None if it has no days then."""
    begin = said(since, old.first)
    end = said(until, None if reopen else old.last)
    return Period(begin, end) if begin is None or end is None or begin <= end else None


def _zones(old: tuple[Zone, ...], row: WantedPerson, on: date) -> tuple[Zone, ...]:
    if not isinstance(row.zones, UnsetType):
        return row.zones
    if isinstance(row.zone, UnsetType):
        return old
    name, since = row.zone.name, row.zone.since
    begun = [zone for zone in old if zone.since is None or zone.since <= (since or on)]
    if since is None and begun and begun[-1].name == name:
        return old
    since = since or (on if old else None)
    kept = tuple(zone for zone in old if since is not None and (zone.since is None or zone.since < since))
    # Somebody who is back in the zone they were in before has not moved.
    return kept if kept and kept[-1].name == name else (*kept, Zone(name, since))


def _leave(old: tuple[Period, ...], row: WantedPerson, on: date) -> tuple[Period, ...]:
    if not isinstance(row.leave, UnsetType):
        return row.leave
    if isinstance(row.leave_ahead, UnsetType):
        return old
    return joined((*(period for period in old if last(period) < on), *row.leave_ahead))

"""Who holds what, and when: who belongs to which team, who manages which. Both are pairs of a person and a team."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from lrs.organisation.period import before, contains, first, joined, last, within
from schemas.organisation import Period

K = TypeVar("K")
_DAY = timedelta(days=1)


class Held(NamedTuple):
    """A person belongs to, or manages, a team during a period."""

    person: UUID
    team: str
    during: Period


class Tenure(Generic[K]):
    """One side's view: what one person holds (keys are teams), or who holds one team (keys are persons)."""

    def __init__(self, periods: Iterable[tuple[K, Period]]) -> None:
        self.periods = list(periods)

    def now(self, wanted: Collection[K], on: date, since: date | None = None) -> list[tuple[K, Period]]:
        """Give the periods when these and no others hold from a day on: ``since``, or the day of the import, ``on``.

        What holds on ``on`` goes on as it was, but begins on ``since`` if that is given; the first that is ever known
        has held always, since nobody said otherwise.
        """
        begin = since or on
        current = {key for key, period in self.periods if key in wanted and contains(period, on)}
        kept: list[tuple[K, Period]] = []
        for key, period in self.periods:
            if key in current and contains(period, on):
                kept.append((key, Period(since, period.last) if since is not None and since <= on else period))
            # What ends the day before it begins again is one with it, and all of that begins on ``since``.
            elif (rest := before(period, begin)) is not None and (
                since is None or key not in wanted or last(rest) != since - _DAY
            ):
                kept.append((key, rest))
        began = since or (on if self.periods else None)
        return kept + [(key, Period(began, None)) for key in wanted if key not in current]


def tidied(held: Iterable[Held], limits: dict[UUID, Period], existing: dict[str, Period]) -> tuple[Held, ...]:
    """Give the same in as few periods as possible and in order, none longer than its person works or its team exists.

    What nobody or no team is left for goes.
    """
    by_pair: dict[tuple[UUID, str], list[Period]] = {}
    for person, team, during in held:
        if person in limits and team in existing:
            part = within(during, limits[person])
            part = part and within(part, existing[team])
            if part is not None:
                by_pair.setdefault((person, team), []).append(part)
    return tuple(
        Held(person, team, period)
        for person, team in sorted(by_pair)
        for period in sorted(joined(by_pair[person, team]), key=first)
    )

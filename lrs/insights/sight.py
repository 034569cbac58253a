"""Whom somebody sees.

A learner sees themselves; a manager the people of the teams they manage today and of all teams below those, with who
manages the teams below; L&D, auditors and administrators everybody. It is decided by the organisation of today, also
when the question is about an earlier moment: who may look is not a matter of history.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.insights.caller import Caller
from lrs.insights.store import InsightStore

_queries = sql.load(__package__)


class Sight(NamedTuple):
    """Persons that somebody sees, by all ids they ever had: a person's own and those of their learners."""

    me: UUID | None
    """The caller, if they are somebody we know."""
    people: frozenset[UUID] | None
    """None: everybody."""
    mine: frozenset[UUID]
    """All ids of the caller's own."""
    teams: frozenset[str] | None
    """Teams they may ask about; None: all."""

    def sees(self, person: UUID) -> bool:
        """Tell whether they see this person."""
        return self.people is None or person in self.people

    def asks_about(self, team: str) -> bool:
        """Tell whether they may ask about this team."""
        return self.teams is None or team in self.teams


def sight_of(
    cursor: Cursor[TupleRow], store: InsightStore, caller: Caller, today: date, *, figures: bool = False
) -> Sight:
    """Give whom a caller sees today; with ``figures``, whom figures of groups that they see are about."""
    me, learner = _whoami(cursor, store, caller)
    mine = _all_ids(cursor, set() if me is None or learner is None else {me, learner})
    if caller.sees_everybody or (figures and caller.credential is not None):
        return Sight(me, None, mine, None)
    if me is None or not caller.manages:
        return Sight(me, mine, mine, frozenset())
    found = cursor.execute(_queries.teams_managed, {"me": me, "day": today}).fetchall()
    teams = [team for team, _ in found]
    below = [team for team, own in found if not own]
    own = cursor.execute(_queries.people_of, {"teams": teams, "below": below, "day": today})
    people = mine | _all_ids(cursor, {person for (person,) in own})
    return Sight(me, people, mine, frozenset(teams))


def _whoami(cursor: Cursor[TupleRow], store: InsightStore, caller: Caller) -> tuple[UUID | None, UUID | None]:
    if caller.identity is None:
        return None, None
    row = cursor.execute(_queries.person_of, {"digest": store.keyring.digest("identity", caller.identity)}).fetchone()
    return (None, None) if row is None else (row[1], row[0])


def _all_ids(cursor: Cursor[TupleRow], people: set[UUID]) -> frozenset[UUID]:
    return frozenset(id_ for (id_,) in cursor.execute(_queries.learners_of, {"people": list(people)}))

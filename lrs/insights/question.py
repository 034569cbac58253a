"""A question on its way to the tables: who asks what, as of when, about whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from lrs import sql
from lrs.insights import past
from lrs.insights.answer import Named
from lrs.insights.asking import Asked
from lrs.insights.caller import Caller
from lrs.insights.moment import Moment
from lrs.insights.sight import Sight
from lrs.insights.store import InsightStore
from lrs.organisation.sealing import open_details
from lrs.problem import Problem
from projections.meaning.read import Vocabulary
from schemas.configuration_event import Details, SealedDetails, decode_configuration_event
from schemas.policy import Policy
from schemas.vocabulary import VocabularyChange

_queries = sql.load(__package__)
_vocabulary_change = msgspec.json.Decoder(VocabularyChange).decode
_policy = msgspec.json.Decoder(Policy).decode
_LAST = 2**63 - 1


class Question(Struct, frozen=True):
    """What a read works with. Its cursor's tables are those of the moment, once ``travel`` was called."""

    cursor: Cursor[TupleRow]
    store: InsightStore
    caller: Caller
    asked: Asked
    moment: Moment
    sight: Sight
    policy: Policy
    """Of today: what is protected doesn't depend on the moment."""
    path: dict[str, Any]
    after: tuple[Any, ...] | None
    given: set[UUID]
    """Whose data the answer gives: reads add to it. Figures and mere names don't count."""

    @property
    def now(self) -> datetime:
        """What counts as now, where the store is: the day it is there decides who belongs where, in every read."""
        return self.moment.now.astimezone(ZoneInfo(self.policy.time_zone))

    @property
    def today(self) -> date:
        """The day it is then, where the store is."""
        return self.now.date()

    def subjects(self) -> Sequence[UUID] | None:
        """Give whom the question is about: those the caller sees, or the one of them it names. Raises a Problem 403."""
        if (person := self.asked.person("person")) is not None:
            return sorted(self.ids_of(self.seen(person)))
        return self.everybody()

    def everybody(self) -> Sequence[UUID] | None:
        """Give whom figures are about; None: everybody there is."""
        return None if self.sight.people is None else sorted(self.sight.people)

    def seen(self, person: UUID) -> UUID:
        """Give a person if the caller sees them; whether there is one is said to nobody else. Raises a Problem 403."""
        if not self.sight.sees(person):
            raise Problem(403, f"you may not ask about {person}, or there is nobody of that id")
        return person

    def person(self) -> UUID:
        """Give the person that the path names by any id they ever had. Raises a Problem 403."""
        named = self.seen(self.path["person"])
        row = sql.one(self.cursor.execute(_queries.persons_of, {"ids": [named]}))
        return self.seen(row[0])

    def team(self) -> str | None:
        """Give the team the question names. Raises a Problem 403."""
        team = self.asked.text("team")
        if team is not None and not self.sight.asks_about(team):
            raise Problem(403, f"you may not ask about the team {team[:100]!r}, or there is none of that id")
        return team

    def manager(self) -> UUID | None:
        """Give the manager the question names. Raises a Problem 403."""
        manager = self.asked.person("manager")
        return None if manager is None else self.seen(manager)

    def hushed(self, *names: str) -> bool:
        """Tell whether withheld groups are left out: if one of these is given or at an earlier moment.

        That a group is there at all would say that somebody is in it, and, moment by moment, since when.
        """
        return not self.moment.live or any(name in self.asked.given for name in names)

    def teams(self) -> Sequence[str] | None:
        """Give the teams the caller may ask about; None: all."""
        return None if self.sight.teams is None else sorted(self.sight.teams)

    def travel(self, projection: str, learners: Collection[UUID] | None) -> None:
        """Put the projection's tables as of the moment in place of today's, unless it is now: rows of these, or all."""
        if self.moment.position is not None:
            ids = None if learners is None else self._learners_of(learners)
            parted = set() if learners is None else self._parted(learners)
            past.projection(self.cursor, self.store, projection, self.moment.position, ids, parted)

    def ids_of(self, person: UUID) -> set[UUID]:
        """Give all ids a person has: their own and those of their learners."""
        return self._learners_of([person])

    def _learners_of(self, people: Iterable[UUID]) -> set[UUID]:
        people = list(people)
        ids = {id_ for (id_,) in self.cursor.execute(_queries.learners_of, {"people": people})}
        return ids - self._parted(people)

    def _parted(self, people: Iterable[UUID]) -> set[UUID]:
        """Give learners that were these people then and aren't today, and aren't in sight: unlinking hides the past."""
        if self.moment.live or self.sight.people is None:
            return set()
        today = Identifier(self.store.schema, "person_learners")
        rows = self.cursor.execute(_queries.parted.format(today=today), {"people": list(people)})
        return {learner for (learner,) in rows} - self.sight.people

    def address(self, filters: Mapping[str, str]) -> str:
        """Give the address of the list beside figures, with these filters, as of the same moment."""
        if (as_of := self.asked.given.get("as_of")) is not None:
            filters = {**filters, "as_of": as_of}
        path = self.asked.path.rpartition("/")[0]
        return f"{path}?{urlencode(filters)}" if filters else path

    def persons(self, ids: Iterable[UUID]) -> set[UUID]:
        """Give the persons that ids stand for at the moment, of those among the ids themselves."""
        wanted = set(ids)
        return wanted & {person for (person,) in self.cursor.execute(_queries.persons_of, {"ids": list(wanted)})}

    def person_of(self, learners: Iterable[UUID]) -> dict[UUID, UUID]:
        """Give for each of these learners the person it is."""
        wanted = list(learners)
        rows = self.cursor.execute(_queries.person_of_each, {"ids": wanted}).fetchall()
        return dict(rows)

    def members(self, team: str) -> set[UUID]:
        """Give who belongs at the moment to a team or to one below it."""
        rows = self.cursor.execute(_queries.members_of, {"team": team, "day": self.today})
        return {person for (person,) in rows}

    def details(self, people: Iterable[UUID]) -> dict[UUID, Details]:
        """Give who these are, as far as the organisation knows and the caller may see them."""
        wanted = [person for person in set(people) if self.sight.sees(person)]
        if not wanted or not self.caller.sees_persons:
            return {}
        rows = self.cursor.execute(_queries.sealed_details, {"people": wanted}).fetchall()
        sealed = {person: SealedDetails(key, bytes(text)) for person, key, text in rows}
        details = open_details(self.cursor, self.store.keyring, sealed)
        if self.moment.live or self.sight.people is None:
            return details
        return {
            person: msgspec.structs.replace(one, identifiers=tuple(filter(self._sees_identifier, one.identifiers)))
            for person, one in details.items()
        }

    def _sees_identifier(self, identifier: str) -> bool:
        digest = self.store.keyring.digest("identity", identifier)
        row = self.cursor.execute(_queries.person_of, {"digest": digest}).fetchone()
        return row is not None and self.sight.sees(row[0])

    def named(self, people: Iterable[UUID]) -> dict[UUID, Named]:
        """Give these people with their names."""
        people = set(people)
        details = self.details(people)
        return {person: Named(person, details[person].name or None if person in details else None) for person in people}


def policy_of(cursor: Cursor[TupleRow]) -> Policy:
    """Give the store's policy of today."""
    row = cursor.execute(_queries.last_policy, {"up_to": _LAST}).fetchone()
    return Policy() if row is None else _policy(decode_configuration_event(bytes(row[0])).change)


def vocabulary_of(cursor: Cursor[TupleRow]) -> Vocabulary:
    """Give the store's vocabulary of today."""
    found = Vocabulary.shipped()
    for (state,) in cursor.execute(_queries.vocabulary_events).fetchall():
        found = found.after(_vocabulary_change(decode_configuration_event(bytes(state)).change))
    return found


def day_of(policy: Policy, moment: datetime) -> date:
    """Give the day it is at a moment, where the store is."""
    return moment.astimezone(ZoneInfo(policy.time_zone)).date()

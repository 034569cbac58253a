"""Decides, purely, what a file makes of the organisation: what changes, and which rows can't be taken.

Refused rows are left out and everything is decided anew without them, so that what is taken is right by itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple
from uuid import UUID

from msgspec import UnsetType
from msgspec.structs import replace

from lrs.organisation.held import Held, tidied
from lrs.organisation.identifier import shown_identifier
from lrs.organisation.known import Known, held_of, managements, memberships
from lrs.organisation.period import ALWAYS, before, contains, first, last
from lrs.organisation.person_after import period_after, person_after, said
from lrs.organisation.reporting import Line, Structure
from lrs.organisation.rings import refused_rings
from lrs.organisation.wanted import Refusal, Wanted, WantedPerson, WantedTeam
from schemas.configuration_event import Details
from schemas.organisation import Organisation, Period, Person, Team

_HINTS = 100


class How(NamedTuple):
    """How a file is to be taken."""

    on: date
    """The day that *now* is in it."""
    whole: bool = False
    """Whether it is everything: who and what isn't in it ends the day before."""
    new_teams: bool = False
    """Whether teams that it names and nobody knows are made."""
    good_rows: bool = False
    """Whether good rows are wanted without the bad ones; else it needn't be known what would become of them."""


class Decision(NamedTuple):
    """What a file makes of the organisation, without the rows that are refused."""

    after: Known
    refusals: tuple[Refusal, ...]


def decide(known: Known, wanted: Wanted, learners: Mapping[str, UUID], how: How) -> Decision:
    """Decide; ``learners`` has the learner of every identity in the file.

    Rows that are refused are never taken for absent: with any refusal, a whole file ends nobody and nothing.
    """
    refused: dict[str, Refusal] = {}
    while True:
        people = [row for row in wanted.people or () if row.place not in refused]
        teams = [row for row in wanted.teams or () if row.place not in refused]
        ends = how.whole and not refused and not wanted.refusals
        attempt = _Attempt(known, learners, how, ends=ends)
        after = attempt.run(people if wanted.people is not None else None, teams if wanted.teams is not None else None)
        if not attempt.refusals:
            return Decision(after, (*wanted.refusals, *refused.values()))
        for refusal in attempt.refusals:
            refused.setdefault(refusal.place, refusal)
        if not how.good_rows:
            return Decision(known, (*wanted.refusals, *refused.values()))


class _Attempt:
    """One go at it, which stops at the first stage that refuses rows."""

    def __init__(self, known: Known, learners: Mapping[str, UUID], how: How, *, ends: bool) -> None:
        self._known = known
        self._old = known.organisation
        self._learners = learners
        self._how = how
        self._ends = ends
        self.refusals: list[Refusal] = []

    def run(self, people: Sequence[WantedPerson] | None, rows: Sequence[WantedTeam] | None) -> Known:
        """Give what becomes of the organisation; of no use if there are refusals."""
        persons = self._persons(people or ())
        teams = self._teams(rows)
        self._check_teams(people or (), teams)
        lines = [] if self.refusals else self._lines(people or (), persons)
        if self.refusals:
            return self._known
        everybody = self._people(people, persons)
        limits = {id_: person.employed for id_, person in everybody.items()}
        belonged, managed = (self._resumed(held, everybody, teams) for held in held_of(self._old))
        belongs = _exactly(belonged, persons, {row.place: row.belongs for row in people or ()})
        manages = _exactly(managed, persons, {row.place: row.manages for row in people or ()})
        existing = {id_: team.existed for id_, team in teams.items()}
        # Who left manages nothing now, whatever the rows of others are read by.
        belonging, managing = tidied(belongs, limits, existing), tidied(manages, limits, existing)
        structure = Structure(belonging, managing, teams, limits, self._how.on)
        structure.apply(lines, whole=self._ends)
        self.refusals += structure.refusals
        existing = {id_: team.existed for id_, team in structure.teams.items()}
        members = tidied(structure.members(), limits, existing)
        managers = tidied(structure.managers(), limits, existing)
        after = Organisation(
            people=everybody,
            teams=structure.teams,
            memberships=memberships(members),
            managements=managements(managers),
        )
        if not self.refusals:
            self.refusals += refused_rings(
                after,
                {line.person: line.row for line in lines},
                {row.id: row for row in rows or ()},
                self._how.on,
            )
        return Known(after, self._details(people or (), persons, everybody))

    def _persons(self, rows: Sequence[WantedPerson]) -> dict[str, UUID]:
        """Find whose row each is, by place; somebody new is the learner of their first identifier."""
        persons: dict[str, UUID] = {}
        rows_of: dict[UUID, str] = {}
        """Place of the row that has a learner or a person."""
        for row in rows:
            learners = [self._learners[who] for who in row.identifiers]
            found = dict.fromkeys(
                self._known.person_of[learner] for learner in learners if learner in self._known.person_of
            )
            taken = {learner: who for learner, who in zip(learners, row.identifiers, strict=True) if learner in rows_of}
            if taken:
                learner, who = next(iter(taken.items()))
                self._refuse(row, f"{shown_identifier(who)} is in {rows_of[learner]} too: one row a person")
            elif len(found) > 1:
                self._refuse(
                    row,
                    f"{', '.join(map(shown_identifier, row.identifiers))} are different persons here: if they are one, "
                    "link them first with `lrs learner link`",
                )
            elif (same := next((rows_of[person] for person in found if person in rows_of), None)) is not None:
                self._refuse(row, f"this is the same person as in {same}: their identifiers are linked")
            else:
                person = next(iter(found), learners[0])
                persons[row.place] = person
                rows_of |= dict.fromkeys([*learners, person], row.place)
        return persons

    def _teams(self, rows: Sequence[WantedTeam] | None) -> dict[str, Team]:
        teams = dict(self._old.teams)
        places: dict[str, str] = {}
        for row in rows or ():
            if row.id in places:
                self._refuse(row, f"the team {row.id!r} is in {places[row.id]} too")
                continue
            places[row.id] = row.place
            old = teams.get(row.id, Team(id=row.id, name=row.id))
            existed = period_after(
                old.existed, row.since, row.until, reopen=self._ends and _ended(old.existed, self._how)
            )
            if existed is None:
                self._refuse(row, "the team would end before it begins")
                continue
            teams[row.id] = replace(
                old,
                name=old.name if isinstance(row.name, UnsetType) else row.name or row.id,
                parent=old.parent if isinstance(row.parent, UnsetType) else row.parent,
                existed=existed,
            )
        if self._ends and rows is not None:
            for id_ in teams.keys() - places.keys():
                ended = before(teams[id_].existed, self._how.on)
                if ended is None:
                    del teams[id_]
                else:
                    teams[id_] = replace(teams[id_], existed=ended)
        for row in rows or ():
            if row.parent and row.parent not in teams and not self._made(row.parent, teams):
                self._refuse(row, f"parent: there is no team {row.parent!r}{self._meant(row.parent, teams)}")
        return teams

    def _check_teams(self, rows: Sequence[WantedPerson], teams: dict[str, Team]) -> None:
        """See to it that there are the teams that rows put people in."""
        for row in rows:
            now = row.reporting.teams or ()
            dated = (*(row.belongs or ()), *(row.manages or ()))
            for id_ in (*now, *(one.team for one in dated)):
                if id_ not in teams and not self._made(id_, teams):
                    self._refuse(
                        row,
                        f"column team: there is no team {id_!r}{self._meant(id_, teams)}; --new-teams makes those that "
                        "a file names",
                    )
                    break
            else:
                for id_ in now:
                    if not contains(teams[id_].existed, self._how.on):
                        self._refuse(row, f"column team: {id_!r} doesn't exist on {self._how.on}")
                        break

    def _made(self, id_: str, teams: dict[str, Team]) -> bool:
        if self._how.new_teams:
            teams[id_] = Team(id=id_, name=id_)
        return self._how.new_teams

    def _lines(self, rows: Sequence[WantedPerson], persons: Mapping[str, UUID]) -> list[Line]:
        """Find whom the rows mean by their managers."""
        present = set(persons.values())
        rows_of = {self._learners[who]: row for row in rows for who in row.identifiers}
        lines = []
        for row in rows:
            who = row.reporting.manager
            manager = None
            if isinstance(who, str):
                learner = self._learners[who]
                manager = self._known.person_of.get(learner)
                if manager is None and learner in rows_of:
                    manager = persons[rows_of[learner].place]
                if manager is None or (manager not in present and (self._ends or manager not in self._old.people)):
                    where = "in this file" if self._ends else "here or in this file"
                    self._refuse(row, f"column manager: {shown_identifier(who)} is nobody {where}: give them a row")
                    continue
                if manager == persons[row.place]:
                    self._refuse(row, "column manager: nobody manages themselves")
                    continue
            lines.append(Line(row, persons[row.place], manager))
        return lines

    def _people(self, rows: Sequence[WantedPerson] | None, persons: Mapping[str, UUID]) -> dict[UUID, Person]:
        people = dict(self._old.people)
        for row in rows or ():
            id_ = persons[row.place]
            old = people.get(id_, Person(id=id_, learners=(id_,)))
            reopen = self._ends and _ended(old.employed, self._how)
            person = person_after(old, row, self._learners, self._how.on, reopen=reopen)
            if person is None:
                self._refuse(row, "column until: they would leave before they begin")
            else:
                people[id_] = person
        if self._ends and rows is not None:
            for id_ in people.keys() - set(persons.values()):
                ended = before(people[id_].employed, self._how.on)
                if ended is None:
                    del people[id_]
                else:
                    people[id_] = replace(people[id_], employed=ended)
        return people

    def _details(
        self, rows: Sequence[WantedPerson], persons: Mapping[str, UUID], everybody: Mapping[UUID, Person]
    ) -> dict[UUID, Details]:
        details = {id_: one for id_, one in self._known.details.items() if id_ in everybody}
        for row in rows:
            old = details.get(persons[row.place], Details())
            details[persons[row.place]] = Details(
                said(row.name, old.name), tuple(dict.fromkeys((*old.identifiers, *row.identifiers)))
            )
        return details

    def _resumed(
        self, held: Iterable[Held], people: Mapping[UUID, Person], teams: Mapping[str, Team]
    ) -> Iterator[Held]:
        """Give what is held, where what ended (or began) with an employment or a team goes on as far as that now does.

        Somebody whose contract is extended, or who was left out of a file by mistake, is back in their team.
        """
        for person, team, during in held:
            begin, end = during.first, during.last
            for old, new in (
                (_employed(self._old.people, person), _employed(people, person)),
                (_existed(self._old.teams, team), _existed(teams, team)),
            ):
                if during.first == old.first and first(new) < first(old):
                    begin = None
                if during.last == old.last and last(new) > last(old):
                    end = None
            yield Held(person, team, Period(begin, end))

    def _meant(self, id_: str, teams: Mapping[str, Team]) -> str:
        # Looking takes a while: when a whole column is wrong, nobody reads the thousandth hint.
        close = get_close_matches(id_, teams, n=1, cutoff=0.7) if len(self.refusals) < _HINTS else []
        return f": did you mean {close[0]!r}?" if close else ""

    def _refuse(self, row: WantedPerson | WantedTeam, reason: str) -> None:
        self.refusals.append(Refusal(row.place, reason))


def _ended(period: Period, how: How) -> bool:
    return last(period) < how.on


def _exactly(held: Iterable[Held], persons: Mapping[str, UUID], said: Mapping[str, object]) -> list[Held]:
    exact = {persons[place]: found for place, found in said.items() if isinstance(found, tuple)}
    kept = [one for one in held if one.person not in exact]
    return kept + [Held(person, one.team, one.during) for person, found in exact.items() for one in found]


def _employed(people: Mapping[UUID, Person], person: UUID) -> Period:
    return people[person].employed if person in people else ALWAYS


def _existed(teams: Mapping[str, Team], team: str) -> Period:
    return teams[team].existed if team in teams else ALWAYS

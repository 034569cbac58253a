"""Who belongs to which team and who manages it, from rows that each say a person's team and manager now.

- ``yes`` says that they manage their team. They belong to the team it is part of, if that is known.
- An identifier and no team: the manager's direct reports are a team, whose id is made of the manager's.
- An identifier and a team: that is who manages the team. All rows of a team have to agree, but for the row of the
  team's own manager, which says who manages *them*: they then belong to the team of that manager.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from lrs.organisation.held import Held, Tenure
from lrs.organisation.period import contains
from lrs.organisation.wanted import Refusal, WantedPerson
from schemas.organisation import Period, Team

_REPORTS = "reports-"


def reports_of(manager: UUID) -> str:
    """Give the id of the team that somebody's direct reports are."""
    return f"{_REPORTS}{manager}"


class Line(NamedTuple):
    """A row, whose it is, and who it says manages them (None: nobody, or nothing said)."""

    row: WantedPerson
    person: UUID
    manager: UUID | None


class Structure:
    """Memberships and managements, changed by rows."""

    def __init__(
        self,
        memberships: Iterable[Held],
        managements: Iterable[Held],
        teams: Mapping[str, Team],
        employed: Mapping[UUID, Period],
        on: date,
    ) -> None:
        """Begin with what there is; ``on`` is the day that *now* is, ``employed`` when everybody works here."""
        self._memberships = _by_person(memberships)
        self._managements = _by_team(managements)
        self.teams = dict(teams)
        self.refusals: list[Refusal] = []
        self._employed = employed
        self._on = on
        self._managing = {
            team: {person for person, during in held if contains(during, on)}
            for team, held in self._managements.items()
        }

    def apply(self, lines: Sequence[Line], *, whole: bool) -> None:
        """Take over what the rows say; with ``whole`` nobody else manages anything, if the rows speak of managers."""
        spoken = any(
            line.row.reporting.manages is not None or not isinstance(line.row.reporting.manager, UnsetType)
            for line in lines
        )
        # What the file is silent about is as it was, unless the file is all there is to know.
        everything = whole and spoken
        leads = _Leads(lines, {} if everything else self._managing, self._current, self.teams)
        self.refusals += leads.refusals
        refused = {refusal.place for refusal in leads.refusals}
        self.teams |= leads.teams
        for line in lines:
            if line.row.place not in refused:
                self._belong(line, leads)
        resigned = {line.person for line in lines if line.row.reporting.manages is False}
        for team in {*self._managements, *leads.found}:
            if team in leads.found or resigned or everything:
                exact = team in leads.exact or everything
                now = leads.found.get(team, set()) | (set() if exact else self._managing.get(team, set()) - resigned)
                self._managements[team] = Tenure(self._managements.get(team, ())).now(sorted(now), self._on)

    def members(self) -> Iterator[Held]:
        """Give who belongs where, and when."""
        return (Held(person, team, during) for person, held in self._memberships.items() for team, during in held)

    def managers(self) -> Iterator[Held]:
        """Give who manages what, and when."""
        return (Held(person, team, during) for team, held in self._managements.items() for person, during in held)

    def _current(self, person: UUID) -> list[str]:
        day = self._day(person)
        return [team for team, during in self._memberships.get(person, ()) if contains(during, day)]

    def _day(self, person: UUID) -> date:
        # Of who is yet to begin, a row says how it is then: else the same row would say more once they have begun.
        employed = self._employed.get(person, Period())
        return max(self._on, employed.first or self._on)

    def _belong(self, line: Line, leads: "_Leads") -> None:
        said = line.row.reporting
        teams = leads.teams_of(line)
        if isinstance(teams, UnsetType):
            return
        wanted: dict[str, None] = {}
        for team in teams:
            if said.manages is False or line.person not in leads.of(team):
                wanted[team] = None
            elif (above := leads.joins.get(line.person) or self.teams[team].parent) is not None:
                wanted[above] = None
        self._memberships[line.person] = Tenure(self._memberships.get(line.person, ())).now(
            list(wanted), self._day(line.person), said.since
        )


class _Leads:
    """Who manages the teams that the rows name."""

    def __init__(
        self,
        lines: Sequence[Line],
        managing: Mapping[str, set[UUID]],
        current: Callable[[UUID], list[str]],
        teams: Mapping[str, Team],
    ) -> None:
        self.found: dict[str, set[UUID]] = {}
        self.exact: set[str] = set()
        """Teams of which all managers are said."""
        self.joins: dict[UUID, str] = {}
        """Managers of a team who belong to that of their own manager."""
        self.teams: dict[str, Team] = {}
        """Teams that are made or changed by this."""
        self.refusals: list[Refusal] = []
        self._managing = managing
        self._current = current
        self._known = teams
        self._home = {line.person: own[0] for line in lines if (own := line.row.reporting.teams)}
        self._reports(lines)
        self._named(lines)

    def of(self, team: str) -> set[UUID]:
        """Give who manages a team: as the rows say, else as it is."""
        return (
            self.found.get(team, set())
            if team in self.exact
            else (self.found.get(team, set()) | self._managing.get(team, set()))
        )

    def teams_of(self, line: Line) -> Sequence[str] | UnsetType:
        """Give the teams a row puts its person in; unset: they stay in theirs."""
        said = line.row.reporting
        if line.manager is not None and not said.teams:
            return (reports_of(line.manager),)
        if isinstance(said.teams, UnsetType) and said.manager is None:
            current = self._current(line.person)
            return UNSET if not any(map(_is_reports, current)) else [one for one in current if not _is_reports(one)]
        return said.teams

    def _reports(self, lines: Sequence[Line]) -> None:
        """Make the teams of those whose rows name a manager and no team."""
        above = {
            line.person: line.manager for line in lines if line.manager is not None and not line.row.reporting.teams
        }
        for line in lines:
            if line.manager is None or line.row.reporting.teams:
                continue
            others = [team for team in self._current(line.person) if not _is_reports(team)]
            if isinstance(line.row.reporting.teams, UnsetType) and others:
                self._refuse(line, f"they belong to {others[0]!r}: give a team in the column team, or - for none")
                continue
            team = reports_of(line.manager)
            parent = above.get(line.manager)
            known = self._known.get(team, Team(id=team, name=""))
            self.teams[team] = replace(known, parent=reports_of(parent)) if parent is not None else known
            self.found[team] = {line.manager}
            self.exact.add(team)

    def _named(self, lines: Sequence[Line]) -> None:
        by_team: dict[str, list[Line]] = {}
        for line in lines:
            said = line.row.reporting
            if said.teams and line.manager is not None:
                by_team.setdefault(said.teams[0], []).append(line)
            elif said.teams and said.manages:
                for team in said.teams:
                    self.found.setdefault(team, set()).add(line.person)
        upward = [line for team, found in by_team.items() for line in self._agree(team, found)]
        for line in upward:
            self._join(line)

    def _agree(self, team: str, lines: list[Line]) -> list[Line]:
        """Find who manages a team by what its rows say; gives the rows that say who manages that manager."""
        inside = [line for line in lines if line.manager is not None and self._home.get(line.manager) == team]
        rest = inside or [line for line in lines if line.person not in self._managing.get(team, ())]
        lead = rest[0].manager if rest else None
        upward: list[Line] = []
        for line in lines:
            if line.manager == lead:
                continue
            if line.person == lead or (lead is None and line.person in self._managing.get(team, ())):
                upward.append(line)
            else:
                self._refuse(
                    line,
                    f"{rest[0].row.place} names another manager of {team!r}: put those who have another manager in a "
                    "team of their own, or leave the team out to have one made of each manager's direct reports",
                )
        self.found.setdefault(team, set()).update({line.person for line in upward} if lead is None else {lead})
        self.exact.add(team)
        return upward

    def _join(self, line: Line) -> None:
        """Put the manager of a team in the team of their own manager."""
        manager, own = line.manager, self._home[line.person]
        assert manager is not None  # noqa: S101 - only such rows get here
        managed = [team for team, leads in self.found.items() if manager in leads]
        managed = managed or [team for team, leads in self._managing.items() if manager in leads and team != own]
        home = self._home.get(manager)
        team = home if home is not None else managed[0] if len(managed) == 1 else None
        if team is None or team == own:
            self._refuse(line, "it isn't clear which team this manager manages: give them a row with that team")
            return
        self.found.setdefault(team, set()).add(manager)
        self.joins[line.person] = team
        known = self.teams.get(own) or self._known.get(own)
        if known is not None and known.parent is None:
            self.teams[own] = replace(known, parent=team)

    def _refuse(self, line: Line, reason: str) -> None:
        self.refusals.append(Refusal(line.row.place, f"column manager: {reason}"))


def _is_reports(team: str) -> bool:
    return team.startswith(_REPORTS)


def _by_person(held: Iterable[Held]) -> dict[UUID, list[tuple[str, Period]]]:
    found: dict[UUID, list[tuple[str, Period]]] = {}
    for person, team, during in held:
        found.setdefault(person, []).append((team, during))
    return found


def _by_team(held: Iterable[Held]) -> dict[str, list[tuple[UUID, Period]]]:
    found: dict[str, list[tuple[UUID, Period]]] = {}
    for person, team, during in held:
        found.setdefault(team, []).append((person, during))
    return found

"""The people, with their days: who is in which team, who manages whom, who is away when."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from msgspec import Struct

from lrs.demo.script import Script, Special, Team

WEEKS = 26
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
PLATFORM = "https://leren.example.org"
"""The learning platform: home page of the accounts there."""


class Member(Struct, frozen=True, kw_only=True):
    """Somebody who works there."""

    name: str
    team: str
    """The one they learn with: a manager's is the one they manage."""
    special: Special
    leave: tuple[tuple[date, date], ...]
    """First and last days."""
    since: date | None = None
    """First day of work, if that is within the half year."""
    manages: bool = False
    """Whether they manage their team today."""

    @property
    def email(self) -> str:
        """Their address."""
        first, _, last = self.name.lower().partition(" ")
        return f"{first}.{last.replace(' ', '')}@example.org"

    def agent(self, *, platform: bool = False) -> dict[str, Any]:
        """Give them as an xAPI Agent; as the learning platform knows them, if it has a number for them."""
        if platform and self.special.account:
            return {"objectType": "Agent", "account": {"homePage": PLATFORM, "name": self.special.account}}
        return {"objectType": "Agent", "name": self.name, "mbox": f"mailto:{self.email}"}

    def away(self, day: date) -> bool:
        """Tell whether they don't work on a day: not yet, or on leave."""
        return (self.since is not None and day < self.since) or any(first <= day <= last for first, last in self.leave)


class Cast(Struct, frozen=True):
    """Everybody, and the day it all ends."""

    script: Script
    end: date
    members: tuple[Member, ...]

    def week(self, weeks_ago: int) -> date:
        """Give the Monday of a week before the one with the last day."""
        return self.end - self.end.weekday() * _DAY - weeks_ago * _WEEK

    def weeks_ago(self, day: date) -> int:
        """Tell how many weeks ago a day was."""
        return (self.week(0) - day + day.weekday() * _DAY) // _WEEK

    @property
    def handover(self) -> date:
        """The day from which somebody else manages the team that lost its manager."""
        return self.week(self.script.moved.weeks_ago)

    def named(self, name: str) -> Member:
        """Give somebody by name."""
        return next(one for one in self.members if one.name == name)

    def with_role(self, role: str) -> Member:
        """Give who has a role that is no team's: ``learning`` looks after learning."""
        return next(one for one in self.members if one.special.role == role)

    def team_of(self, member: Member, day: date) -> str:
        """Give the team somebody is in on a day."""
        moved = self.script.moved
        return moved.origin if member.name == moved.name and day < self.handover else member.team

    def manager(self, team: str, day: date) -> Member:
        """Give who manages a team on a day."""
        moved = self.script.moved
        if team == moved.origin and day < self.handover:
            return self.named(moved.name)
        return next(one for one in self.members if one.team == team and one.manages)

    def manager_of(self, member: Member, day: date) -> Member | None:
        """Give who manages somebody on a day; None: nobody does."""
        team = self.team_of(member, day)
        manager = self.manager(team, day)
        if manager is not member:
            return manager
        parent = next(one.parent for one in self.script.teams if one.id == team)
        return None if parent is None else self.manager(parent, day)


def cast(script: Script, seed: int, end: date) -> Cast:
    """Give everybody, in the order of the script."""
    monday = end - end.weekday() * _DAY
    return Cast(script, end, tuple(member for team in script.teams for member in _members(script, team, seed, monday)))


def _members(script: Script, team: Team, seed: int, monday: date) -> Iterator[Member]:
    moved = script.moved
    for place, name in enumerate(team.people):
        newcomer = team.id == moved.origin and place == 0
        yield _member(script, name, team.id, seed, monday, manages=place == 0, newcomer=newcomer)
    if team.id == moved.target:
        yield _member(script, moved.name, team.id, seed, monday)


def _member(
    script: Script, name: str, team: str, seed: int, monday: date, *, manages: bool = False, newcomer: bool = False
) -> Member:
    special = script.special.get(name, Special())
    random = Random(f"{seed}/leave/{name}")
    # A fortnight somewhere, and later a few days.
    first = monday - random.randint(11, 25) * _WEEK
    few = monday - random.randint(3, 9) * _WEEK + random.randint(0, 1) * _DAY
    leave = [(first, first + 11 * _DAY), (few, few + random.randint(1, 3) * _DAY)]
    if special.long_leave:
        ago, weeks = special.long_leave
        leave.append((monday - ago * _WEEK, monday - (ago - weeks) * _WEEK - 3 * _DAY))
    since = monday - script.moved.weeks_ago * _WEEK if newcomer else None
    leave = [one for one in leave if since is None or one[0] >= since]
    return Member(name=name, team=team, special=special, leave=tuple(sorted(leave)), since=since, manages=manages)


def organisation(cast: Cast) -> dict[str, Any]:
    """Give the organisation as an organisation.json, with all its dates."""
    teams = [
        {"id": team.id, "name": team.name} | ({"parent": team.parent} if team.parent else {})
        for team in cast.script.teams
    ]
    return {"teams": teams, "people": [_person(cast, one) for one in cast.members]}


def _person(cast: Cast, member: Member) -> dict[str, Any]:
    special = member.special
    identifiers: list[dict[str, Any]] = [{"mbox": f"mailto:{member.email}"}]
    if special.account:
        identifiers.append({"account": {"homePage": PLATFORM, "name": special.account}})
    person: dict[str, Any] = {
        "identifiers": identifiers,
        "name": member.name,
        "locale": special.locale,
        "zones": [{"name": special.zone}],
        "hours": {"days": [1, 2, 3, 4, 5], "begin": "08:30", "end": "17:30"},
        "leave": [{"first": str(first), "last": str(last)} for first, last in member.leave],
        "teams": [{"team": team} for team in _belongs(cast, member)],
    }
    if member.since:
        person["since"] = str(member.since)
        person["teams"] = [{**one, "since": str(member.since)} for one in person["teams"]]
    if member.name == cast.script.moved.name:
        person["manages"] = [{"team": cast.script.moved.origin, "until": str(cast.handover - _DAY)}]
    elif member.manages:
        person["manages"] = [{"team": member.team} | ({"since": str(member.since)} if member.since else {})]
    return person


def _belongs(cast: Cast, member: Member) -> list[str]:
    """Give the team somebody belongs to: who manages one belongs to the one above it, if there is one."""
    if not member.manages:
        return [member.team]
    return [team.parent for team in cast.script.teams if team.id == member.team and team.parent]

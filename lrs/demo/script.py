"""What is played: teams, people, trainings, goals and stories, as the files in ``data/`` have them."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeVar

from msgspec import Struct, convert

T = TypeVar("T", bound=Struct)
Words = dict[str, str]
"""A text by language: ``nl`` and ``en``."""


class Team(Struct, frozen=True, forbid_unknown_fields=True):
    """A team and who is in it; the first manages it."""

    id: str
    name: str
    people: tuple[str, ...]
    parent: str | None = None


class Moved(Struct, frozen=True, forbid_unknown_fields=True, rename={"origin": "from", "target": "to"}):
    """Somebody who managed a team before its present manager came."""

    name: str
    origin: str
    target: str
    weeks_ago: int


class Special(Struct, frozen=True, forbid_unknown_fields=True):
    """What isn't as with most people."""

    locale: str = "nl"
    zone: str = "Europe/Amsterdam"
    account: str | None = None
    """Their number in the learning platform, which calls them by that and not by their address."""
    long_leave: tuple[int, int] | None = None
    """So many weeks ago, for so many weeks."""
    role: str = ""


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to complete."""

    name: Words
    tool: Literal["moodle", "storyline", "cmi5", "classroom", "webinar"]
    minutes: int


class Goal(Struct, frozen=True, forbid_unknown_fields=True):
    """What the organisation wants to reach."""

    name: Words


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """How a team learns. Chances are from 0 to 1."""

    team: str
    tells: Words
    trainings: dict[str, int]
    """By their names in ``trainings.toml``: so many weeks ago."""
    rhythm: tuple[tuple[int, float], ...]
    """From so many weeks ago on: the chance of learning something in a week."""
    steps: dict[str, float]
    """Chances that a step follows a training."""
    in_time: float
    """Chance that it does by when it is due."""
    hours: Literal["office", "evening"]
    fails: float
    """Chance of failing a test."""
    tries_again: float
    example: tuple[tuple[int, float], ...]
    """From so many weeks ago on: the chance that the team sees its manager learn in a week."""
    own_goals: float
    likes: float
    rating: float
    """How relevant trainings are found, on average."""
    nobody_passes: tuple[str, ...] = ()
    """Tests that everybody fails the first time."""
    goal: str = ""
    """The organisation's goal that trainings serve; empty: none."""
    offline: float = 0.03
    """Chance that a statement comes days later."""
    assigned: int = 0
    """Things assigned to each in a month that nobody begins."""


class Script(Struct, frozen=True):
    """All of it."""

    teams: tuple[Team, ...]
    moved: Moved
    special: dict[str, Special]
    trainings: dict[str, Training]
    goals: dict[str, Goal]
    stories: tuple[Story, ...]
    managers: dict[str, int]
    """Trainings that managers follow instead of their team's: so many weeks ago."""

    def story(self, team: str) -> Story:
        """Give the story of a team."""
        return next(one for one in self.stories if one.team == team)


@cache
def script() -> Script:
    """Give what is played."""
    parts: dict[str, Any] = {}
    for name in ("people", "trainings", "stories"):
        parts |= tomllib.loads(files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8"))
    return convert(parts, Script)


def chance(steps: tuple[tuple[int, float], ...], weeks_ago: int) -> float:
    """Give the chance that holds so many weeks ago; 0 before the first."""
    return next((value for since, value in reversed(steps) if weeks_ago <= since), 0.0)

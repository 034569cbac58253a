"""The history that the demo makes up, before anybody takes it in."""

from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from lrs.demo.cast import Cast, Member, cast, organisation
from lrs.demo.history import history
from lrs.demo.script import script
from lrs.demo.tools import GOAL
from lrs.demo.words import REFLECTIONS
from lrs.organisation.json_file import read_json
from lrs.statement import Limits, parse

END = date(2026, 11, 25)
CAST = cast(script(), 1, END)
HISTORY = history(CAST, 1)
_LIMITS = Limits(batch=10_000, people=100)
AFTER_A_TRAINING = ("reflected", "applied", "shared", "practised")


def verb(statement: dict[str, Any]) -> str:
    return str(statement["verb"]["id"]).rpartition("/")[2]


def who(statement: dict[str, Any], everybody: Cast = CAST) -> Member:
    actor = statement["actor"]
    if "account" in actor:
        return next(one for one in everybody.members if one.special.account == actor["account"]["name"])
    return next(one for one in everybody.members if f"mailto:{one.email}" == actor["mbox"])


def of_team(team: str, *verbs: str) -> list[dict[str, Any]]:
    """What those of a team did, its manager included."""
    return [one for one in HISTORY if (not verbs or verb(one) in verbs) and who(one).team == team]


def test_the_same_seed_and_day_make_the_same_and_others_others() -> None:
    assert history(cast(script(), 1, END), 1) == HISTORY
    ids = {one["id"] for one in HISTORY}
    assert len(ids) == len(HISTORY)
    for seed, end in ((2, END), (1, date(2026, 11, 24))):
        assert not ids & {one["id"] for one in history(cast(script(), seed, end), seed)}


@settings(max_examples=4)
@given(st.integers(0, 10**9), st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_any_seed_and_day_make_a_history_that_is_taken(seed: int, end: date) -> None:
    everybody = cast(script(), seed, end)
    sent = history(everybody, seed)
    assert len({one["id"] for one in sent}) == len(sent)
    assert all(one["timestamp"] < f"{end}" for one in sent)
    assert len(parse(json.encode(sent), "1.0.3", _LIMITS)) == len(sent)
    assert not read_json(json.encode(organisation(everybody)), "demo").refusals
    place = {one["id"]: number for number, one in enumerate(sent)}
    voiding = [one for one in sent if verb(one) == "voided"]
    assert voiding
    assert all(place[one["object"]["id"]] < place[one["id"]] for one in voiding)


def test_there_are_sixty_people_in_six_teams_and_one_above_them() -> None:
    assert len(CAST.members) == 60
    assert len({one.email for one in CAST.members}) == 60
    assert all(one.email.isascii() and one.email.endswith("@example.org") for one in CAST.members)
    assert Counter(one.parent for one in script().teams) == {"molenwiek": 6, None: 1}
    assert {one.team for one in script().stories} == {one.id for one in script().teams}


def test_everybody_learns_and_nobody_on_leave() -> None:
    assert {who(one).name for one in HISTORY} == {one.name for one in CAST.members}
    own = [one for one in HISTORY if verb(one) in AFTER_A_TRAINING]
    for one in own:
        member = who(one)
        day = datetime.fromisoformat(one["timestamp"]).astimezone(ZoneInfo(member.special.zone)).date()
        assert not member.away(day), (member, one)


def test_some_come_late_some_are_taken_back_some_say_what_nobody_knows() -> None:
    times = [one["timestamp"] for one in HISTORY]
    assert sum(later < earlier for earlier, later in pairwise(times)) > 100
    assert len(of_team("molenwiek", "voided")) >= 4
    assert of_team("molenwiek", "waived")
    assert sum(one["verb"]["id"].startswith(("https://vr.", "https://duel.")) for one in HISTORY) > 20
    accounts = {one["actor"]["account"]["name"] for one in HISTORY if "account" in one["actor"]}
    assert len(accounts) >= 6
    assert accounts <= {one.special.account for one in CAST.members}


def share_outside_hours(team: str) -> float:
    outside = 0
    small = [one for one in of_team(team, "read", "answered", "played") if not who(one).manages]
    for one in small:
        local = datetime.fromisoformat(one["timestamp"]).astimezone(ZoneInfo(who(one).special.zone))
        outside += local.weekday() > 4 or not 8 <= local.hour < 18
    return outside / len(small)


def test_who_is_overloaded_learns_outside_working_hours_and_has_more_than_they_begin() -> None:
    assert share_outside_hours("it") > 0.7
    assert share_outside_hours("service") == 0
    assert len(of_team("it", "was-assigned")) > 80
    assert not of_team("service", "was-assigned")


def retried(team: str) -> float:
    """The share of failures after which somebody went on to pass."""
    failures = [(who(one).name, one["object"]["id"]) for one in of_team(team, "failed")]
    passed = {(who(one).name, one["object"]["id"]) for one in of_team(team, "passed")}
    return sum(one in passed for one in failures) / len(failures)


def test_who_fears_failing_gives_up_and_others_try_again() -> None:
    assert len(of_team("lab", "failed")) >= 12
    assert retried("lab") < 0.25
    assert of_team("lab", "abandoned")
    assert retried("service") > 0.8


def serve_a_goal(team: str) -> set[bool]:
    """Whether what those of a team completed serves a goal of the organisation."""
    trainings = [one for one in of_team(team, "attended", "satisfied") if not who(one).manages]
    assert trainings
    around = [one.get("context", {}).get("contextActivities", {}).get("grouping", []) for one in trainings]
    return {any(each.get("definition", {}).get("type") == GOAL for each in activities) for activities in around}


def test_trainings_serve_a_goal_where_learning_thrives_and_none_where_there_is_no_strategy() -> None:
    assert serve_a_goal("service") == {True}
    assert serve_a_goal("molenwiek") == {False}


@pytest.mark.parametrize("locale", ["nl", "en"])
def test_people_write_in_their_own_language(locale: str) -> None:
    written = [
        one["result"]["response"] for one in HISTORY if verb(one) == "reflected" and who(one).special.locale == locale
    ]
    assert written
    assert set(written) <= set(REFLECTIONS[locale])

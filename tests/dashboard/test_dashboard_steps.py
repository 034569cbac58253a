"""What a page puts first, and what it leaves out because it is done."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from lrs.dashboard import visitor
from lrs.dashboard.me import urgency
from projections.meaning.read import PROFILE
from tests.dashboard.visit import text, visit
from tests.insights.house import COMPLETED, EVERYBODY, House, ago, commented, completion, course
from tests.store.given import ref, statement

GOAL = "http://id.tincanapi.com/activitytype/goal"
SET = {"id": "http://id.tincanapi.com/verb/defined"}
SHARED = {"id": "http://adlnet.gov/expapi/verbs/shared"}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def region(page: httpx.Response, name: str) -> str:
    """A part of a page that updates itself; empty: it isn't there."""
    found = re.search(rf'data-live="{name}".*?</section>', page.text, re.DOTALL)
    return found[0] if found else ""


def about_goal(who: str, name: str, verb: dict[str, Any], days: int) -> dict[str, Any]:
    goal = {"id": f"http://example.org/goals/{len(name)}", "definition": {"type": GOAL, "name": {"en": name}}}
    return statement(who, goal, verb=verb, timestamp=ago(days=days))


def followed(who: str, verb: str) -> dict[str, Any]:
    return statement(who, course(), verb={"id": f"{PROFILE}/verbs/{verb}"}, timestamp=ago(days=1))


def test_what_can_still_be_in_time_comes_first_and_what_was_due_latest_next() -> None:
    moments = [("overdue", -50), ("open", 20), ("due", 3), ("overdue", -2), ("due", 1)]
    waiting = sorted(moments, key=lambda one: urgency(one[0], NOW + timedelta(days=one[1])))
    assert waiting == [("due", 1), ("due", 3), ("overdue", -2), ("overdue", -50), ("open", 20)]


def test_a_goal_that_was_reached_waits_no_more(quiet: House) -> None:
    quiet.post(
        about_goal("s1", "Speaking clearly", SET, 20),
        about_goal("s1", "Speaking clearly", COMPLETED, 10),
        about_goal("s1", "Writing less", SET, 15),
        about_goal("s1", "Asking more", COMPLETED, 9),
        about_goal("s1", "Asking more", SET, 5),
    )
    with visit(quiet, "s1") as browser:
        waiting, _, reached = region(browser.get("/dashboard/me"), "goals").partition("Reached")
    assert "Speaking clearly" not in waiting
    assert "Writing less" in waiting
    assert "Asking more" in waiting, "it was set again since"
    assert "Speaking clearly" in reached


def test_a_statement_about_a_statement_is_told_in_words(quiet: House) -> None:
    shared = commented("s2")
    quiet.post(shared, statement("s1", ref(shared), verb={"id": "http://activitystrea.ms/schema/1.0/like"}))
    with visit(quiet, "s1") as browser:
        did = region(browser.get("/dashboard/me"), "did")
    assert "Liked" in did
    assert "something recorded earlier" in did
    assert shared["id"] not in did


def test_the_organisation_begins_with_a_step_and_what_goes_well(quiet: House) -> None:
    with visit(quiet, "eve", "lnd") as eve:
        assert region(eve.get("/dashboard/organisation"), "first") == ""
        quiet.post(*(completion(name, days=3) for name in EVERYBODY))
        quiet.post(followed("s1", "reflected"), followed("s2", "reflected"))
        first = region(eve.get("/dashboard/organisation"), "first")
        assert f"2 of {len(EVERYBODY)} looked back" in first
        assert "What goes well" not in first
        quiet.post(*(followed(name, verb) for name in EVERYBODY for verb in ("reflected", "applied")))
        first = region(eve.get("/dashboard/organisation"), "first")
    assert "looked back on it so far" not in first
    assert "What goes well" in first
    assert "100% use it at work" in first


def test_a_page_says_when_something_is_still_being_counted(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "_BEHIND", 0.0)
    said = "still being counted"
    with visit(quiet, "s1") as browser:
        assert said not in text(browser.get("/dashboard/me"))
        quiet.record(completion("s1"))
        assert said in text(browser.get("/dashboard/me"))
        quiet.project()
        assert said not in text(browser.get("/dashboard/me"))


def test_a_share_opens_to_all_follow_ups_it_is_of_and_how_each_stands(quiet: House) -> None:
    """Also to those that were done late, or not yet."""
    quiet.post(*(completion(name, days=12) for name in ("o1", "o2", "o3", "o4", "o5")))
    quiet.post(followed("o1", "reflected"), {**followed("o2", "reflected"), "timestamp": ago(days=10)})
    with visit(quiet, "eve", "lnd") as eve:
        found = re.search(r'href="([^"]*step=reflect[^"]*)" title="2">40%<', eve.get("/dashboard/organisation").text)
        assert found is not None
        page = text(eve.get(html.unescape(found[1])))
    assert all(name in page for name in ("O1", "O2", "O3", "O4", "O5"))
    assert "done, a little later" in page
    assert "still worth doing" in page


def test_a_manager_opens_what_their_team_could_see(quiet: House) -> None:
    shared = {**commented("mia"), "verb": SHARED, "timestamp": ago(seconds=0)}
    quiet.post(shared)
    with visit(quiet, "mia", "manager") as mia:
        mine = region(mia.get("/dashboard/team"), "mine")
    assert mine.count(f"/dashboard/statements/{shared['id']}") == 2, "last seen, and among the visible acts"

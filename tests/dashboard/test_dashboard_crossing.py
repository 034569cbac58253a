"""Trying to see what isn't one's own: through every kind of page."""

from collections.abc import Iterator

import pytest

from lrs.sign_in import Role
from tests.dashboard.visit import text, visit
from tests.insights.house import House


@pytest.fixture(scope="module")
def ids(lived_in: House) -> dict[str, str]:
    return lived_in.ids()


@pytest.fixture(scope="module")
def plans(lived_in: House) -> dict[str, str]:
    """Everybody's first plan."""
    with lived_in.person("eve", "lnd") as eve:
        items = eve.get("/follow-ups", params={"limit": 500}).json()["items"]
    return {item["person"]["id"]: item["plan"] for item in items}


def pages_of(person: str, plan: str) -> Iterator[str]:
    yield f"/dashboard/people/{person}"
    yield f"/dashboard/people/{person}/weeks/2026-11-02"
    yield f"/dashboard/follow-ups/{person}/{plan}"
    yield f"/dashboard/follow-ups?person={person}"
    yield f"/dashboard/statements?person={person}"


@pytest.mark.parametrize(
    ("who", "roles", "other"),
    [
        ("s1", (), "s2"),
        ("s1", (), "mia"),
        ("s1", ("manager",), "s2"),
        ("mia", ("manager",), "o1"),
        ("mia", ("manager",), "otto"),
        ("nora", ("manager",), "s1"),
        ("mia", (), "s1"),
        ("nobody", ("manager",), "s1"),
        (None, ("manager",), "s1"),
    ],
)
def test_others_are_not_shown(
    lived_in: House, ids: dict[str, str], plans: dict[str, str], who: str | None, roles: tuple[Role, ...], other: str
) -> None:
    with visit(lived_in, who, *roles) as browser:
        for path in pages_of(ids[other], plans[ids[other]]):
            page = browser.get(path)
            assert page.status_code == 403, path
            assert other.title() not in text(page)


def test_a_manager_sees_their_people_and_not_what_they_wrote(
    lived_in: House, ids: dict[str, str], plans: dict[str, str]
) -> None:
    with visit(lived_in, "mia", "manager") as browser:
        for path in (f"/dashboard/people/{ids['s1']}", f"/dashboard/follow-ups/{ids['s1']}/{plans[ids['s1']]}"):
            assert browser.get(path).status_code == 200
        assert browser.get(f"/dashboard/statements/{plans[ids['s1']]}").status_code == 404
        listed = browser.get("/dashboard/statements", params={"person": ids["s1"]})
        assert listed.status_code == 200
        assert "Nothing matches" in text(listed)
        assert browser.get(f"/dashboard/statements/{plans[ids['mia']]}").status_code == 200


def test_a_learner_opens_their_own_statements_only(lived_in: House, ids: dict[str, str], plans: dict[str, str]) -> None:
    with visit(lived_in, "s1") as browser:
        assert browser.get(f"/dashboard/statements/{plans[ids['s1']]}").status_code == 200
        assert browser.get(f"/dashboard/statements/{plans[ids['s2']]}").status_code == 404
        assert browser.get("/dashboard/team").status_code == 403
        page = text(browser.get("/dashboard/statements"))
        assert "S2" not in page


@pytest.mark.parametrize("team", ["ops", "company", "nowhere", "%2e%2e"])
def test_other_teams_are_not_shown(lived_in: House, team: str) -> None:
    with visit(lived_in, "mia", "manager") as browser:
        assert browser.get("/dashboard/team/sales").status_code == 200
        assert browser.get("/dashboard/team/north").status_code == 200
        assert browser.get(f"/dashboard/team/{team}").status_code in (403, 404)


def test_stores_don_t_see_each_other(lived_in: House, ids: dict[str, str], plans: dict[str, str]) -> None:
    with visit(lived_in, None, "admin", store="other") as browser:
        assert browser.get(f"/dashboard/statements/{plans[ids['s1']]}").status_code == 404
        assert browser.get(f"/dashboard/follow-ups/{ids['s1']}/{plans[ids['s1']]}").status_code == 404
        page = text(browser.get("/dashboard/statements"))
        assert "S1" not in page
        assert "stranger" in page or "Somebody" in page


def test_programs_have_no_pages(lived_in: House) -> None:
    with lived_in.program("all") as program:
        page = program.get(f"{lived_in.url}/dashboard/statements", headers={"Accept": "text/html"})
        assert page.status_code == 303

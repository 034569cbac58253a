"""Erasures over HTTP: who may, what is shown, what is certified, and what insights say afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from cryptography.exceptions import InvalidSignature

from lrs.audit.erasure import router
from tests.audit.erasure.verified import facts
from tests.databases import Databases
from tests.insights.house import TEAMS, House, commented, completion, house, mail, people, reason
from tests.insights.provider import provider
from tests.store.given import leave_as_another_version, person, statement

PATH = "/privacy/v1/erasures"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No relay runs here: nobody waits for one."""
    monkeypatch.setattr(router, "PATIENCE", 0.0)


@pytest.fixture(scope="module")
def home(databases: Databases) -> Iterator[House]:
    """A house where the people of sales completed a training."""
    with provider() as own, house(databases.copy(databases.template("default", "other"), "erasing"), own) as made:
        made.organise(people(), TEAMS)
        made.post(*(completion(name) for name in ("mia", "s1", "s2", "s3", "s4", "s5", "o1")), commented("s1"))
        made.post(statement("mia", person("s1"), verb={"id": "http://adlnet.gov/expapi/verbs/commented"}))
        yield made


def _client(home: House, client: httpx.Client) -> httpx.Client:
    client.base_url = httpx.URL(home.url)
    return client


@pytest.fixture
def officer(home: House) -> Iterator[httpx.Client]:
    """A privacy officer."""
    with _client(home, home.person("eve", "privacy")) as client:
        yield client


def _erased(officer: httpx.Client, who: str) -> tuple[dict[str, Any], httpx.Response]:
    looked = officer.post(PATH, json={"who": who})
    assert looked.status_code == 200, looked.text
    return looked.json(), officer.post(PATH, json={"who": who, "confirm": looked.json()["confirm"]})


def _relayed(home: House) -> None:
    """What the relay does, as far as the database sees."""
    with psycopg.connect(home.settings.database_url, autocommit=True) as connection:
        connection.execute("UPDATE store_default.erasures SET purged = now()")


def test_a_look_tells_what_would_go_and_changes_nothing(officer: httpx.Client) -> None:
    for _ in range(2):
        answer = officer.post(PATH, json={"who": mail("s1")})
        assert answer.headers["cache-control"] == "private, no-store"
        looked = answer.json()
        assert looked["known_as"] == ["S1", mail("s1")]
        counts = looked["counts"]
        assert {name: counts[name] for name in ("statements", "mentions", "people", "memberships", "identifiers")} == {
            "statements": 2,
            "mentions": 1,
            "people": 1,
            "memberships": 1,
            "identifiers": 1,
        }
        assert counts["follow_up"] > 1
        assert counts["messages"] == 3
        assert (looked["persons"], looked["others"], looked["is_authority"]) == (1, 1, False)
    assert looked["confirm"] not in officer.get(PATH).text


def test_a_look_is_noted_before_it_is_answered(home: House, officer: httpx.Client) -> None:
    with home.person("o2") as client:
        where = f"{home.url}/privacy/v1/me/accesses"
        home.post(completion("o2"), completion("eve"))
        assert [one for one in client.get(where).json()["accesses"] if one["means"] == "erasure"] == []
        assert officer.post(PATH, json={"who": mail("o2")}).status_code == 200
        (noted,) = [one for one in client.get(where).json()["accesses"] if one["means"] == "erasure"]
        assert (noted["kind"], noted["name"], noted["times"]) == ("person", mail("eve"), 1)
    # Not if it is about themselves.
    assert officer.post(PATH, json={"who": mail("eve")}).status_code == 200
    assert officer.get("/privacy/v1/me/accesses").json()["accesses"] == []


def test_an_erasure_and_its_receipt(home: House, officer: httpx.Client) -> None:
    before = datetime.now(UTC)
    looked, answer = _erased(officer, mail("s1"))
    assert answer.status_code == 202
    assert answer.json()["receipt"] is None
    assert set(answer.json()["waits_for"]) == {"stream", "follow_up", "streaks", "manager_visibility", "unknown_verbs"}
    _relayed(home)
    home.project()
    again = officer.post(PATH, json={"who": mail("s1"), "confirm": looked["confirm"]})
    assert again.status_code == 201
    report = again.json()
    assert report["waits_for"] == []
    receipt = report["receipt"]
    said = facts(receipt["note"], receipt["key"])
    assert said["person"] == report["person"] == looked["confirm"]
    assert (said["store"], said["position"], said["counts"]) == ("default", report["position"], looked["counts"])
    assert before < datetime.fromisoformat(said["time"]) < datetime.now(UTC)
    with pytest.raises(InvalidSignature):
        facts(receipt["note"].replace('"statements":2', '"statements":3'), receipt["key"])
    assert officer.get(f"{PATH}/{looked['confirm']}").json() == report
    assert report in officer.get(PATH).json()["items"]
    assert officer.post(PATH, json={"who": looked["confirm"], "confirm": looked["confirm"]}).json() == report
    for text in ("s1@", "S1", "example.org/activities"):
        assert text not in str({**report, "receipt": said})


def test_insights_show_nothing_of_them_now_and_then(home: House, officer: httpx.Client) -> None:
    with home.person("boss", "lnd") as client:
        position = client.get("/positions").json()["position"]
        before = client.get("/people", params={"limit": 500}).json()["items"]
        o1 = next(one["id"] for one in before if one["name"] == "O1")
        assert client.get(f"/people/{o1}").status_code == 200
        assert o1 in client.get("/follow-ups", params={"limit": 500}).text
        _erased(officer, mail("o1"))
        home.project()
        for when in ({}, {"as_of": str(position)}):
            for path in ("/people", "/follow-ups", "/streaks", "/managers", "/unknown-verbs"):
                answer = client.get(path, params={"limit": 500, **when})
                assert answer.status_code == 200, answer.text
                assert o1 not in answer.text
                assert "O1" not in answer.text
            assert len(client.get("/people", params={"limit": 500, **when}).json()["items"]) == len(before) - 1
            assert client.get(f"/people/{o1}", params=when).status_code in {403, 404}
            assert client.get(f"/streaks/{o1}", params=when).status_code in {403, 404}


@pytest.mark.parametrize("roles", [(), ("manager",), ("lnd",), ("auditor",), ("admin",)])
def test_other_roles_may_not(home: House, roles: tuple[str, ...]) -> None:
    with _client(home, home.person("mia", *roles)) as client:
        assert "privacy officers" in reason(client.post(PATH, json={"who": mail("s1")}), 403)
        assert "privacy officers" in reason(client.get(PATH), 403)
        assert "privacy officers" in reason(client.get(f"{PATH}/{uuid4()}"), 403)


def test_a_program_needs_the_scope(home: House) -> None:
    with _client(home, home.program("all", "admin", "organisation", "audit/read")) as client:
        assert "scope privacy" in reason(client.post(PATH, json={"who": mail("s1")}), 403)
    with _client(home, home.program("privacy")) as client:
        looked, answer = _erased(client, mail("s2"))
        assert answer.json()["person"] == looked["confirm"]
    with httpx.Client(base_url=home.url) as nobody:
        assert nobody.post(PATH, json={"who": mail("s1")}).status_code == 401


def test_another_store_knows_nothing_of_it(home: House) -> None:
    with _client(home, home.program("privacy", store="other")) as client:
        assert "nobody is known as" in reason(client.post(PATH, json={"who": mail("s1")}), 404)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"who": "nobody@example.org"}, 404, "nobody is known as nobody@example.org here"),
        ({"who": str(uuid4())}, 404, "nobody is known as"),
        ({"who": "somebody"}, 400, "is no identifier"),
        ({"who": ""}, 400, "is no identifier"),
        ({"who": "s3@example.org", "confirm": str(uuid4())}, 400, "is not whom this names"),
        ({"who": "s3@example.org", "confirm": "yes"}, 400, "confirm"),
        ({"who": "s1@example.org", "force": True}, 400, "force"),
        ({"who": "x" * 5_000}, 400, "4096"),
        ({}, 400, "who"),
        ([], 400, ""),
    ],
)
def test_what_can_t_be_done_is_said(officer: httpx.Client, body: Any, status: int, said: str) -> None:
    assert said in reason(officer.post(PATH, json=body), status)


def test_an_erasure_that_never_was(officer: httpx.Client) -> None:
    assert "was erased here" in reason(officer.get(f"{PATH}/{uuid4()}"), 404)
    assert officer.get(f"{PATH}/x").status_code == 404


def test_a_page_of_another_site_may_not(officer: httpx.Client) -> None:
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": "application/json", "sec-fetch-site": "cross-site"},
    ):
        answer = officer.post(PATH, content=b'{"who":"s1@example.org"}', headers=headers)
        assert answer.status_code in {403, 415}


def test_an_index_that_doesn_t_find_everything_is_a_problem(home: House, officer: httpx.Client) -> None:
    leave_as_another_version(home.settings.database_url, "store_default")
    assert "made by another version" in reason(officer.post(PATH, json={"who": mail("mia")}), 503)

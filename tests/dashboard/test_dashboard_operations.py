"""What administrators see and change: refusals, verbs, credentials, what comes in; and nobody else."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.refusal import impersonal, refusals
from lrs.statement import Invalid, Limits, parse
from tests.dashboard.visit import csrf, parsed, text, visit
from tests.insights.house import House
from tests.store.given import statement

VERSION = {"X-Experience-API-Version": "1.0.3"}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "EVERY", 0.0)


@pytest.fixture
def tool(quiet: House) -> Iterator[httpx.Client]:
    """A content tool."""
    made = quiet.registry.issue("default", ["all"], by="test", label="Video player")
    auth = (made.credential.key, made.secret.reveal())
    with httpx.Client(base_url=f"{quiet.url}/xapi", auth=auth, headers=VERSION) as client:
        yield client


def refused(house: House, least: int) -> list[dict[str, Any]]:
    """The refusals, once so many requests are counted."""
    with house.program("all/read") as program:
        while True:
            items: list[dict[str, Any]] = program.get("/refusals").json()["items"]
            if sum(item["count"] for item in items) >= least:
                return items


@pytest.mark.usefixtures("soon")
def test_refusals_are_counted_by_reason_without_what_was_sent(quiet: House, tool: httpx.Client) -> None:
    wrong = statement("sam.secret")
    wrong["actor"] = {"mbox": "sam.secret@example.org", "name": "Sam Secret"}
    for _ in range(3):
        assert tool.post("/statements", json=[statement("ann"), wrong]).status_code == 400
    odd = {**statement("ann"), "Sam Secret": 1}
    assert tool.post("/statements", json=odd).status_code == 400
    good = statement("ann")
    tool.post("/statements", json=good).raise_for_status()
    assert tool.post("/statements", json={**good, "verb": {"id": "http://example.org/other"}}).status_code == 409
    assert tool.get("/statements?limit=x").status_code == 400
    found = refused(quiet, 5)
    assert sorted((one["status"], one["place"], one["count"]) for one in found) == [
        (400, "statement[…]", 1),
        (400, "statements[].actor.mbox", 3),
        (409, "", 1),
    ]
    assert "ecret" not in str(found)
    with visit(quiet, None, "admin") as admin:
        page = text(admin.get("/dashboard/operations"))
    assert "Video player" in page
    assert "statements[].actor.mbox" in page


async def test_one_store_s_trouble_costs_no_other_its_refusals(quiet: House) -> None:
    noted = refusals.Refusals(quiet.settings.database())
    for store in ("away", "default", "elsewhere"):
        noted.note(store, "tool", 400, Invalid("statement.verb", "is missing"))
    await noted.close()
    [found] = refused(quiet, 1)
    assert (found["place"], found["count"]) == ("statement.verb", 1)


@pytest.mark.usefixtures("soon")
def test_the_table_of_refusals_is_bounded(quiet: House, tool: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 3)
    for name in ("actor", "verb", "object", "result", "context", "timestamp"):
        assert tool.post("/statements", json={**statement("ann"), name: True}).status_code == 400
        refused(quiet, 1)
    with psycopg.connect(quiet.settings.database_url) as connection:
        while True:
            rows = connection.execute("SELECT place FROM store_default.refusals ORDER BY last DESC").fetchall()
            connection.rollback()
            if rows[0] == ("statement.timestamp",):
                break
    assert len(rows) <= 4


SECRET = "sécret-Jansen"
VALUES = [SECRET, f"mailto:{SECRET}@x.nl", f"http://x/{SECRET}", f"it's {SECRET}", f'"{SECRET}"', True, None]


@given(
    st.recursive(
        st.sampled_from(
            [SECRET, f"mailto:{SECRET}@x.nl", f"http://x/{SECRET}", f"it's {SECRET}", f'"{SECRET}"', True, None]
        ),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    ["actor", "mbox", "account", "name", "verb", "id", "object", "result", "duration", SECRET]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ),
    st.sampled_from(["actor", "verb", "object", "result", "context", "timestamp", "id", "version", SECRET]),
)
def test_no_reason_holds_what_was_sent(value: object, where: str) -> None:
    from msgspec import json

    body = json.encode({**statement("ann"), where: value})
    try:
        parse(body, "1.0.3", Limits())
    except Invalid as error:
        said = f"{impersonal.place(error.path)} {impersonal.reason(error.reason)}"
        assert "Jansen" not in said
        assert "cret" not in said


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("'sam@x.nl' is not an IRI", "… is not an IRI"),
        ("it can't be read: 'sam' isn't one", "it can't be read: … isn't one"),
        ('"O\'Brien" is no name', "… is no name"),
        ("'a\\'b' is wrong", "… is wrong"),
        ("'not closed", "…"),
        ("`37` is greater than max, `36`", "… is greater than max, …"),
        (f"{'0a' * 32} is another", "… is another"),
        ("it holds \0 and \x1b[1m", "it holds … and …[1m"),
        ("under d593b42d-2071-4ff5-ac70-23797214b056 there is another", "under … there is another"),
    ],
)
def test_values_are_taken_out(reason: str, kept: str) -> None:
    assert impersonal.reason(reason) == kept


def test_a_verb_is_mapped_by_a_form(quiet: House) -> None:
    quiet.post(statement("s1", verb={"id": "https://lms.example/finished"}))
    with visit(quiet, None, "admin") as admin:
        page = admin.get("/dashboard/operations")
        assert "https://lms.example/finished" in text(page)
        form = {"csrf": csrf(page), "verb": "https://lms.example/finished", "kind": "completed"}
        sent = admin.post("/dashboard/operations/verbs", data=form)
        assert (sent.status_code, sent.headers["location"]) == (303, "/dashboard/operations?done=mapped")
        assert "Noted" in text(admin.get(sent.headers["location"]))
        listed = admin.get("/dashboard/statements?kind=completed")
        assert "https://lms.example/finished" in listed.text
        for wrong in ({"verb": "no iri"}, {"kind": "nonsense"}, {"csrf": "guessed"}):
            assert admin.post("/dashboard/operations/verbs", data={**form, **wrong}).status_code in (400, 403)


def test_a_credential_is_made_shown_once_and_closed(quiet: House) -> None:
    with visit(quiet, None, "admin") as admin:
        token = csrf(admin.get("/dashboard/operations"))
        form = {"csrf": token, "label": "<b>Player</b>", "scope": ["statements/write", "statements/read"], "days": "30"}
        made = admin.post("/dashboard/operations/credentials", data=form)
        assert made.status_code == 200
        assert "no-store" in made.headers["cache-control"]
        assert "<b>Player" not in made.text
        key, secret = re.findall(r"<dd><code>([^<]+)</code></dd>", made.text)[:2]
        again = admin.get("/dashboard/operations")
        assert key in again.text
        assert secret not in again.text
        asked = httpx.Request("GET", f"{quiet.url}/xapi/statements", headers=VERSION)
        program = httpx.Client(auth=(key, secret))
        assert program.send(asked).status_code == 200
        closing = f"/dashboard/operations/credentials/{key}/revoke"
        assert admin.post(closing, data={"csrf": "guessed"}).status_code == 403
        assert admin.post(closing, data={"csrf": token}).headers["location"] == "/dashboard/operations?done=revoked"
        assert program.send(asked).status_code == 401
        program.close()
        assert admin.post(closing, data={"csrf": token}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": ["admin/stores"]},
        {"scope": ["nonsense"]},
        {"scope": []},
        {"days": "0"},
        {"days": "-1"},
        {"days": "1e9"},
        {"days": "99999999999999999999"},
        {"days": "0000000019999999"},
        {"label": "two\nlines"},
    ],
)
def test_a_credential_that_can_t_be_is_refused(lived_in: House, wrong: dict[str, Any]) -> None:
    before = lived_in.registry.credentials("default")
    with visit(lived_in, None, "admin") as admin:
        token = csrf(admin.get("/dashboard/operations"))
        form = {"csrf": token, "label": "x", "scope": ["all"], **wrong}
        answer = admin.post("/dashboard/operations/credentials", data=form)
        assert answer.status_code == 400
        assert "Traceback" not in answer.text
    assert lived_in.registry.credentials("default") == before


def test_credentials_of_other_stores_are_not_there(lived_in: House) -> None:
    other = lived_in.registry.issue("other", ["all"], by="test").credential.key
    maker = lived_in.registry.issue("default", ["admin/stores"], by="test").credential.key
    with visit(lived_in, None, "admin") as admin:
        page = admin.get("/dashboard/operations")
        assert other not in page.text
        form = {"csrf": csrf(page)}
        assert admin.post(f"/dashboard/operations/credentials/{other}/revoke", data=form).status_code == 404
        assert admin.post(f"/dashboard/operations/credentials/{maker}/revoke", data=form).status_code == 403


@pytest.mark.parametrize(("who", "role"), [("s1", "learner"), ("mia", "manager"), ("eve", "lnd"), ("eve", "auditor")])
def test_nobody_else_may(lived_in: House, who: str, role: Any) -> None:
    before = lived_in.registry.credentials("default")
    with visit(lived_in, who, role) as browser:
        token = csrf(browser.get("/dashboard/statements"))
        assert browser.get("/dashboard/operations").status_code == 403
        for path in ("verbs", "credentials", "credentials/x/revoke"):
            form = {"csrf": token, "verb": "https://x.y/z", "kind": "completed", "scope": "all"}
            assert browser.post(f"/dashboard/operations/{path}", data=form).status_code == 403
        assert "/dashboard/operations" not in parsed(browser.get("/dashboard/statements")).links
    assert lived_in.registry.credentials("default") == before


def test_who_sees_what_comes_in_over_the_read_api(quiet: House) -> None:
    quiet.post(statement("s1"), statement("s2"))
    with quiet.person("eve", "lnd") as eve, quiet.person("mia", "manager") as mia, quiet.person("s1") as s1:
        hours = eve.get("/ingest").json()["items"]
        assert len(hours) in (49, 50)
        assert sum(hour["events"] for hour in hours) >= 2
        assert [client.get("/ingest").status_code for client in (mia, s1)] == [403, 403]
        assert [client.get("/refusals").status_code for client in (eve, mia, s1)] == [403, 403, 403]

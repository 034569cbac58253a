"""Replays over HTTP: who may, in which form, page by page."""

import csv
from io import StringIO
from typing import Any

import httpx
import pytest

from tests.insights.house import COMPLETED, TRAINING, House, commented, completion, course, reason
from tests.store.given import statement

HOSTILE = "<script>alert(1)</script>"


def asked(house: House, client: httpx.Client, learner: str, **query: Any) -> httpx.Response:
    return client.get(f"{house.url}/audit/v1/replay", params={"learner": learner, **query})


def test_an_auditor_replays(quiet: House) -> None:
    quiet.post(completion("s1"), commented("s1"), completion("s2"))
    ids = quiet.ids()
    with quiet.person("x", "auditor") as auditor:
        answer = asked(quiet, auditor, ids["s1"])
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["person"] == ids["s1"]
        assert found["next"] is None
        effects = [event["effect"] for event in found["events"]]
        assert effects[-2:] == ["counts", "counts"]
        assert set(effects[:-2]) == {"configuration"}
        assert answer.headers["cache-control"] == "private, no-store"
        by_address = asked(quiet, auditor, "s1@example.org").json()
        assert by_address == found
        pages = [asked(quiet, auditor, ids["s1"], limit="1")]
        while (following := pages[-1].json()["next"]) is not None:
            pages.append(auditor.get(quiet.url + following))
        assert [event for page in pages for event in page.json()["events"]] == found["events"]


@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_each_form_is_safe_whatever_statements_say(quiet: House, form: str) -> None:
    formula = statement("s1", course(), verb=COMPLETED, result={"response": HOSTILE})
    formula["actor"]["name"] = "=cmd|' /C calc'!A0"
    quiet.post(formula)
    quiet.organise('email,name\ns1@example.org,"<img src=x onerror=alert(1)>"\n')
    with quiet.person("x", "admin") as admin:
        answer = asked(quiet, admin, quiet.ids()["s1"], format=form)
    assert answer.status_code == 200
    if form == "html":
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "&lt;img src=x" in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    if form == "csv":
        rows = list(csv.DictReader(StringIO(answer.text)))
        assert {row["activity"] for row in rows} == {"", TRAINING}
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
        assert {row["table"] for row in rows} >= {"follow_up_plans", "streaks_weeks"}


def test_only_auditors_and_administrators_replay(quiet: House) -> None:
    quiet.post(completion("s1"))
    quiet.post(completion("stranger"), store="other")
    ids = quiet.ids()
    for who, roles in (("s1", ()), ("mia", ("manager",)), ("eve", ("lnd",)), ("p", ("privacy",))):
        with quiet.person(who, *roles) as client:
            assert "replayed by auditors" in reason(asked(quiet, client, ids["s1"]), 403)
    with quiet.program("all", "admin") as program:
        assert "lacks the scope audit/read" in reason(asked(quiet, program, ids["s1"]), 403)
    with httpx.Client() as nobody:
        assert asked(quiet, nobody, ids["s1"]).status_code == 401
    with quiet.program("audit/read") as program:
        assert asked(quiet, program, ids["s1"]).status_code == 200
        # It opens nothing else.
        assert program.get("/people").status_code == 403
    with quiet.program("audit/read", store="other") as elsewhere:
        assert asked(quiet, elsewhere, ids["s1"]).status_code == 404
        assert asked(quiet, elsewhere, "s1@example.org").status_code == 404


def test_bad_questions_are_refused(quiet: House) -> None:
    with quiet.person("x", "auditor") as auditor:
        address = f"{quiet.url}/audit/v1/replay"
        assert "learner is missing" in reason(auditor.get(address))
        assert "'lerner' is not known here" in reason(auditor.get(address, params={"lerner": "x"}))
        assert "format is 'pdf'" in reason(asked(quiet, auditor, "x", format="pdf"))
        assert "limit is '0'" in reason(asked(quiet, auditor, "x", limit="0"))
        assert "names nobody" in reason(asked(quiet, auditor, "x"))
        assert "no statement and no entry" in reason(asked(quiet, auditor, "who@example.org"), 404)
        described = httpx.get(f"{quiet.url}/schema/openapi.json").json()["paths"]["/audit/v1/replay"]["get"][
            "responses"
        ]
        assert {"400", "401", "403", "404"} <= described.keys()
        me = asked(quiet, auditor, quiet.ids()["s1"], **{"from": "soon"})
        assert "from is 'soon'" in reason(me)


@pytest.mark.parametrize(
    "path",
    ["audit/v1/replay", "audit/v1/bundle", "privacy/v1/export", "privacy/v1/accesses", "privacy/v1/me/export"],
)
def test_who_asks_comes_before_what(quiet: House, path: str) -> None:
    assert httpx.get(f"{quiet.url}/{path}", params={"lerner": "x"}).status_code == 401


def test_looking_is_noted_at_once(quiet: House) -> None:
    quiet.post(completion("s1"))
    ids = quiet.ids()
    with quiet.person("x", "auditor", name="Xenia Auditor") as auditor:
        asked(quiet, auditor, ids["s1"])
        asked(quiet, auditor, ids["s1"])
    with quiet.program("audit/read") as program:
        asked(quiet, program, ids["s1"])
    noted = [(one.kind, one.times) for one in quiet.lookers(ids["s1"], "replay") if one.means == "replay"]
    assert noted == [("program", 1), ("person", 2)]

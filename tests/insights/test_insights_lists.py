"""Lists: what they hold, in pages, and as CSV."""

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.insights.house import OTHER, TRAINING, House, ago, commented, completion, follow, mail, reason


def test_every_answer_says_as_of_when_it_holds(busy: House) -> None:
    with busy.person("eve", "lnd") as eve:
        head = eve.get("/positions").json()["position"]
        for path in ("/follow-ups", "/streaks", "/managers", "/people", "/teams", "/unknown-verbs", "/streaks/figures"):
            answer = eve.get(path)
            assert answer.json()["position"] == head, path
            assert answer.json()["lag"] == {"positions": 0, "seconds": 0.0}
            assert answer.headers["x-vliegwiel-position"] == str(head)
            assert answer.headers["cache-control"] == "private, no-store"
            assert datetime.fromisoformat(answer.json()["as_of"]) <= datetime.now(UTC)


def test_a_follow_up_has_evidence_for_every_status(busy: House) -> None:
    with busy.person("s1") as one, busy.person("x", "auditor") as auditor:
        (plan,) = one.get("/follow-ups", params={"training": TRAINING}).json()["items"]
        done = [step for step in plan["steps"] if step["decided"]]
        assert done
        for step in done:
            assert auditor.get(f"/statements/{step['evidence']}").status_code == 200
            assert step["by"]["name"] == "S1"
        assert (
            auditor.get(f"/statements/{plan['plan']}").json()["item"]["statement"]["verb"]["id"].endswith("completed")
        )
        assert one.get(f"/follow-ups/{plan['person']['id']}/{plan['plan']}").json()["item"] == plan


def test_filters_and_orders(busy: House) -> None:
    with busy.person("eve", "lnd") as eve:

        def names(path: str = "/follow-ups", **query: Any) -> set[str | None]:
            return {one["person"]["name"] for page in follow(eve, path, **query) for one in page}

        assert names(training=OTHER) == {"S1", "S2", "O1", "O2", "O3", "O4", "O5", "L1"}
        assert names(training=OTHER, team="sales") == {"S1", "S2"}
        assert names(training=OTHER, manager=busy.ids()["otto"]) == {"O1", "O2", "O3", "O4", "O5"}
        assert names(step="share", status="done late") == {"S1", "O1", "Mia", None}
        assert names(training=OTHER, status="done") == set()
        assert names(due_before=ago(days=30)) == set()
        assert names(due_after=ago(days=-100)) == set()
        head = eve.get("/positions").json()["position"]
        assert names(changed_since=head) == set()
        assert names(changed_since=head - 1) == {None}
        assert names("/streaks", least=3) == {"S1", "O1"}
        assert names("/streaks", team="lab") == {"L1"}
        assert names("/streaks", standing="broken") == set()
        assert names("/managers", team="sales") == {"Mia", "Nora"}
        assert names("/managers", status="visible") <= {"Mia"}

        for path, orders in {
            "/follow-ups": ("completed", "due", "training", "learner"),
            "/streaks": ("current", "longest", "learner"),
            "/managers": ("status", "last", "overdue"),
            "/people": ("name",),
        }.items():
            for order in orders:
                up, down = ([eve.get(path, params={"sort": f"{minus}{order}"}).json()["items"]] for minus in ("", "-"))
                assert sorted(map(str, up[0])) == sorted(map(str, down[0]))
        due = eve.get("/follow-ups", params={"sort": "due", "status": "overdue"}).json()["items"]
        firsts = [min(step["due"] for step in plan["steps"] if step["status"] == "overdue") for plan in due]
        assert firsts == sorted(firsts)


def test_the_last_day_there_is_ends_no_list(busy: House) -> None:
    with busy.person("x", "auditor") as auditor:
        found = auditor.get("/statements").json()["items"]
        assert found
        assert auditor.get("/statements", params={"until": "9999-12-31"}).json()["items"] == found
        assert auditor.get("/statements", params={"since": "9999-12-31"}).json()["items"] == []
        assert auditor.get("/statements", params={"since": "0001-01-01"}).json()["items"] == found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/follow-ups", {}),
        ("/follow-ups", {"sort": "due", "status": "overdue"}),
        ("/follow-ups", {"sort": "-training"}),
        ("/streaks", {"sort": "longest"}),
        ("/managers", {"sort": "-last"}),
        ("/people", {}),
        ("/people", {"sort": "-name"}),
        ("/teams", {}),
        ("/follow-ups/figures", {"by": "team"}),
        ("/streaks/figures", {}),
        ("/managers/figures", {}),
    ],
)
@pytest.mark.parametrize("limit", [1, 3])
def test_pages_hold_everything_once(busy: House, path: str, query: dict[str, str], limit: int) -> None:
    with busy.person("eve", "lnd") as eve:
        whole = eve.get(path, params={**query, "limit": 500}).json()
        assert whole["next"] is None
        pages = follow(eve, path, **query, limit=limit)
    assert [one for page in pages for one in page] == whole["items"]
    assert all(len(page) == limit for page in pages[:-1])


def test_a_cursor_fits_its_query_only(busy: House) -> None:
    with busy.person("eve", "lnd") as eve, busy.program("all", store="other") as other:
        cursor = httpx.URL(eve.get("/follow-ups?limit=2").json()["next"]).params["cursor"]
        assert eve.get("/follow-ups", params={"cursor": cursor, "limit": 5}).status_code == 200
        for path, query in (
            ("/follow-ups", {"sort": "due"}),
            ("/follow-ups", {"training": TRAINING}),
            ("/follow-ups", {"as_of": "3"}),
            ("/streaks", {}),
        ):
            assert "belongs to another query" in reason(eve.get(path, params={**query, "cursor": cursor}))
        assert "belongs to another query" in reason(other.get("/follow-ups", params={"cursor": cursor}))
        for made_up in (
            "",
            "x",
            cursor[:-2],
            cursor[:-1] + ("A" if cursor[-1] != "A" else "B") + "AAAA",
            "é",
            "A" * 9000,
        ):
            assert "cursor" in reason(eve.get("/follow-ups", params={"cursor": made_up}))


def test_long_names_are_in_cursors_and_not_in_links(quiet: House) -> None:
    long = [f"http://example.org/{letter * 12_000}" for letter in "ab"]
    quiet.post(*(completion("s1", iri) for iri in long))
    with quiet.person("eve", "lnd") as eve:
        answer = eve.get("/follow-ups/figures?limit=1")
        assert "link" not in answer.headers
        assert [one["group"] for page in follow(eve, "/follow-ups/figures", limit=1) for one in page] == long


def test_a_cursor_shows_nobody_more(busy: House) -> None:
    with busy.person("eve", "lnd") as eve, busy.person("s1") as one:
        following = eve.get("/follow-ups?limit=1").json()["next"].removeprefix("/insights/v1")
        people = {plan["person"]["name"] for plan in one.get(following).json()["items"]}
        assert people <= {"S1"}


def test_csv_has_a_line_a_row_and_no_formulas(quiet: House) -> None:
    quiet.organise(f'email,name\n{mail("s1")},"=cmd|\' /C calc\'!A0"\n{mail("s2")},"+1, ""two"""\n')
    quiet.post(completion("s1"), completion("s2"), commented("s1"))
    with quiet.person("eve", "lnd") as eve:
        wanted = eve.get("/follow-ups", headers={"Accept": "text/csv"})
        assert wanted.headers["content-type"] == "text/csv; header=present; charset=utf-8"
        assert 'filename="follow-ups.csv"' in wanted.headers["content-disposition"]
        assert wanted.headers["x-vliegwiel-position"]
        assert wanted.content == eve.get("/follow-ups?format=csv").content
        lines = [("Accept", "text/plain;q=0.5"), ("Accept", "text/csv")]
        assert eve.get("/follow-ups", headers=lines).content == wanted.content
        rows = list(csv.DictReader(io.StringIO(wanted.text, newline="")))
        plans = eve.get("/follow-ups").json()["items"]
        assert len(rows) == sum(len(plan["steps"]) for plan in plans)
        assert {row["person.name"] for row in rows} == {"'=cmd|' /C calc'!A0", '\'+1, "two"'}
        first = plans[0]["steps"][0]
        assert (rows[0]["step.name"], rows[0]["step.status"], rows[0]["step.due"]) == (
            first["name"],
            first["status"],
            first["due"],
        )
        page = eve.get("/people?format=csv&limit=2")
        assert re.fullmatch(r'</insights/v1/people\?.*cursor=.*>; rel="next"', page.headers["link"])
        assert "format=csv" in page.headers["link"]
        for path in ("/streaks", "/managers", "/teams", "/follow-ups/figures", "/streaks/figures", "/managers/figures"):
            answer = eve.get(path, params={"format": "csv"})
            assert len({len(row) for row in csv.reader(io.StringIO(answer.text, newline=""))}) == 1, path
        assert eve.get("/people", headers={"Accept": "text/csv, application/json"}).json()

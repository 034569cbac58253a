"""As of earlier moments, and waiting for later ones."""

import re
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from typing import Any

import httpx
import pytest

from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.insights import insights
from schemas.policy import FollowUpRule, Policy
from tests.insights.house import KEY, OTHER, PATHS, House, commented, completion, mail, reason
from tests.store.given import statement, voiding


def said(client: httpx.Client, moment: str | int | None = None) -> dict[str, Any]:
    """All that is said, now or as of a moment."""
    query = {} if moment is None else {"as_of": str(moment)}
    found = {}
    for path in (*PATHS, *(f"/follow-ups/figures?by={by}" for by in ("team", "manager"))):
        answer = client.get(path, params={**httpx.URL(path).params, **query})
        assert answer.status_code == 200, answer.text
        # Looking back leaves withheld groups out.
        found[path] = [one for one in answer.json()["items"] if not one.get("withheld")]
    for one in found["/people"][:4]:
        for what in ("people", "streaks", "managers"):
            detail = client.get(f"/{what}/{one['id']}", params=query)
            assert detail.status_code in {200, 404}, detail.text
            found[f"/{what}/{one['id']}"] = detail.json().get("item")
    return found


def _without_addresses(found: dict[str, Any]) -> Any:
    text = re.sub(r"(\?|&)as_of=[^&'\"]*", r"\1", str(found))
    return text.replace("?&", "?").replace("?'", "'").replace("&'", "'")


def test_as_of_says_what_was_said_then(quiet: House) -> None:
    voided = completion("s2")
    moments: list[tuple[str, dict[str, Any]]] = []
    with quiet.person("x", "admin") as admin, quiet.person("mia", "manager") as mia:
        changes: list[Callable[[], object]] = [
            lambda: quiet.post(completion("s1"), completion("n1"), voided, *(completion(f"o{n}") for n in range(1, 6))),
            lambda: quiet.post(commented("s1"), statement("s3"), completion("zed", OTHER)),
            lambda: quiet.organise(f"email,name,team\n{mail('s1')},Renamed,ops\n{mail('new')},New,lab\n"),
            lambda: quiet.post(voiding(voided), completion("new")),
            lambda: quiet.organise(f"email,account\n{mail('s1')},https://lms.example s1\n"),
        ]
        for change in changes:
            change()
            quiet.project()
            # Said at one moment: that of the answer is asked for again.
            now = admin.get("/positions").json()["as_of"]
            moments.append((now, said(admin, now)))
            live = said(admin)
            # A moment later nothing is due that wasn't.
            assert _without_addresses(live) == _without_addresses(moments[-1][1])
        for moment, then in moments:
            # Names are those of today.
            again = str(said(admin, moment)).replace("Renamed", "S1")
            assert again == str(then).replace("Renamed", "S1")
        for (_, before), (_, after) in pairwise(moments):
            assert before != after
        positions = [admin.get("/follow-ups", params={"as_of": moment}).json()["position"] for moment, _ in moments]
        assert positions == sorted(set(positions))
        by_position = admin.get("/follow-ups", params={"as_of": positions[0]}).json()
        assert by_position["position"] == positions[0]
        assert by_position["items"] == moments[0][1]["/follow-ups"]
        # Somebody who sees less sees less of then, too.
        for position in positions:
            people = {one["person"]["id"] for one in mia.get("/follow-ups", params={"as_of": position}).json()["items"]}
            now_seen = {one["id"] for one in mia.get("/people").json()["items"]}
            assert people <= now_seen


def test_as_of_a_past_day_has_that_day_s_statuses(quiet: House) -> None:
    quiet.post(completion("s1", days=0))
    with quiet.person("s1") as one:
        (plan,) = one.get("/follow-ups").json()["items"]
        assert {step["status"] for step in plan["steps"]} == {"open"}
        recorded = one.get("/positions").json()["position"]
        assert one.get("/follow-ups", params={"as_of": recorded - 1}).json()["items"] == []


def test_looking_back_over_a_long_log_is_for_one_person(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrs.insights.past.MOST", 3)
    head = 5
    with busy.person("eve", "lnd") as eve:
        assert "ask about a team or one person" in reason(eve.get("/follow-ups", params={"as_of": head}))
        assert eve.get("/follow-ups", params={"as_of": head, "person": busy.ids()["s1"]}).status_code == 200


def test_wait_for_what_was_just_recorded(quiet: House) -> None:
    with quiet.person("s1") as one:
        quiet.record(completion("s1"))
        behind = one.get("/follow-ups").json()
        assert behind["items"] == []
        assert behind["lag"]["positions"] == 1
        assert behind["lag"]["seconds"] > 0
        written = one.get("/positions").json()["position"]
        projecting = threading.Thread(target=quiet.project)
        projecting.start()
        answer = one.get("/follow-ups", params={"wait_for": written}).json()
        projecting.join()
    assert answer["position"] == written
    assert len(answer["items"]) == 1


def test_an_erasure_is_waited_for_as_well(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "WAIT", 0.05)
    quiet.post(completion("s1"), completion("s2"))
    with quiet.person("s1") as one:
        before = one.get("/positions").json()["position"]
    with closing(ConfigurationLog(quiet.settings.database_url, "default", KEY)) as log:
        erasures = Erasures(log)
        erasures.erase(mail("s2"), confirm=erasures.look(mail("s2")).extent.persons[0], by="test")
    with quiet.person("s1") as one:
        head = one.get("/positions").json()["position"]
        behind = one.get("/follow-ups").json()
        assert behind["lag"]["positions"] == head - before > 0
        assert f"not yet up to {head}" in reason(one.get("/follow-ups", params={"wait_for": head}), 503)
        quiet.project()
        assert one.get("/follow-ups", params={"wait_for": head}).json()["lag"]["positions"] == 0


def test_who_changed_the_policy_waits_for_it(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "WAIT", 0.05)
    quiet.post(completion("s1"))
    reflect = next(rule for rule in Policy().follow_up.steps if rule.name == "reflect")
    with quiet.person("s1") as one:
        before = one.get("/follow-ups").json()
        assert before["lag"] == {"positions": 0, "seconds": 0.0}
        quiet.policy(Policy(follow_up=FollowUpRule(steps=(reflect,))))
        quiet.post(commented("s1"))
        *_, changed, last = range(1, one.get("/positions").json()["position"] + 1)
        meanwhile = one.get("/follow-ups", params={"wait_for": last})
        assert meanwhile.json()["lag"]["earlier_policy"]
        assert "by an earlier policy" in meanwhile.headers["x-vliegwiel-lag"]
        assert len(meanwhile.json()["items"][0]["steps"]) == len(before["items"][0]["steps"])
        answer = one.get("/follow-ups", params={"wait_for": changed})
        assert f"policy or vocabulary of position {changed}" in reason(answer, 503)
        assert one.get("/people", params={"wait_for": changed}).status_code == 200
        quiet.rebuild("follow_up")
        after = one.get("/follow-ups", params={"wait_for": changed}).json()
        assert "earlier_policy" not in after["lag"]
        assert [step["name"] for step in after["items"][0]["steps"]] == ["reflect"]


def test_waiting_ends(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "WAIT", 0.05)
    quiet.record(completion("s1"))
    with quiet.person("s1") as one:
        head = one.get("/positions").json()["position"]
        answer = one.get("/follow-ups", params={"wait_for": head})
        assert f"not yet up to {head}" in reason(answer, 503)
        assert answer.headers["retry-after"] == "2"
        assert one.get("/follow-ups", params={"wait_for": head - 1}).status_code == 200
        # What the projections don't read needn't be waited for: people are there with the event.
        assert one.get("/people", params={"wait_for": head}).status_code == 200

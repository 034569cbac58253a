"""Server-sent events."""

from collections.abc import Callable
from typing import Any

import httpx
from msgspec import json

from tests.insights.house import House, commented, completion
from tests.store.given import voiding


def events(client: httpx.Client, **query: Any) -> Any:
    return client.stream("GET", "/changes", **query)


def listened(client: httpx.Client, act: Callable[[], object], **query: Any) -> tuple[str, dict[str, Any]]:
    """Listen, do something, and give the first event's id and data."""
    with events(client, **query) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        act()
        found: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            found[name] = value
            if name == "data":
                break
    assert found["event"] == "changed"
    return found["id"], json.decode(found["data"])


def test_changes_are_told_to_who_may_know(quiet: House) -> None:
    ids = quiet.ids()
    with quiet.person("s1") as one, quiet.person("mia", "manager") as mia, quiet.program("insights/read") as program:
        id_, change = listened(one, lambda: quiet.post(completion("s1")))
        assert change["people"] == [ids["s1"]]
        position = change["position"]
        assert position == one.get("/positions").json()["position"]
        only = {"params": {"projection": "follow_up"}}

        # Somebody else's are passed over: the next one told is one's own.
        def two() -> None:
            quiet.post(completion("o1"))
            quiet.post(commented("s1"))

        _, change = listened(one, two, **only)
        assert change == {"projection": "follow_up", "position": position + 2, "people": [ids["s1"]]}
        _, change = listened(mia, lambda: quiet.post(completion("n1"), completion("o2")), **only)
        assert change["people"] == [ids["n1"]]
        _, change = listened(program, lambda: quiet.post(completion("o3")), **only)
        assert change["people"] is None
        # Who was away is told of all since.
        _, change = listened(mia, lambda: None, headers={"Last-Event-ID": id_}, **only)
        assert change["people"] == sorted([ids["s1"], ids["n1"]])
        _, change = listened(mia, lambda: None, params={"projection": "follow_up", "since": "0"})
        assert change["position"] == one.get("/positions").json()["position"]


def test_a_voided_statement_touches_whose_it_was(quiet: House) -> None:
    done = completion("s1")
    quiet.post(done)
    with quiet.person("s1") as one:
        _, change = listened(one, lambda: quiet.post(voiding(done)), params={"projection": "follow_up"})
        assert change["people"] == [quiet.ids()["s1"]]
        assert one.get("/follow-ups").json()["items"] == []

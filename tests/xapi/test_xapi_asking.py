"""GET of statements."""

import json
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.http import parameters
from lrs.problem import Problem
from lrs.settings import Settings
from lrs.statement import Version
from lrs.xapi import statement_query
from tests.xapi.served import Served, serve, statement

CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["statements"]]


def stored(xapi: httpx.Client, *statements: dict[str, Any]) -> list[str]:
    answer = xapi.post("/statements", json=list(statements))
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()
    return found


def test_a_query_gives_the_newest_first_and_always_a_more(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    sent = stored(xapi, *(statement(verb=verb) for _ in range(3)))
    answer = xapi.get("/statements", params={"verb": verb["id"]})
    assert ids(answer) == sent[::-1]
    assert answer.json()["more"] == ""
    assert ids(xapi.get("/statements", params={"verb": verb["id"], "ascending": "true"})) == sent


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more_leads_through_all_pages_each_statement_once(xapi: httpx.Client, ascending: str) -> None:
    verb = statement()["verb"]
    sent = stored(xapi, *(statement(verb=verb) for _ in range(5)))
    answer = xapi.get("/statements", params={"verb": verb["id"], "limit": 2, "ascending": ascending})
    found = ids(answer)
    while more := answer.json()["more"]:
        assert more.startswith("/xapi/statements?")
        # What is stored meanwhile doesn't disturb the pages still to come.
        stored(xapi, statement())
        answer = xapi.get(xapi.base_url.join(more))
        found += ids(answer)
    assert found == (sent if ascending == "true" else sent[::-1])


@pytest.fixture(scope="module")
def behind_a_proxy(settings: Settings, registry: Registry) -> Iterator[Served]:
    for port in serve(replace(settings, public_url="https://learn.example/lrs/")):
        yield Served(port, registry)


def test_more_has_the_path_that_clients_know(behind_a_proxy: Served) -> None:
    verb = statement()["verb"]
    with behind_a_proxy.client("all") as client:
        stored(client, statement(verb=verb), statement(verb=verb))
        more = client.get("/statements", params={"verb": verb["id"], "limit": 1}).json()["more"]
        assert more.startswith("/lrs/xapi/statements?cursor=")
        assert len(ids(client.get(client.base_url.join(more.removeprefix("/lrs"))))) == 1


def test_more_is_short_however_much_is_said_of_a_group(xapi: httpx.Client) -> None:
    members = [{"mbox": f"mailto:{number}@{uuid4()}.example"} for number in range(800)]
    group = {"objectType": "Group", "account": {"homePage": "http://example.com", "name": str(uuid4())}}
    sent = stored(xapi, statement(actor=group), statement(actor=group))
    query = {"agent": json.dumps({**group, "name": "All", "member": members}), "limit": "1"}
    answer = xapi.post("/statements?method=GET", data=query)
    assert len(answer.json()["more"]) < 1000
    assert ids(answer) + ids(xapi.get(xapi.base_url.join(answer.json()["more"]))) == sent[::-1]


def test_no_link_is_given_that_is_too_long_to_follow(xapi: httpx.Client) -> None:
    for letters, status in ((40_000, 200), (50_000, 400)):
        verb = {"id": f"http://example.com/{uuid4()}/{'w' * letters}"}
        sent = stored(xapi, statement(verb=verb), statement(verb=verb))
        answer = xapi.get("/statements", params={"verb": verb["id"], "limit": "1"})
        assert answer.status_code == status, answer.text
        if status == 200:
            assert ids(answer) + ids(xapi.get(xapi.base_url.join(answer.json()["more"]))) == sent[::-1]
        assert ids(xapi.get("/statements", params={"verb": verb["id"]})) == sent[::-1]


def test_a_page_was_last_modified_when_its_newest_statement_was_stored(xapi: httpx.Client) -> None:
    verb = statement()["verb"]["id"]
    assert "Last-Modified" not in xapi.get("/statements", params={"verb": verb}).headers
    stored(xapi, *(statement(verb={"id": verb}) for _ in range(2)))
    for ascending in ("true", "false"):
        answer = xapi.get("/statements", params={"verb": verb, "ascending": ascending})
        newest = max(datetime.fromisoformat(one["stored"]) for one in answer.json()["statements"])
        assert parsedate_to_datetime(answer.headers["Last-Modified"]) == newest.replace(microsecond=0)
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "accept",
    [
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "text/html;q=0.9, application/json;q=0.1",
        "image/png",
        "?",
    ],
)
def test_programs_that_would_take_a_page_are_told_as_all_are(xapi: httpx.Client, accept: str) -> None:
    answer = xapi.get("/statements?foo=1", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "foo" in answer.json()["detail"]


@pytest.mark.parametrize("accept", ["text/plain;q=1e999", "a," * 30_000, "\xff", ";;q=,", "text/html;q=nan"])
@pytest.mark.parametrize("path", ["/xapi/statements", "/xapi/statements?foo=1", "/insights/v1/nothing", "/nothing"])
def test_no_accept_header_is_too_odd_to_refuse_a_request(xapi: httpx.Client, path: str, accept: str) -> None:
    for auth in (None, xapi.auth):
        with httpx.Client(auth=auth, base_url=xapi.base_url, headers={"X-Experience-API-Version": "2.0.0"}) as client:
            answer = client.get(xapi.base_url.join(path), headers=[(b"Accept", accept.encode("latin-1"))])
            assert answer.status_code in {200, 400, 401, 404}
            assert (answer.status_code == 401) is (auth is None and not path.endswith("nothing")), answer.text


def test_of_several_accept_headers_all_count(xapi: httpx.Client) -> None:
    lines = [("Accept", "text/plain"), ("Accept", "application/json")]
    for headers in (lines, lines[::-1]):
        for query in ("foo=1", "foo=1&method=GET"):
            answer = xapi.get(f"/statements?{query}", headers=headers)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "Accept" in answer.headers.get_list("Vary", split_commas=True)


@pytest.mark.parametrize(
    ("accept", "kind", "begin"),
    [
        ("text/plain", "text/plain", "400 Bad Request: the query parameter '<b>' is not known here"),
        ("text/html, text/plain;q=0.5", "text/html", "<!doctype html><title>400 Bad Request</title>"),
    ],
)
@pytest.mark.parametrize("path", ["/statements?%3Cb%3E=1", "/statements?%3Cb%3E=1&method=GET"])
def test_who_takes_no_json_is_told_in_words(xapi: httpx.Client, path: str, accept: str, kind: str, begin: str) -> None:
    answer = xapi.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, f"{kind}; charset=utf-8")
    assert answer.text.startswith(begin) or "method" in path
    assert "<b>" not in answer.text or kind == "text/plain"


def test_more_keeps_format_and_attachments(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    stored(xapi, statement(verb=verb), statement(verb=verb))
    answer = xapi.get("/statements", params={"verb": verb["id"], "limit": 1, "format": "ids"})
    second = xapi.get(xapi.base_url.join(answer.json()["more"])).json()["statements"][0]
    assert second["verb"] == {"id": verb["id"]}


def test_a_damaged_or_accompanied_cursor_is_refused(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    stored(xapi, statement(verb=verb), statement(verb=verb))
    more = xapi.get("/statements", params={"verb": verb["id"], "limit": 1}).json()["more"]
    for damaged in (more[:-9], more.replace("cursor=", "cursor=x"), "/xapi/statements?cursor=", more + "&limit=2"):
        assert xapi.get(xapi.base_url.join(damaged)).status_code == 400


def test_what_was_asked_may_stand_beside_the_cursor(xapi: httpx.Client) -> None:
    one = statement()
    first, second = stored(xapi, one, statement(actor=one["actor"], verb=one["verb"]))
    query = {"agent": json.dumps({"name": "Somebody", **one["actor"]}), "verb": one["verb"]["id"], "limit": 1}
    page = xapi.get("/statements", params=query).json()
    cursor = page["more"].partition("cursor=")[2]
    rest = xapi.get("/statements", params={**query, "cursor": cursor})
    assert [page["statements"][0]["id"], rest.json()["statements"][0]["id"]] == [second, first]
    for other in ({"verb": f"{query['verb']}/x"}, {"since": "2020-01-01T00:00:00Z"}, {"statementId": first}):
        refused = xapi.get("/statements", params={**query, "cursor": cursor, **other})
        assert refused.status_code == 400
        assert next(iter(other)) in refused.json()["detail"]


def test_every_filter_finds_its_statement(xapi: httpx.Client) -> None:
    instructor = {"mbox": f"mailto:{uuid4()}@example.com"}
    parent = {"id": f"http://example.com/parents/{uuid4()}"}
    registration = str(uuid4())
    sent = statement(
        context={
            "registration": registration,
            "instructor": instructor,
            "contextActivities": {"parent": parent},
        }
    )
    (id_,) = stored(xapi, sent)
    actor = {"mbox": sent["actor"]["mbox"]}
    for query in (
        {"agent": json.dumps(actor)},
        {"verb": sent["verb"]["id"]},
        {"activity": sent["object"]["id"]},
        {"registration": registration},
        {"agent": json.dumps(instructor), "related_agents": "true"},
        {"activity": parent["id"], "related_activities": "true"},
        {"agent": json.dumps(actor), "verb": sent["verb"]["id"], "registration": registration},
    ):
        assert ids(xapi.get("/statements", params=query)) == [id_], query
    assert ids(xapi.get("/statements", params={"agent": json.dumps(instructor)})) == []
    assert ids(xapi.get("/statements", params={"activity": parent["id"]})) == []


def test_since_excludes_and_until_includes_the_moment(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    for _ in range(3):
        stored(xapi, statement(verb=verb))
    found = xapi.get("/statements", params={"verb": verb["id"], "ascending": "true"}).json()["statements"]
    first, second, third = ((one["id"], one["stored"]) for one in found)
    assert ids(xapi.get("/statements", params={"verb": verb["id"], "since": second[1]})) == [third[0]]
    assert ids(xapi.get("/statements", params={"verb": verb["id"], "until": second[1]})) == [second[0], first[0]]
    offset = second[1].replace("Z", "+00:00")
    assert ids(xapi.get(f"/statements?verb={verb['id']}&since={offset}")) == [third[0]]


@pytest.mark.parametrize(
    ("version", "value", "words"),
    [
        ("1.0.3", "2024-01-01", "an ISO 8601 date and time such as 2026-03-01T09:30:00Z"),
        ("2.0.0", "2024-01-01T00:00:00", "an RFC 3339 date, time and offset such as 2026-03-01T09:30:00Z"),
    ],
)
def test_a_moment_is_refused_in_words_of_its_version(version: Version, value: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        parameters.moment({"since": value}, "since", version)
    assert caught.value.detail == f"the query parameter since is '{value}': it must be {words}"


def test_ids_and_canonical_are_other_formats_of_the_same(xapi: httpx.Client) -> None:
    sent = statement()
    stored(xapi, sent)
    bare = xapi.get("/statements", params={"statementId": sent["id"], "format": "ids"}).json()
    assert bare["actor"] == {"mbox": sent["actor"]["mbox"]}
    assert bare["object"] == {"id": sent["object"]["id"]}
    for language, name in (("nl", "Het"), ("en-GB, en;q=0.9, nl;q=0.8", "It")):
        params = {"statementId": sent["id"], "format": "canonical"}
        answer = xapi.get("/statements", params=params, headers={"Accept-Language": language})
        assert "Accept-Language" in answer.headers.get_list("Vary", split_commas=True)
        found = answer.json()
        assert list(found["object"]["definition"]["name"].values()) == [name]
        assert len(found["verb"]["display"]) == 1


def test_a_list_of_languages_may_come_in_several_lines(xapi: httpx.Client) -> None:
    sent = statement()
    stored(xapi, sent)
    params = {"statementId": sent["id"], "format": "canonical"}
    lines = [("Accept-Language", "fr;q=0.5"), ("Accept-Language", "nl")]
    for headers in (lines, lines[::-1]):
        found = xapi.get("/statements", params=params, headers=headers).json()
        assert found["verb"]["display"] == {"nl": "deed"}


def test_canonical_brings_the_definition_from_elsewhere(xapi: httpx.Client) -> None:
    defining = statement()
    using = statement(object={"id": defining["object"]["id"]})
    stored(xapi, defining, using)
    found = xapi.get("/statements", params={"statementId": using["id"], "format": "canonical"}).json()
    assert found["object"]["definition"]["name"] == {"en": "It"}


def test_a_statement_keeps_its_own_definitions_if_those_known_are_too_large(
    xapi: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    defining = statement()
    activity = {"id": defining["object"]["id"]}
    using = statement(object=activity, context={"contextActivities": {"other": [activity] * 20}})
    stored(xapi, defining, using)
    params = {"statementId": using["id"], "format": "canonical"}
    assert "definition" in xapi.get("/statements", params=params).json()["object"]
    monkeypatch.setattr(statement_query, "_MOST_DEFINITIONS", 200)
    assert "definition" not in xapi.get("/statements", params=params).json()["object"]


def test_a_canonical_page_is_full_at_a_number_of_bytes_and_the_rest_follows(
    xapi: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_query, "_LARGEST_CANONICAL", 100_000)
    defining = statement()
    defining["object"]["definition"]["description"] = {"en": "x" * 40_000}
    sent = stored(xapi, defining, *(statement(object={"id": defining["object"]["id"]}) for _ in range(4)))
    pages: list[list[str]] = []
    more = f"/statements?activity={defining['object']['id']}&format=canonical"
    while more:
        answer = xapi.get(xapi.base_url.join(more) if pages else more)
        pages.append(ids(answer))
        more = answer.json()["more"]
    assert [len(page) for page in pages] == [3, 2]
    assert pages[0] + pages[1] == sent[::-1]


def test_a_single_statement_says_when_it_was_stored(xapi: httpx.Client, xapi2: httpx.Client) -> None:
    (id_,) = stored(xapi, statement())
    for client in (xapi, xapi2):
        answer = client.get("/statements", params={"statementId": id_})
        moment = datetime.fromisoformat(answer.json()["stored"])
        assert parsedate_to_datetime(answer.headers["Last-Modified"]) == moment.replace(microsecond=0)
        assert answer.headers["Cache-Control"] == "no-cache"  # it may be voided


def test_a_voided_statement_is_found_as_voided_only(xapi: httpx.Client) -> None:
    (voided,) = stored(xapi, statement())
    voiding = statement(
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": voided}
    )
    stored(xapi, voiding)
    assert xapi.get("/statements", params={"statementId": voided}).status_code == 404
    assert xapi.get("/statements", params={"voidedStatementId": voided}).json()["id"] == voided
    assert xapi.get("/statements", params={"voidedStatementId": voiding["id"]}).status_code == 404


def test_consistent_through_is_on_every_answer_errors_too(server: Served, xapi: httpx.Client) -> None:
    (id_,) = stored(xapi, statement())
    found = xapi.get("/statements", params={"statementId": id_})
    assert datetime.fromisoformat(found.headers[CONSISTENT_THROUGH]) >= datetime.fromisoformat(found.json()["stored"])
    for params in ({"limit": "1"}, {"limit": "x"}, {"statementId": str(uuid4())}, {"foo": "bar"}):
        answer = xapi.get("/statements", params=params)
        assert datetime.fromisoformat(answer.headers[CONSISTENT_THROUGH]).tzinfo
        assert answer.headers["Date"]
    for answer in (
        httpx.get(f"{server.url}/xapi/statements"),
        httpx.get(f"{server.url}/xapi/statements", headers={"X-Experience-API-Version": "1.0.3"}),
    ):
        assert datetime.fromisoformat(answer.headers[CONSISTENT_THROUGH]).tzinfo


ALONE = ["statementId", "voidedStatementId"]


@pytest.mark.parametrize("alone", ALONE)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agent", '{"mbox":"mailto:a@example.com"}'),
        ("verb", "http://example.com/v"),
        ("activity", "http://example.com/a"),
        ("registration", "8a8d3f0c-61a2-4d4a-8f4b-0e5b7b1f3c55"),
        ("related_activities", "false"),
        ("related_agents", "false"),
        ("since", "2026-01-01T00:00:00Z"),
        ("until", "2026-01-01T00:00:00Z"),
        ("limit", "1"),
        ("ascending", "false"),
    ],
)
def test_an_id_goes_with_no_filter(xapi: httpx.Client, alone: str, name: str, value: str) -> None:
    assert xapi.get("/statements", params={alone: str(uuid4()), name: value}).status_code == 400
    assert xapi.get("/statements", params={name: value}).status_code == 200


def test_both_ids_at_once_are_refused(xapi: httpx.Client) -> None:
    assert xapi.get("/statements", params=dict.fromkeys(ALONE, str(uuid4()))).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "foo=bar",
        "Limit=1",
        "limit=1&limit=2",
        "limit=-1",
        "limit=1.5",
        "limit=",
        "limit=%C2%B2",
        "since=yesterday",
        "until=true",
        "agent={",
        "agent={}",
        'agent={"mbox":"nobody"}',
        "agent=%FF",
        "verb=walked",
        "activity=true",
        "registration=12",
        "statementId=12",
        "statementId=",
        "voidedStatementId=12",
        "format=Exact",
        "attachments=yes",
        "ascending=TRUE",
        "related_agents=1",
        "related_activities=",
    ],
)
def test_wrong_parameters_are_refused_by_name(xapi: httpx.Client, query: str) -> None:
    answer = xapi.get(f"/statements?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0].lower() in answer.json()["detail"].lower() or "%FF" in query


def test_head_is_get_without_the_body(xapi: httpx.Client) -> None:
    (id_,) = stored(xapi, statement())
    for params in ({"statementId": id_}, {"limit": "1"}, {"statementId": str(uuid4())}):
        got, head = xapi.get("/statements", params=params), xapi.head("/statements", params=params)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["Content-Length"] == got.headers["Content-Length"]
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_mine_is_what_this_authority_wrote(server: Served, xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    (theirs,) = stored(xapi, statement(verb=verb))
    with server.client("statements/write", "statements/read/mine") as client:
        (own,) = stored(client, statement(verb=verb))
        assert ids(client.get("/statements", params={"verb": verb["id"]})) == [own]
        assert client.get("/statements", params={"statementId": own}).status_code == 200
        assert client.get("/statements", params={"statementId": theirs}).status_code == 404
    assert ids(xapi.get("/statements", params={"verb": verb["id"]})) == [own, theirs]


def test_nothing_crosses_stores(server: Served, xapi: httpx.Client) -> None:
    sent = statement()
    stored(xapi, sent)
    with server.client("all", store="other") as other:
        assert other.get("/statements", params={"statementId": sent["id"]}).status_code == 404
        assert ids(other.get("/statements", params={"verb": sent["verb"]["id"]})) == []
        assert other.get("/activities", params={"activityId": sent["object"]["id"]}).json().keys() == {
            "objectType",
            "id",
        }
        assert other.post("/statements", json=statement(id=sent["id"])).status_code == 200

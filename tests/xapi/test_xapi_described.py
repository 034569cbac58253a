"""The API's description, and that it says what is really answered."""

import json
import re

import httpx
import pytest

from lrs.app import create
from lrs.openapi_schema import completed
from lrs.settings import Settings
from tests.xapi.served import Served, statement

AGENT = '{"mbox":"mailto:described@example.com"}'
ACTIVITY = "http://example.com/described"
KIND = {"Content-Type": "application/json"}
DOCUMENTS = {
    "/activities/state": {"activityId": ACTIVITY, "agent": AGENT, "stateId": "one"},
    "/activities/profile": {"activityId": ACTIVITY, "profileId": "one"},
    "/agents/profile": {"agent": AGENT, "profileId": "one"},
}


@pytest.fixture(scope="module")
def described(server: Served) -> dict[str, dict[str, dict[str, object]]]:
    """What each operation of the xAPI resources may answer: path, method, status."""
    paths = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"]
    return {
        path.removeprefix("/xapi"): {method: one["responses"] for method, one in operations.items()}
        for path, operations in paths.items()
        if path.startswith("/xapi")
    }


@pytest.mark.parametrize(
    ("path", "query"),
    [("/agents", {"agent": AGENT}), ("/activities", {"activityId": ACTIVITY}), *DOCUMENTS.items()],
)
def test_what_a_client_has_already_is_described(
    xapi2: httpx.Client, described: dict[str, dict[str, dict[str, object]]], path: str, query: dict[str, str]
) -> None:
    if path in DOCUMENTS:
        xapi2.put(path, params=query, content=b"{}", headers={"If-None-Match": "*"})
    etag = xapi2.get(path, params=query).headers["ETag"]
    assert xapi2.get(path, params=query, headers={"If-None-Match": etag}).status_code == 304
    assert described[path]["get"].keys() >= {"200", "304"}


@pytest.mark.parametrize(("path", "query"), DOCUMENTS.items())
def test_what_documents_answer_is_described(
    settings: Settings,
    xapi2: httpx.Client,
    described: dict[str, dict[str, dict[str, object]]],
    path: str,
    query: dict[str, str],
) -> None:
    query = query | {next(iter(query.keys() & {"stateId", "profileId"})): "another"}
    xapi2.put(path, params=query, content=b"{}", headers={"If-None-Match": "*"})
    large, packed, other = (
        b" " * (settings.max_body_bytes + 1),
        KIND | {"Content-Encoding": "br"},
        KIND | {"If-Match": '"other"'},
    )
    for method, content in (("PUT", b"{}"), ("POST", b"{}"), ("DELETE", None)):
        answers = [xapi2.request(method, path, params=query, content=content, headers=other)]
        if content is not None:
            answers.append(xapi2.request(method, path, params=query, content=content, headers=packed))
            answers.append(xapi2.request(method, path, params=query, content=large))
        if method == "PUT":
            answers.append(xapi2.put(path, params=query, content=content))
        statuses = [answer.status_code for answer in answers]
        assert statuses == [412, 415, 413, 409][: len(answers)]
        conflicts = {"409", "412", "413", "415"} & described[path][method.lower()].keys()
        assert conflicts == set(map(str, statuses))


def test_what_statements_answer_is_described(
    settings: Settings, xapi: httpx.Client, described: dict[str, dict[str, dict[str, object]]]
) -> None:
    xapi.post("/statements", json=(known := statement()))
    large = b" " * (settings.max_body_bytes + 1)
    for method, query in (("POST", None), ("PUT", {"statementId": known["id"]})):
        answers = [
            xapi.request(method, "/statements", params=query, json={**statement(), "id": known["id"]}),
            xapi.request(method, "/statements", params=query, content=large, headers=KIND),
            xapi.request(method, "/statements", params=query, content=b"{}", headers=KIND | {"Content-Encoding": "br"}),
        ]
        assert [answer.status_code for answer in answers] == [409, 413, 415]
        assert described["/statements"][method.lower()].keys() >= {"409", "413", "415"}


def test_every_operation_says_how_it_refuses_and_what_bodies_hold(server: Served) -> None:
    schema = httpx.get(f"{server.url}/schema/openapi.json").json()
    text = json.dumps(schema)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= schema["components"]["schemas"].keys()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert answer["content"].keys() == {"application/problem+json"}, path
            if path.startswith(("/xapi/about", "/health/", "/profile", "/sign-", "/log/")):
                assert operation["security"] == []
            else:
                assert {"401", "403"} <= operation["responses"].keys(), path
    assert schema["paths"]["/xapi/statements"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Statements"
    }
    parameters = {one["name"] for one in schema["paths"]["/xapi/activities/state"]["put"]["parameters"]}
    assert {"If-Match", "If-None-Match"} <= parameters
    found = schema["paths"]["/xapi/activities/state"]["get"]["responses"]["200"]["content"]
    assert found.keys() == {"application/json", "*/*"}


@pytest.mark.parametrize(
    ("method", "path", "kinds"),
    [
        ("put", "/admin/v1/organisation", {"application/json": "Organisation", "text/csv": None}),
        ("patch", "/admin/v1/organisation", {"application/json": "Organisation", "text/csv": None}),
        ("put", "/admin/v1/policy", {"application/json": "Policy"}),
        ("put", "/privacy/v1/retention", {"application/json": "Rules"}),
        ("post", "/privacy/v1/retention/try", {"application/json": "Rules"}),
    ],
)
def test_bodies_that_handlers_read_themselves_are_described(
    server: Served, method: str, path: str, kinds: dict[str, str | None]
) -> None:
    operation = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"][path][method]
    content = operation["requestBody"]["content"]
    named = {kind: one["schema"].get("$ref", "").rpartition("/")[2] or None for kind, one in content.items()}
    assert named == kinds
    assert operation["requestBody"]["required"] is not path.endswith("/try")


def test_refusals_of_one_s_own_and_limits_are_described(server: Served) -> None:
    paths = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"]
    for method, path, statuses in (
        ("put", "/admin/v1/organisation", {"422"}),
        ("patch", "/admin/v1/organisation", {"422"}),
        ("post", "/privacy/v1/erasures", {"404"}),
        ("get", "/sign-in", {"400", "404", "503"}),
        ("get", "/sign-in/callback", {"400", "403", "404", "502", "503"}),
        ("post", "/sign-out", {"403", "413", "415", "503"}),
    ):
        assert statuses <= paths[path][method]["responses"].keys()
    limits = {
        path: one["schema"]
        for path, operations in paths.items()
        for one in operations.get("get", {}).get("parameters", ())
        if one["name"] == "limit"
    }
    assert limits.pop("/xapi/statements") == {"type": "integer", "minimum": 0}
    assert len(limits) > 10
    assert all(one == {"type": "integer", "minimum": 1, "maximum": 500} for one in limits.values())


def test_no_word_of_xapi_takes_another_s_place_in_the_description(settings: Settings) -> None:
    described = create(settings).openapi_schema.to_schema()
    before, after = (one["components"]["schemas"] for one in (described, completed(described)))
    # The admin API's own are these very structs.
    assert {name for name in before if before[name] != after[name]} <= {"Account", "Actor"}


def test_the_api_describes_itself_without_reaching_out(server: Served) -> None:
    schema = httpx.get(f"{server.url}/schema/openapi.json").json()
    parameters = {one["name"] for one in schema["paths"]["/xapi/statements"]["get"]["parameters"]}
    assert {"agent", "since", "format", "X-Experience-API-Version"} <= parameters
    page = httpx.get(f"{server.url}/schema")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "/xapi/statements" in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("/xapi/", "").split("</style>")[0]

"""The document resources as clients see them."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from lrs.credential import Registry
from lrs.seal import MasterKey
from lrs.settings import Settings
from tests.xapi.served import MASTER, Served, serve

BOTH = pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
JSON = {"Content-Type": "application/json"}
NEW = {"If-None-Match": "*"}


class Resource(NamedTuple):
    """A document resource: its path, the parameter that names a document, and the others."""

    path: str
    id: str
    place: tuple[str, ...]

    def parameters(self, **given: str) -> dict[str, str]:
        """Give the parameters of a document nobody else uses."""
        made = {
            "activityId": f"http://example.com/activities/{uuid4()}",
            "agent": json.dumps({"mbox": f"mailto:{uuid4()}@example.com"}),
            self.id: str(uuid4()),
        }
        return {name: made[name] for name in (*self.place, self.id)} | given


STATE = Resource("/activities/state", "stateId", ("activityId", "agent"))
ACTIVITY_PROFILE = Resource("/activities/profile", "profileId", ("activityId",))
AGENT_PROFILE = Resource("/agents/profile", "profileId", ("agent",))
RESOURCES = (STATE, ACTIVITY_PROFILE, AGENT_PROFILE)
EVERYWHERE = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
PROFILES = pytest.mark.parametrize("resource", RESOURCES[1:], ids=lambda resource: resource.path)


@pytest.fixture(scope="session")
def server(documents_url: str) -> Iterator[Served]:
    settings = Settings(database_url=documents_url, master_key=MASTER, max_body_bytes=1_000_000)
    registry = Registry(documents_url, MasterKey.parse(MASTER), "http://localhost")
    registry.register_store("default", "", "test")
    for port in serve(settings):
        yield Served(port, registry)
    registry.close()


@pytest.fixture(scope="session")
def clients(server: Served) -> Iterator[dict[str, httpx.Client]]:
    """Give clients that may do everything, by version."""
    with server.client("all") as one, server.client("all", version="2.0.0") as two:
        yield {"1.0.3": one, "2.0.0": two}


@pytest.fixture
def client(clients: Mapping[str, httpx.Client]) -> httpx.Client:
    return clients["1.0.3"]


def without(parameters: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in parameters.items() if key != name}


@EVERYWHERE
@BOTH
def test_a_document_goes_in_and_comes_out(
    clients: Mapping[str, httpx.Client], resource: Resource, version: str
) -> None:
    client, params = clients[version], resource.parameters()
    data = bytes(range(256)) * 10
    before = datetime.now(UTC).replace(microsecond=0)
    stored = client.put(
        resource.path, params=params, content=data, headers={**NEW, "Content-Type": "text/plain; charset=x"}
    )
    assert (stored.status_code, stored.content) == (204, b"")
    got = client.get(resource.path, params=params)
    assert (got.status_code, got.content) == (200, data)
    assert got.headers["content-type"] == "text/plain; charset=x"
    assert got.headers["etag"] == stored.headers["etag"] == f'"{sha1(data).hexdigest()}"'  # noqa: S324
    assert before <= parsedate_to_datetime(got.headers["last-modified"]) <= datetime.now(UTC)
    assert got.headers["cache-control"] == "no-cache"
    assert got.headers["x-experience-api-version"] == version
    head = client.head(resource.path, params=params)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "last-modified", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]
    assert client.delete(resource.path, params=params).status_code == 204
    assert client.get(resource.path, params=params).status_code == 404
    assert client.head(resource.path, params=params).status_code == 404


@EVERYWHERE
def test_a_merge_keeps_numbers_as_they_were_written(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    for sent in (b'{"a":1.10,"b":{"c":12345678901234567890123}}', b'{"d":1E+2,"b":0.10}'):
        assert client.post(resource.path, params=params, content=sent, headers=JSON).status_code == 204
    assert client.get(resource.path, params=params).content == b'{"a":1.10,"b":0.10,"d":1E+2}'


@EVERYWHERE
@pytest.mark.parametrize(
    ("content", "content_type"), [(b'{"a":1}', "not/json"), (b"{", "application/json"), (b"[]", "application/json")]
)
def test_what_is_no_json_object_is_not_merged(
    client: httpx.Client, resource: Resource, content: bytes, content_type: str
) -> None:
    params = resource.parameters()
    client.post(resource.path, params=params, json={"kept": True})
    answer = client.post(resource.path, params=params, content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "JSON object" in answer.json()["detail"]
    assert client.get(resource.path, params=params).json() == {"kept": True}


@EVERYWHERE
def test_nothing_is_merged_into_what_is_no_json(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    client.put(resource.path, params=params, content=b"/ asdf /", headers=NEW)
    assert client.post(resource.path, params=params, json={"a": 1}).status_code == 400
    got = client.get(resource.path, params=params)
    assert (got.content, got.headers["content-type"]) == (b"/ asdf /", "application/octet-stream")


@EVERYWHERE
@BOTH
def test_etags_guard_put_post_and_delete(clients: Mapping[str, httpx.Client], resource: Resource, version: str) -> None:
    client, params = clients[version], resource.parameters()
    client.post(resource.path, params=params, json={"a": 1})
    etag = client.get(resource.path, params=params).headers["etag"]
    wrong = {"If-Match": '"1234"'}
    assert client.put(resource.path, params=params, json={}, headers=wrong).status_code == 412
    assert client.put(resource.path, params=params, json={}, headers=NEW).status_code == 412
    assert client.post(resource.path, params=params, json={}, headers=wrong).status_code == 412
    refused = client.delete(resource.path, params=params, headers=wrong)
    assert refused.status_code == 412
    assert etag in refused.json()["detail"]
    assert client.get(resource.path, params=params).json() == {"a": 1}
    etag = client.put(resource.path, params=params, json={"b": 2}, headers={"If-Match": etag}).headers["etag"]
    lines = [("If-Match", '"1"'), ("If-Match", etag)]
    etag = client.post(resource.path, params=params, json={"c": 3}, headers=lines).headers["etag"]
    assert client.get(resource.path, params=params).json() == {"b": 2, "c": 3}
    assert client.delete(resource.path, params=params, headers={"If-Match": etag}).status_code == 204
    assert client.delete(resource.path, params=params, headers={"If-Match": etag}).status_code == 412


@EVERYWHERE
@BOTH
def test_put_without_etag_headers(clients: Mapping[str, httpx.Client], resource: Resource, version: str) -> None:
    client, params = clients[version], resource.parameters()
    needs_headers = version == "1.0.3" and resource is not STATE
    may_overwrite = version == "1.0.3" and resource is STATE
    assert client.put(resource.path, params=params, json={"a": 1}).status_code == (400 if needs_headers else 204)
    client.post(resource.path, params=params, json={"a": 1})
    again = client.put(resource.path, params=params, json={"b": 2})
    assert again.status_code == (204 if may_overwrite else 409)
    if not may_overwrite:
        assert "If-Match" in again.json()["detail"]
    assert client.get(resource.path, params=params).json() == ({"b": 2} if may_overwrite else {"a": 1})


@EVERYWHERE
def test_what_the_client_has_is_not_sent_again(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    client.post(resource.path, params=params, json={"a": 1})
    etag = client.get(resource.path, params=params).headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        same = client.get(resource.path, params=params, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert client.get(resource.path, params=params, headers={"If-None-Match": '"x"'}).status_code == 200


@EVERYWHERE
def test_only_what_the_client_means_is_sent(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    assert client.get(resource.path, params=params, headers={"If-Match": "*"}).status_code == 404
    client.post(resource.path, params=params, json={"a": 1})
    for asked in (params, without(params, resource.id)):
        found = client.get(resource.path, params=asked)
        etag = found.headers["etag"]
        for meant in (etag, f'"x", {etag}', "*"):
            assert client.get(resource.path, params=asked, headers={"If-Match": meant}).content == found.content
        for other in ('"x"', f"W/{etag}"):
            refused = client.get(resource.path, params=asked, headers={"If-Match": other})
            assert refused.status_code == 412
            assert etag in refused.json()["detail"]
        both = {"If-Match": etag, "If-None-Match": etag}
        assert client.get(resource.path, params=asked, headers=both).status_code == 304


@EVERYWHERE
def test_ids_are_listed(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    place = without(params, resource.id)
    names = ["é 1", "b", params[resource.id]]
    for name in names:
        client.post(resource.path, params={**place, resource.id: name}, json={})
    listed = client.get(resource.path, params=place)
    assert (listed.status_code, listed.headers["content-type"]) == (200, "application/json")
    assert listed.json() == sorted(names)
    assert listed.headers["etag"] == f'"{sha1(listed.content).hexdigest()}"'  # noqa: S324
    assert parsedate_to_datetime(listed.headers["last-modified"])
    assert client.head(resource.path, params=place).status_code == 200
    nothing = client.get(resource.path, params=without(resource.parameters(), resource.id))
    assert (nothing.json(), "last-modified" in nothing.headers) == ([], False)


@EVERYWHERE
def test_since_is_a_moment(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    place = without(params, resource.id)
    client.post(resource.path, params=params, json={})
    now = datetime.now(UTC)
    for moment, found in ((now - timedelta(minutes=1), [params[resource.id]]), (now + timedelta(minutes=1), [])):
        for written in (moment.isoformat(), moment.astimezone().isoformat(), moment.strftime("%Y-%m-%dT%H:%M:%SZ")):
            assert client.get(resource.path, params={**place, "since": written}).json() == found
    for wrong in ("true", "not a timestamp", "", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        answer = client.get(resource.path, params={**place, "since": wrong})
        assert answer.status_code == (200 if wrong.startswith("0001") else 400), wrong
    for method in ("PUT", "POST", "DELETE", "GET", "HEAD"):
        answer = client.request(method, resource.path, params={**params, "since": now.isoformat()}, json={})
        assert answer.status_code == 400
    refused = client.get(resource.path, params={**params, "since": now.isoformat()}).json()["detail"]
    assert refused == f"since is for the ids of all documents, {resource.id} for one: leave one of them out"


@EVERYWHERE
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "DELETE"])
@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [
        ("activityId", ["", "not an iri", "/relative"]),
        (
            "agent",
            [
                "true",
                "not JSON",
                "{}",
                "",
                '{"mbox":"a@b.example"}',
                '{"mbox":"mailto:a@b.example","extra":1}',
                '{"objectType":"Group","mbox":"mailto:a@b.example"}',
                '{"objectType":"Agent","name":"nobody"}',
                '{"mbox":"mailto:a@b.example"',
            ],
        ),
        ("registration", ["true", "", "1234"]),
        ("stateId", [""]),
        ("profileId", [""]),
        ("unknown", ["1"]),
        ("ActivityId", ["http://example.com/"]),
    ],
)
def test_wrong_parameters_are_refused(
    client: httpx.Client, resource: Resource, method: str, parameter: str, wrong: list[str]
) -> None:
    for value in wrong:
        content: dict[str, Any] = {"json": {}} if method in {"PUT", "POST"} else {}
        answer = client.request(
            method,
            resource.path,
            params=resource.parameters(**{parameter: value}),
            headers=NEW if method == "PUT" else {},
            **content,
        )
        assert answer.status_code == 400, (parameter, value)
        assert parameter in answer.json()["detail"]


@EVERYWHERE
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "DELETE"])
def test_missing_parameters_are_refused(client: httpx.Client, resource: Resource, method: str) -> None:
    for name in (*resource.place, resource.id):
        params = without(resource.parameters(), name)
        may_list = method == "GET" or (method == "DELETE" and resource is STATE)
        if name == resource.id and may_list:
            continue
        content: dict[str, Any] = {"json": {}} if method in {"PUT", "POST"} else {}
        answer = client.request(method, resource.path, params=params, **content)
        assert answer.status_code == 400
        assert name in answer.json()["detail"]


def test_states_are_deleted_together(client: httpx.Client) -> None:
    params = STATE.parameters()
    place = without(params, "stateId")
    registration = str(uuid4())
    client.put(STATE.path, params=params, json={})
    client.put(STATE.path, params={**params, "registration": registration}, json={})
    client.put(STATE.path, params={**place, "stateId": "other", "registration": str(uuid4())}, json={})
    assert client.get(STATE.path, params={**params, "registration": registration.upper()}).json() == {}
    assert client.delete(STATE.path, params={**place, "registration": registration}).status_code == 204
    assert client.get(STATE.path, params=place).json() == sorted([params["stateId"], "other"])
    assert client.delete(STATE.path, params=place).status_code == 204
    assert client.get(STATE.path, params=place).json() == []


def test_the_same_agent_may_be_written_in_many_ways(client: httpx.Client) -> None:
    params = AGENT_PROFILE.parameters(agent='{"mbox":"mailto:jan@EXAMPLE.com"}', profileId=str(uuid4()))
    client.post(AGENT_PROFILE.path, params=params, json={"a": 1})
    params["agent"] = '{"objectType":"Agent", "name":"Jan", "mbox":"mailto:jan@example.com"}'
    assert client.get(AGENT_PROFILE.path, params=params).json() == {"a": 1}


@EVERYWHERE
@pytest.mark.parametrize("content_type", ["json", "text", "a/b\tc", "*/*x y"])
def test_a_content_type_that_is_none_is_refused(client: httpx.Client, resource: Resource, content_type: str) -> None:
    headers = {**NEW, "Content-Type": content_type}
    assert client.put(resource.path, params=resource.parameters(), content=b"", headers=headers).status_code == 400


@EVERYWHERE
def test_documents_are_never_run_as_pages(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    client.put(resource.path, params=params, content=b"<script>", headers={**NEW, "Content-Type": "text/html"})
    got = client.get(resource.path, params=params)
    assert got.headers["content-security-policy"] == "sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"


@EVERYWHERE
def test_too_large_a_document_is_refused(client: httpx.Client, resource: Resource) -> None:
    answer = client.put(resource.path, params=resource.parameters(), content=bytes(1_000_001), headers=NEW)
    assert answer.status_code == 413


@EVERYWHERE
def test_scopes_say_who_may_read_and_write(server: Served, resource: Resource) -> None:
    scope = "state" if resource is STATE else "profile"
    params = resource.parameters()
    for scopes, may_write, may_read in (
        ((scope,), True, True),
        (("all",), True, True),
        ((f"{scope}/read",), False, True),
        (("all/read",), False, True),
        (("statements/write", "statements/read", "define", "profile" if resource is STATE else "state"), False, False),
    ):
        with server.client(*scopes) as client:
            written = client.post(resource.path, params=params, json={})
            assert written.status_code == (204 if may_write else 403), scopes
            assert client.get(resource.path, params=params).status_code == (200 if may_read else 403), scopes
            assert client.get(resource.path, params=without(params, resource.id)).status_code == (
                200 if may_read else 403
            )
            if not may_write:
                assert client.put(resource.path, params=params, json={}, headers=NEW).status_code == 403
                assert client.delete(resource.path, params=params).status_code == 403


@EVERYWHERE
def test_one_writer_of_many_wins(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()
    client.post(resource.path, params=params, json={})
    etag = client.get(resource.path, params=params).headers["etag"]

    def write(number: int) -> int:
        headers = {"If-Match": etag}
        return client.put(resource.path, params=params, json={"writer": number}, headers=headers).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(write, range(16))) == [204, *[412] * 15]


@EVERYWHERE
def test_no_merge_of_many_is_lost(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()

    def write(number: int) -> int:
        return client.post(resource.path, params=params, json={f"of {number}": number}).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(write, range(16))) == {204}
    assert client.get(resource.path, params=params).json() == {f"of {number}": number for number in range(16)}


@EVERYWHERE
def test_the_alternate_request_syntax_works(client: httpx.Client, resource: Resource) -> None:
    params = resource.parameters()

    def form(method: str, **fields: Any) -> httpx.Response:
        return client.post(resource.path, params={"method": method}, data={**params, **fields})

    stored = form("PUT", content='{"é":1}', **{"If-None-Match": "*", "Content-Type": "application/json"})
    assert stored.status_code == 204
    got = form("GET")
    assert (got.status_code, got.json()) == (200, {"é": 1})
    assert form("POST", content='{"b":2}', **{"Content-Type": "application/json"}).status_code == 204
    assert form("GET").json() == {"é": 1, "b": 2}
    assert form("DELETE", **{"If-Match": '"1"'}).status_code == 412
    assert form("DELETE").status_code == 204

"""What the other APIs of the server have in common."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from tests.xapi.served import Served

_JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def changes(server: Served) -> list[tuple[str, str]]:
    """The requests with a body."""
    described = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"]
    return [
        (method, server.url + path.replace("{key}", "x"))
        for path, operations in described.items()
        for method in operations
        if path.startswith(("/admin/v1/", "/privacy/v1/")) and method in {"post", "put", "patch"}
    ]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers=_JSON) as client:
        yield client


def test_who_asks_comes_before_what_they_sent(
    server: Served, client: httpx.Client, changes: list[tuple[str, str]]
) -> None:
    others = server.key("all")
    assert len(changes) == 14
    for method, address in changes:
        assert client.request(method, address, content=b"{").status_code == 401, address
        assert client.request(method, address, content=b"{", headers={"Content-Type": "text/plain"}).status_code == 401
        assert client.request(method, address, content=b"{", auth=others).status_code == 403, address


def test_packed_bodies_are_for_xapi(server: Served, client: httpx.Client, changes: list[tuple[str, str]]) -> None:
    for method, address in changes:
        refused = client.request(method, address, content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
        assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "identity"), address
        assert refused.json()["detail"] == "Content-Encoding: 'gzip' is not supported here: send no encoding"
    plain = {"Content-Encoding": "identity"}
    made = client.post(
        f"{server.url}/admin/v1/credentials", json={"scopes": ["all"]}, headers=plain, auth=server.key("admin")
    )
    assert made.status_code == 201

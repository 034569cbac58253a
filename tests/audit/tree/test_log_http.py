"""The log over HTTP: static files for everybody, proofs for auditors."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof

from lrs.audit.tree import keys, tree_log
from lrs.credential import Registry
from lrs.settings import Settings
from tests.audit.tree.given import ORIGIN, Log
from tests.store.conftest import MASTER
from tests.xapi.served import MASTER as MASTER_TEXT
from tests.xapi.served import Served, serve


@pytest.fixture
def server(ready_url: str) -> Iterator[Served]:
    """A server of that database."""
    registry = Registry(ready_url, MASTER, "http://localhost")
    for store in ("default", "other"):
        registry.register_store(store, "", "test")
    for port in serve(Settings(database_url=ready_url, master_key=MASTER_TEXT)):
        yield Served(port, registry)
    registry.close()


def get(server: Served, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{server.url}/log/{path}", headers=headers)


def reason(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_another_implementation_follows_the_log(server: Served, log: Log, folder: Path) -> None:
    before: Checkpoint | None = None
    for count in (1, 255, 1, 399):
        log.record(count)
        log.sign(folder)
        reader = TilesReader(HttpBackend(f"{server.url}/log/default"))
        found = reader.get_checkpoint()
        assert found.origin == ORIGIN
        found.verify(Vkey.from_string(get(server, "default/keys").json()["keys"][0]["vkey"]))
        assert reader.calculate_root_hash() == found.root_hash
        for row in tree_log.rows(log.connection, max(0, found.size - 3), found.size):
            assert reader.get_entry(row.position - 1) == row.entry()
        if before is not None:
            proof = reader.get_consistency_proof(before.size, found.size)
            proof.check(before.root_hash, found.root_hash)
        before = found


def test_files_are_cached_as_long_as_they_are_true(server: Served, log: Log, folder: Path) -> None:
    log.record(300)
    log.sign(folder)
    kept = {
        "checkpoint": "public, max-age=2",
        "tile/0/000": "public, max-age=31536000, immutable",
        "tile/0/001.p/44": "public, max-age=60",
        "tile/0/000.p/3": "public, max-age=60",
        "tile/entries/000": "public, max-age=31536000, immutable",
        "tile/entries/001.p/44": "public, max-age=60",
        "keys": "public, max-age=60",
    }
    for path, control in kept.items():
        answer = get(server, f"default/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == control
        assert answer.headers["access-control-allow-origin"] == "*"
        again = get(server, f"default/{path}", **{"If-None-Match": f'"x", W/{answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        lines = [("If-None-Match", '"x"'), ("If-None-Match", answer.headers["etag"])]
        assert httpx.get(f"{server.url}/log/default/{path}", headers=lines).status_code == 304
        assert get(server, f"default/{path}", **{"If-None-Match": '"x"'}).content == answer.content
    assert get(server, "default/checkpoint").headers["content-type"] == "text/plain; charset=utf-8"
    assert get(server, "default/tile/0/000").headers["content-type"] == "application/octet-stream"
    whole = get(server, "default/tile/0/000").content
    assert len(whole) == 256 * 32
    assert get(server, "default/tile/0/000.p/3").content == whole[: 3 * 32]
    head = httpx.head(f"{server.url}/log/default/tile/0/000")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(256 * 32))


NOWHERE = (
    "default/tile/0/001",
    "default/tile/0/001.p/45",
    "default/tile/entries/001.p/45",
    "default/tile/3/000",
    "default/tile/0/0",
    "default/tile/0/x000/000",
    "default/tile/99/x999/x999/x999/x999/x999/x999/999",
    "default/tile/entries/x999/x999/x999/x999/x999/999",
    "default/tile/0",
    "default/tile/%2e%2e/checkpoint",
    "default/tile/0/000%00",
    "default/tile/0/\u0663\u0663\u0663",
    "default/",
    "default/other",
    "nobody/checkpoint",
    "nobody/tile/0/000",
    "other/checkpoint",
    "other/keys",
    "Default%22/checkpoint",
)


def test_what_isnt_there_isnt_found(server: Served, log: Log, folder: Path) -> None:
    log.record(300)
    log.sign(folder)
    for path in NOWHERE:
        assert reason(get(server, path), 404), path


def test_unknown_parameters_are_refused(server: Served) -> None:
    for path in ("default/checkpoint", "default/keys", "default/tile/0/000"):
        assert "not known here" in reason(get(server, f"{path}?a=1"), 400)


def test_nothing_in_the_log_s_files_is_about_a_person(server: Served, log: Log, folder: Path) -> None:
    log.record(3)
    log.sign(folder)
    learner = log.connection.execute("SELECT learner FROM learners LIMIT 1").fetchone()
    statement = log.connection.execute("SELECT originator_id FROM stored_events LIMIT 1").fetchone()
    assert learner
    assert statement
    for path in ("checkpoint", "keys", "tile/0/000.p/3", "tile/entries/000.p/3"):
        body = get(server, f"default/{path}").content
        for secret in (learner[0], statement[0]):
            assert secret.bytes not in body
            assert str(secret).encode() not in body


# Proofs


@pytest.fixture
def auditor(server: Served) -> Iterator[httpx.Client]:
    """A program with the scope for it."""
    with httpx.Client(base_url=f"{server.url}/audit/v1/proofs", auth=server.key("audit/read")) as client:
        yield client


def _ids(log: Log) -> list[UUID]:
    return [row.originator_id for row in tree_log.rows(log.connection, 0, tree_log.head(log.connection))]


def test_a_statement_is_proven(log: Log, folder: Path, auditor: httpx.Client) -> None:
    log.record(300)
    log.sign(folder)
    for position in (1, 137, 256, 300):
        statement = _ids(log)[position - 1]
        found = auditor.get(f"/statements/{statement}").json()
        assert auditor.get(f"/positions/{position}").json() == found
        assert (found["position"], found["id"], found["topic"]) == (position, str(statement), "statement.recorded")
        # As docs/proof.md says, with an implementation that isn't ours.
        head, note = found["proof"].split("\n\n", 1)
        first, extra, index, *hashes = head.split("\n")
        assert first == "c2sp.org/tlog-proof@v1"
        checkpoint = Checkpoint.from_text(note)
        checkpoint.verify(Vkey.from_string(str(log.verifiers()[0])))
        record = _decoded(extra.removeprefix("extra "))
        proof = InclusionProof(int(index.removeprefix("index ")), checkpoint.size, [_decoded(one) for one in hashes])
        proof.check(_sha256(b"\0" + _sha256(record)), checkpoint.root_hash)
        assert proof.leaf_index == position - 1
        assert record[1:9] == position.to_bytes(8)
        assert record[9:25] == statement.bytes
        assert record[-32:].hex() == found["state_sha256"]


def test_two_checkpoints_are_of_one_log(log: Log, folder: Path, auditor: httpx.Client) -> None:
    log.record(7)
    old = log.sign(folder)
    log.record(300)
    new = log.sign(folder)
    found = auditor.get("/consistency/7/307").json()
    assert (found["from"], found["to"]) == (7, 307)
    assert (found["from_root"], found["to_root"]) == (old.root.hex(), new.root.hex())
    ConsistencyProof(7, 307, [bytes.fromhex(one) for one in found["hashes"]]).check(old.root, new.root)
    for wrong in ("8/7", "7/308", "0/" + 5000 * "9", "-1/3"):
        assert reason(auditor.get(f"/consistency/{wrong}"), 404)


def test_what_isnt_signed_yet_is_said(log: Log, folder: Path, auditor: httpx.Client) -> None:
    log.record(1)
    assert "nothing of this log is signed yet" in reason(auditor.get("/positions/1"), 404)
    log.sign(folder)
    log.record(1)
    answer = auditor.get(f"/statements/{_ids(log)[1]}")
    assert "position 2 isn't signed yet" in reason(answer, 404)
    assert answer.headers["retry-after"] == "5"
    assert "there is no statement" in reason(auditor.get(f"/statements/{UUID(int=0)}"), 404)
    log.record_something_else(UUID(int=1))
    log.sign(folder)
    assert "there is no statement" in reason(auditor.get(f"/statements/{UUID(int=1)}"), 404)
    assert "no position 4" in reason(auditor.get("/positions/4"), 404)
    assert "no position 0" in reason(auditor.get("/positions/0"), 404)
    assert reason(auditor.get("/statements/x"), 404)
    assert "not known here" in reason(auditor.get("/positions/1?a=1"), 400)


def test_proofs_are_for_auditors(server: Served, log: Log, folder: Path) -> None:
    log.record(1)
    log.sign(folder)
    path = f"{server.url}/audit/v1/proofs/positions/1"
    assert reason(httpx.get(path), 401)
    assert "audit/read" in reason(httpx.get(path, auth=server.key("all", "admin")), 403)
    assert httpx.get(path, auth=server.key("audit/read")).status_code == 200
    # Another store's auditor sees another log.
    assert "no position 1" in reason(httpx.get(path, auth=server.key("audit/read", store="other")), 404)


def test_keys_are_served_with_what_vouches_for_them(server: Served, log: Log, folder: Path) -> None:
    log.record(1)
    log.sign(folder)
    keys.rotate(log.connection, "store_default", ORIGIN, MASTER)
    served: dict[str, Any] = json.loads(get(server, "default/keys").content)
    assert served["origin"] == ORIGIN
    assert [one["vkey"] for one in served["keys"]] == [str(key) for key in log.verifiers()]
    endorsements = [one["endorsement"] for one in served["keys"] if one["endorsement"]]
    assert keys.successors(ORIGIN, log.verifiers()[0], endorsements) == log.verifiers()


def test_it_is_described(server: Served) -> None:
    described = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"]
    for path in ("/log/{store}/checkpoint", "/log/{store}/keys", "/log/{store}/tile/{path}"):
        assert described[path]["get"]["description"]
        assert described[path]["get"]["responses"].keys() == {"200", "304", "400", "404", "503"}
    for path in ("statements/{statement}", "positions/{position}", "consistency/{old}/{new}"):
        assert described[f"/audit/v1/proofs/{path}"]["get"]["description"]


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()

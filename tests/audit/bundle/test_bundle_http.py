"""Bundles over HTTP."""

import asyncio
import errno
import io
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import IO, Any

import httpx
import pytest

from lrs.access import accesses_of
from lrs.app import create
from lrs.audit.bundle.chosen import choose
from lrs.audit.reading import opened
from lrs.credential import Registry
from lrs.settings import Settings
from tests.audit.bundle.given import COURSE, checked
from tests.audit.tree.given import Log
from tests.store.conftest import MASTER
from tests.xapi.served import MASTER as MASTER_TEXT
from tests.xapi.served import Served, serve


@pytest.fixture(scope="module")
def server(signed: Log) -> Iterator[Served]:
    """A server of the signed log."""
    registry = Registry(signed.url, MASTER, "http://localhost")
    for store in ("default", "other"):
        registry.register_store(store, "", "test")
    for port in serve(Settings(database_url=signed.url, master_key=MASTER_TEXT)):
        yield Served(port, registry)
    registry.close()


@asynccontextmanager
async def _asking(signed: Log, server: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A server in this very loop, whose insides a test may change, and an auditor who asks it."""
    app = create(Settings(database_url=signed.url, master_key=MASTER_TEXT))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    auth = server.key("audit/read")
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://lrs/audit/v1", auth=auth) as one:
        yield one


def test_auditors_get_bundles(signed: Log, server: Served) -> None:
    with httpx.Client(base_url=f"{server.url}/audit/v1", auth=server.key("audit/read"), timeout=60) as auditor:
        answer = auditor.get("/bundle", params={"from": "20", "until": "45", "since": "40"})
        assert answer.headers["content-disposition"] == 'attachment; filename="default.bundle"'
        check = checked(signed, answer.content.splitlines(keepends=True))
        assert (check.problems, check.events, check.opened) == ([], 26, 0)
        days = auditor.get("/bundle", params={"from": "2020-01-01", "until": "9999-12-31T23:59:59-14:00"})
        assert checked(signed, days.content.splitlines(keepends=True)).events == 70
        learner = {"learner": "p1@example.org", "open": "true", "whole": "true"}
        check = checked(signed, auditor.get("/bundle", params=learner).content.splitlines(keepends=True))
        assert (check.problems, check.events, check.opened) == ([], 70, 14)
        for wrong, status, said in (
            ({"learner": "nobody@example.org"}, 404, "no statement"),
            ({"until": "71"}, 400, "the log ends at position 70"),
            ({"since": "71"}, 400, "the last checkpoint is of size 70"),
            ({"from": "9", "until": "3"}, 400, "lies after"),
            ({"training": "a course"}, 400, "is an IRI"),
            ({"learner": "p1@example.org", "training": COURSE}, 400, "not both"),
            ({"since": "-1"}, 400, "a whole number from 0"),
            ({"whole": "perhaps"}, 400, "true or false"),
            ({"all": "true"}, 400, "not known here"),
        ):
            refused = auditor.get("/bundle", params=wrong)
            assert refused.status_code == status, refused.text
            assert refused.headers["content-type"] == "application/problem+json"
            assert said in refused.json()["detail"]


def test_that_somebody_was_read_is_noted(signed: Log, server: Served) -> None:
    with httpx.Client(base_url=f"{server.url}/audit/v1", auth=server.key("audit/read"), timeout=60) as auditor:
        for given in ({"learner": "p2@example.org"}, {"learner": "p3@example.org", "open": "true"}):
            claim = checked(signed, auditor.get("/bundle", params=given).content.splitlines(keepends=True)).claim
            assert claim is not None
            with opened(signed.url, signed.store, MASTER) as (cursor, messages):
                looks = accesses_of(cursor, messages.keyring, claim.learners)
            assert [(look.kind, look.means) for look in looks] == [("program", "bundle")]


def test_bundles_are_for_auditors_of_the_store(server: Served) -> None:
    path = f"{server.url}/audit/v1/bundle"
    assert httpx.get(path).status_code == 401
    assert httpx.get(path, auth=server.key("all", "admin")).status_code == 403
    nothing = httpx.get(path, auth=server.key("audit/read", store="other"))
    assert nothing.status_code == 404
    assert "nothing of this log is signed yet" in nothing.json()["detail"]


async def test_who_hangs_up_is_waited_for(signed: Log, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    began, may_end = threading.Semaphore(0), threading.Event()

    def slowly(*given: Any) -> Any:
        begun.append(len(begun))
        began.release()
        assert may_end.wait(60)
        return choose(*given)

    monkeypatch.setattr("lrs.audit.bundle.router.choose", slowly)
    async with _asking(signed, server) as auditor:
        one = asyncio.create_task(auditor.get("/bundle"))
        assert await asyncio.to_thread(began.acquire, timeout=60)
        one.cancel()
        other = asyncio.create_task(auditor.get("/bundle", params={"from": "70"}))
        assert not await asyncio.to_thread(began.acquire, timeout=0.5)
        may_end.set()
        check = checked(signed, (await other).content.splitlines(keepends=True))
    assert (check.problems, check.events, begun) == ([], 1, [0, 1])


class _Full(io.BytesIO):
    def writelines(self, _: Iterable[Any]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def _nowhere() -> IO[bytes]:
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


@pytest.mark.parametrize("temporary", [_Full, _nowhere])
async def test_without_room_for_it_there_is_none(
    signed: Log, server: Served, monkeypatch: pytest.MonkeyPatch, temporary: Callable[[], IO[bytes]]
) -> None:
    monkeypatch.setattr("lrs.audit.bundle.router.tempfile.TemporaryFile", temporary)
    async with _asking(signed, server) as auditor:
        refused = await auditor.get("/bundle")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "no room" in refused.json()["detail"]


def test_the_description_says_what_it_takes_and_gives(server: Served) -> None:
    operation = httpx.get(f"{server.url}/schema/openapi.json").json()["paths"]["/audit/v1/bundle"]["get"]
    names = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
    assert names == {"learner", "training", "from", "until", "whole", "open", "since"}
    assert list(operation["responses"]["200"]["content"]) == ["application/jsonl"]
    assert {"400", "401", "403", "404"} <= operation["responses"].keys()

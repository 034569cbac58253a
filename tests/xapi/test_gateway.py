"""The gateway by itself."""

import asyncio
import json
from typing import Any, cast

import pytest

from lrs.xapi.gateway import Gateway, Rules


async def test_whoever_is_waited_for_when_the_server_ends_is_told_to_come_back() -> None:
    sent: list[Any] = []

    async def router(*_: Any) -> None:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    gateway = Gateway(router, str, cast("Any", None), cast("Any", None), Rules("1.0.3", [], 1))
    scope = {"type": "http", "method": "GET", "path": "/health/x", "headers": [], "query_string": b"", "state": {}}
    answering = asyncio.create_task(gateway(cast("Any", scope), cast("Any", None), send))
    await asyncio.sleep(0)
    answering.cancel()
    await answering
    start, body = sent
    assert start["status"] == 503
    assert b"retry-after" in dict(start["headers"])
    assert json.loads(body["body"])["status"] == 503


async def test_an_answer_that_has_begun_is_cut_off() -> None:
    async def router(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    async def send(_: Any) -> None:
        pass

    gateway = Gateway(router, str, cast("Any", None), cast("Any", None), Rules("1.0.3", [], 1))
    scope = {"type": "http", "method": "GET", "path": "/health/x", "headers": [], "query_string": b"", "state": {}}
    answering = asyncio.create_task(gateway(cast("Any", scope), cast("Any", None), send))
    await asyncio.sleep(0)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering

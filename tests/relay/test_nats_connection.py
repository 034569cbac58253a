"""The connection to NATS: there again as soon as NATS is, whatever ended it."""

import asyncio
from typing import Any

import pytest
from nats.aio.client import Client

from lrs.nats_connection import NatsConnection
from lrs.store import Store
from tests.relay.given import Log, Watcher, eventually, record_many, relaying


async def _turned_out(client: Client) -> None:
    """Have the server say that it ends this connection, and why: after that the client gives up for good."""
    assert client._transport is not None
    client._transport.write(b"NONSENSE\r\n")
    await eventually(lambda: client.is_closed)


async def test_who_was_turned_out_comes_in_again(nats_url: str) -> None:
    nats = NatsConnection({"servers": [nats_url]}, "test", meanwhile="waiting")
    try:
        await nats.opened.wait()
        for _ in range(2):
            await _turned_out(nats.client)
            await eventually(lambda: nats.client.is_connected)
            await nats.client.jetstream().account_info()
    finally:
        await nats.close()
    assert nats.client.is_closed


async def test_a_relay_that_was_turned_out_goes_on(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[NatsConnection] = []

    def connection(*given: Any, **more: Any) -> NatsConnection:
        opened.append(NatsConnection(*given, **more))
        return opened[0]

    monkeypatch.setattr("lrs.relay.relay.NatsConnection", connection)
    async with relaying(url, nats_url):
        await record_many(store, 5)
        await watcher.until(name, 5)
        await _turned_out(opened[0].client)
        await record_many(store, 5)
        await watcher.until(name, 10)
        assert await watcher.messages(name) == log.all()


async def test_it_closes_though_a_cancellation_is_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    swallowed: list[bool] = []

    async def connect(*_: object, **__: object) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed.append(True)

    monkeypatch.setattr(Client, "connect", connect)
    monkeypatch.setattr("lrs.nats_connection._PATIENCE", 0.05)
    nats = NatsConnection({}, "test", meanwhile="waiting")
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await nats.close()
    assert swallowed

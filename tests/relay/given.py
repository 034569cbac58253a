"""Words for tests of messages and of the relay."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import nats
import psycopg
from eventsourcing.persistence import JSONTranscoder
from msgspec import json
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, RawStreamMsg
from nats.js.errors import NotFoundError

from lrs.log.datastore import session
from lrs.log.event import NewEvent
from lrs.log.messages import MessageLog
from lrs.relay import Relay
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import Store
from schemas.message import Message, decode_message, stream_name, subject
from tests.store.given import prepared, statement

MASTER_TEXT = "0" * 64
MASTER = MasterKey.parse(MASTER_TEXT)
END = 2**63 - 1
PATIENCE = 60.0
"""Seconds to wait for what never comes."""


class Log:
    """The messages of a store, as the log gives them, with an open cursor."""

    def __init__(self, url: str, store: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.messages = MessageLog(self.connection, store, MASTER)
        session(self.connection, self.messages.schema)
        self.cursor = self.connection.cursor()

    def all(self, *, up_to: int = END, limit: int = 1000) -> list[Message]:
        """All messages, read in pages."""
        found: list[Message] = []
        while page := self.messages.after(self.cursor, found[-1].position if found else 0, up_to, limit):
            found += page
        return found

    def about(self, *learners: Any, up_to: int = END) -> list[str]:
        """Ids of the statements that can matter to learners."""
        return [str(message.id) for message in self.messages.about(self.cursor, learners, up_to)]


async def record(store: Store, *statements: dict[str, Any]) -> None:
    """Append statements as one request."""
    await store.append(prepared(*statements), defines=True, contents={})


async def record_many(store: Store, count: int, **more: Any) -> None:
    """Append so many statements, 500 at a time, each by somebody of a few."""
    made = [statement(f"p{number % 7}", **more) for number in range(count)]
    for start in range(0, count, 500):
        await record(store, *made[start : start + 500])


async def record_event(store: Store, topic: str, state: bytes = b"{}") -> None:
    """Append an event of any other kind."""
    await store.perform(lambda _: ([NewEvent(uuid4(), 1, topic, state)], None))


async def record_change(store: Store, kind: str, change: Any) -> None:
    """Append a configuration event as eventsourcing writes it."""
    state = JSONTranscoder().encode({"change": json.encode(change).decode(), "by": "test"})
    await record_event(store, f"{kind}.changed", state)


def settings(database_url: str, nats_url: str, **more: Any) -> Settings:
    """Settings for a relay."""
    return Settings(database_url=database_url, nats_url=nats_url, master_key=MASTER_TEXT, **more)


@asynccontextmanager
async def relaying(database_url: str, nats_url: str, **more: Any) -> AsyncIterator[Relay]:
    """A relay that runs in this process until the end, when it is stopped as a signal does."""
    relay = Relay(settings(database_url, nats_url, **more))
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await task


class Watcher:
    """Looks at streams from outside."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.jetstream = client.jetstream(timeout=1)

    async def last(self, store: str) -> int:
        """Position of the last message in a store's stream; 0 if there is none."""
        try:
            found = await self.jetstream.get_last_msg(stream_name(store), f"lrs.{store}.>")
        except NotFoundError:
            return 0
        return decode_message(found.data or b"").position

    async def until(self, store: str, position: int) -> None:
        """Wait until a position is in a store's stream."""
        last = 0
        async with asyncio.timeout(PATIENCE):
            while last < position:
                with contextlib.suppress(NatsError):  # NATS may be away meanwhile
                    last = await self.last(store)
                await asyncio.sleep(0.01)

    async def raw(self, store: str) -> list[RawStreamMsg]:
        """All that is in a store's stream, in order, as it is."""
        state = (await self.jetstream.stream_info(stream_name(store))).state
        return [
            await self.jetstream.get_msg(stream_name(store), sequence)
            for sequence in range(state.first_seq, state.last_seq + 1)
        ]

    async def messages(self, store: str) -> list[Message]:
        """All messages in a store's stream, in order; each as it should be outside too."""
        name = stream_name(store)
        count = (await self.jetstream.stream_info(name)).state.messages
        pulled = await self.jetstream.pull_subscribe(
            f"lrs.{store}.>", stream=name, config=ConsumerConfig(ack_policy=AckPolicy.NONE)
        )
        got: list[Msg] = []
        while len(got) < count:
            got += await pulled.fetch(min(1000, count - len(got)), timeout=10)
        await pulled.unsubscribe()
        read = [decode_message(one.data) for one in got]
        for one, message in zip(got, read, strict=True):
            assert one.headers is not None
            assert one.headers["Nats-Msg-Id"] == str(message.position)
            assert one.subject == subject(message)
        return read


@asynccontextmanager
async def watching(nats_url: str) -> AsyncIterator[Watcher]:
    """A connection of our own to NATS."""

    async def ignore(_: Exception) -> None:
        pass

    client = await nats.connect(
        nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=ignore, connect_timeout=5
    )
    try:
        yield Watcher(client)
    finally:
        await client.close()


def positions(messages: Sequence[Message]) -> list[int]:
    """Where messages are."""
    return [message.position for message in messages]


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)

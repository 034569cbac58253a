"""Takes messages from a store's stream by a durable pull consumer.

The client library's ``fetch`` waits for a whole batch or its time-out. Asking ourselves gives what there is at once,
and what comes next when it comes ($JS.API.CONSUMER.MSG.NEXT in
https://docs.nats.io/reference/reference-protocols/nats_api_reference).
"""

import asyncio
from contextlib import suppress
from typing import Final, NamedTuple, Self

import nats.errors
from msgspec import DecodeError, json
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from consumers.live import BATCH
from lrs.nats_connection import LOST
from schemas.message import Message, decode_message, stream_name

_EXPIRES: Final = 5.0
"""Seconds after which the server answers that there was nothing (more)."""
_SILENCE: Final = 10.0
"""Seconds without any answer after which the consumer counts as lost."""
_ACK_WAIT: Final = 30.0
"""Seconds after which what wasn't acknowledged is delivered again."""
_ENDED: Final = {"404", "408"}
"""Statuses that end a request in the usual way: nothing there, time is up."""


class ConsumerLost(nats.errors.Error):
    """The consumer or its stream is gone, or the server doesn't answer."""


class Delivered(NamedTuple):
    """Messages that came together."""

    messages: list[Message]
    last: Msg


class Pull:
    """A subscription to what a durable consumer delivers. Several may share the consumer."""

    def __init__(self, client: Client, store: str, name: str) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=_EXPIRES)
        self._stream = stream_name(store)
        self._durable = name
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._waiting: asyncio.Queue[Msg] = asyncio.Queue()
        self._asked_for = 0
        self._heard = asyncio.get_running_loop().time()

    @classmethod
    async def begin(cls, client: Client, store: str, name: str) -> tuple[Self, bool]:
        """Give the consumer and whether it is new, so that what was published before isn't delivered.

        Raises what is in ``lrs.nats_connection.LOST``.
        """
        pull = cls(client, store, name)
        new = await pull._make()
        pull._subscription = await client.subscribe(pull._inbox, cb=pull._waiting.put)
        return pull, new

    async def _make(self) -> bool:
        try:
            await self._jetstream.consumer_info(self._stream, self._durable)
        except NotFoundError:
            config = ConsumerConfig(
                durable_name=self._durable,
                # What was published before is read from the log: it has it all, and in order.
                deliver_policy=DeliverPolicy.NEW,
                # What a transaction has is all up to its position, whoever else has been given some of it.
                ack_policy=AckPolicy.ALL,
                ack_wait=_ACK_WAIT,
                max_ack_pending=4 * BATCH,
            )
            await self._jetstream.add_consumer(self._stream, config)
            return True
        return False

    async def next(self, patience: float) -> Delivered | None:
        """Give what is there, or comes first within so many seconds; None if nothing does.

        Raises what is in ``lrs.nats_connection.LOST``.
        """
        found: list[Message] = []
        last: Msg | None = None
        while len(found) < BATCH and (message := await self._arrived(0 if last else patience)) is not None:
            if status := (message.headers or {}).get("Status"):
                self._asked_for = 0
                if status not in _ENDED:
                    raise ConsumerLost(f"{self._stream} {self._durable}: {status}")
                continue
            self._asked_for -= 1
            last = message
            # What isn't ours is passed over: should something be missing, the log has it.
            with suppress(DecodeError):
                found.append(decode_message(message.data))
        return Delivered(found, last) if last is not None else None

    async def _arrived(self, patience: float) -> Msg | None:
        """Give the next answer of the server; None if there is none within so many seconds."""
        if self._asked_for <= 0:
            await self._ask()
        loop = asyncio.get_running_loop()
        try:
            message = self._waiting.get_nowait()
        except asyncio.QueueEmpty:
            if not patience:
                return None
            try:
                message = await asyncio.wait_for(self._waiting.get(), patience)
            except TimeoutError:
                if loop.time() - self._heard > _SILENCE:
                    raise ConsumerLost(f"{self._stream} {self._durable}: no answer") from None
                return None
        self._heard = loop.time()
        return message

    async def _ask(self) -> None:
        request = json.encode({"batch": BATCH, "expires": int(_EXPIRES * 1e9)})
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}", request, reply=self._inbox
        )
        self._asked_for = BATCH

    async def acknowledge(self, delivered: Delivered) -> None:
        """Tell that all up to these is done with."""
        await delivered.last.ack()

    async def close(self) -> None:
        """Stop listening; the durable consumer stays."""
        if self._subscription is not None and not self._client.is_closed:
            with suppress(*LOST):
                await self._subscription.unsubscribe()

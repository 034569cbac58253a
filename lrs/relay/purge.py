"""Takes out of a store's stream what can't be read in its log any more.

The server overwrites what is deleted message by message; what is purged by subject only stops being delivered.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final
from uuid import UUID

from msgspec import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from schemas.erasure import Erased
from schemas.message import CONFIGURATION, Message, decode_message, stream_name, subjects

_PATIENCE: Final = 5.0
"""Seconds that each question to the server may take."""
_PAGE: Final = 50
"""Messages that are looked at, and deleted, at once."""
_FORGOTTEN: Final = 60.0
"""Seconds after which the server drops a consumer that we left behind in a crash."""
_SUBJECTS: Final = 100
"""Of more learners than this the whole stream is read: a consumer with many filters is slower than that."""


async def purge(client: Client, store: str, erased: Erased, stopped: Callable[[], bool]) -> bool:
    """Take out what an erasure made unreadable; gives False if it was ``stopped`` before the end.

    To be called when all that was read from the log before the erasure has been published: what comes after was read
    without it. The server takes its time over each message. Raises what the client raises when NATS is away or slow;
    it may be called again.
    """
    jetstream = client.jetstream(timeout=_PATIENCE)
    stream = stream_name(store)
    config = ConsumerConfig(
        filter_subjects=_filters(store, erased),
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=_FORGOTTEN,
        mem_storage=True,
        num_replicas=1,
    )
    name = (await jetstream.add_consumer(stream, config)).name
    pulled = await jetstream.pull_subscribe_bind(consumer=name, stream=stream)
    seen = 0
    try:
        while not stopped():
            state = await jetstream.consumer_info(stream, name)
            if not state.num_pending:
                if state.delivered is None or state.delivered.consumer_seq != seen:
                    raise NatsTimeout  # some came too late, to nobody
                return True
            page: list[Msg] = []
            with suppress(NatsTimeout):  # what expires meanwhile is waited for in vain
                page = await pulled.fetch(min(_PAGE, state.num_pending), timeout=_PATIENCE)
            seen += len(page)
            await _delete(client, stream, [one for one in page if _is_about(one, erased)])
        return False
    finally:
        await pulled.unsubscribe()
        with suppress(NotFoundError):
            await jetstream.delete_consumer(stream, name)


def _filters(store: str, erased: Erased) -> list[str]:
    learners = {*erased.learners, *erased.touched}
    if len(learners) > _SUBJECTS:
        return [subjects(store)]
    return [f"lrs.{store}.{CONFIGURATION}", *(f"lrs.{store}.{UUID(bytes=learner)}" for learner in sorted(learners))]


def _is_about(one: Msg, erased: Erased) -> bool:
    try:
        message = decode_message(one.data)
    except DecodeError:  # none of ours
        return False
    learners = {UUID(bytes=learner) for learner in erased.learners}
    if message.kind == "statement":
        return message.position in erased.statements or not learners.isdisjoint([message.learner, *message.people])
    return message.kind == "organisation" and _names(message, learners)


def _names(message: Message, learners: Collection[UUID]) -> bool:
    change = bytes(message.change)
    return any(str(learner).encode() in change for learner in learners)


async def _delete(client: Client, stream: str, messages: list[Msg]) -> None:
    jetstream = client.jetstream(timeout=_PATIENCE)

    async def delete(one: Msg) -> None:
        # Another relay, or the expiry date, may have been first.
        with suppress(NotFoundError):
            await jetstream.delete_msg(stream, one.metadata.sequence.stream)

    await asyncio.gather(*map(delete, messages))

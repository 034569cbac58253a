"""The JetStream stream of one store: a copy of its log, with an expiry date."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct, json
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError

from schemas.message import Message, decode_message, encode_message, stream_name, subject, subjects

log = logging.getLogger(__name__)
_PATIENCE: Final = 5.0
"""Seconds that all acknowledgements of a window get, and each question about the stream."""
_REMEMBERED: Final = 10.0
"""Seconds for which the server remembers message ids. Repeats are kept out by the expected sequence; what is
remembered would keep out, too, what has to be published again because somebody emptied the stream."""
_HEADERS: Final = 512
"""Bytes that headers may take of the largest message; ours take less."""
_DAY: Final = 86_400


class NotTaken(Exception):
    """The stream didn't take a message: it isn't as we left it, or the server lacks something."""


class End(NamedTuple):
    """Where a stream ends."""

    message: Message | None
    """The last message in it; None if there is none."""
    sequence: int


class _Problem(Struct):
    description: str = ""


class _Acknowledgement(Struct):
    seq: int = 0
    duplicate: bool = False
    error: _Problem | None = None


_decode_acknowledgement = json.Decoder(_Acknowledgement).decode


class Stream:
    """Publishes to one stream, which is made when it isn't there.

    Each message names the sequence that it expects to come after, and the message that it was sent after. So whoever
    else publishes, and whatever is repeated, late or lost: a message that isn't the next one is refused, and so are all
    that were sent after it.
    """

    def __init__(self, client: Client, store: str, *, days: int, replicas: int) -> None:
        self.name = stream_name(store)
        self._client = client
        self._jetstream = client.jetstream(timeout=_PATIENCE)
        self._subjects = subjects(store)
        self._config = StreamConfig(
            name=self.name,
            subjects=[self._subjects],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            max_age=days * _DAY,
            num_replicas=replicas,
            duplicate_window=_REMEMBERED,
            allow_direct=True,
        )

    async def end(self) -> End | None:
        """Give where the stream ends, made if it isn't there; None if what is in it isn't ours."""
        state = (await self._made()).state
        if not state.messages:
            return End(None, state.last_seq)
        try:
            last = await self._jetstream.get_last_msg(self.name, self._subjects)
            return End(decode_message(last.data or b""), state.last_seq)
        except NotFoundError:  # expired since
            return End(None, state.last_seq)
        except msgspec.DecodeError:
            return None

    async def remove(self) -> None:
        """Throw the stream away."""
        await self._jetstream.delete_stream(self.name)

    async def expect(self, sequence: int, *, empty: bool) -> None:
        """Raise NotTaken unless the stream ends at this sequence; it must not have become empty, unless it was."""
        state = (await self._made()).state
        if state.last_seq != sequence or (not state.messages and not empty):
            raise NotTaken("it isn't as it was left")

    async def publish(self, messages: Sequence[Message], sequence: int) -> int:
        """Publish messages after the one with this sequence; gives the last one's when all are stored.

        One that is larger than the server takes is left out: consumers find a gap and read it from the log. Raises
        NotTaken; a part of them may then be stored.
        """
        window = _Window(sequence)
        before = ""
        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(inbox, cb=window.acknowledged)
        try:
            for message in messages:
                body = encode_message(message)
                if len(body) > self._client.max_payload - _HEADERS:
                    log.warning("%s: position %d is too large for NATS: left out", self.name, message.position)
                    continue
                headers = {
                    "Nats-Msg-Id": str(message.position),
                    "Nats-Expected-Stream": self.name,
                    "Nats-Expected-Last-Sequence": str(window.last),
                }
                if before:
                    headers["Nats-Expected-Last-Msg-Id"] = before
                before = headers["Nats-Msg-Id"]
                window.last += 1
                await self._client.publish(subject(message), body, inbox, headers)
            async with asyncio.timeout(_PATIENCE):
                await window.complete()
        finally:
            await subscription.unsubscribe()
        return window.last

    async def _made(self) -> StreamInfo:
        try:
            info = await self._jetstream.stream_info(self.name)
        except NotFoundError:
            return await self._jetstream.add_stream(self._config)
        wanted, found = self._config, info.config
        if (found.max_age, found.num_replicas) != (wanted.max_age, wanted.num_replicas):
            return await self._jetstream.update_stream(self._config)
        return info


class _Window:
    """Messages that are under way together: each is acknowledged by itself, in order."""

    def __init__(self, sequence: int) -> None:
        self.last = sequence
        """Sequence of the last message that was sent."""
        self._stored = sequence
        self._refused: str | None = None
        self._heard = asyncio.Event()

    async def acknowledged(self, answer: Msg) -> None:
        """Take an answer."""
        self._heard.set()
        if answer.headers and answer.headers.get("Status"):
            self._refused = "nobody keeps it"  # 503, no responders: there is no stream (any more)
            return
        read = _decode_acknowledgement(answer.data)
        if read.error is not None:
            self._refused = self._refused or read.error.description
        elif read.duplicate or read.seq != self._stored + 1:
            self._refused = self._refused or "it has a message with this id already"
        else:
            self._stored = read.seq

    async def complete(self) -> None:
        """Wait until all are stored. Raises NotTaken at the first that isn't."""
        while self._stored < self.last:
            if self._refused:
                raise NotTaken(self._refused)
            self._heard.clear()
            await self._heard.wait()

"""Keeps one projection of one store current, whatever is away."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final, TypeVar

from nats.aio.client import Client
from psycopg import Connection
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import TupleRow

from consumers.database import Connections
from consumers.live import Live, Overtaken
from consumers.pull import Delivered, Pull
from lrs.log.datastore import AWAY, is_lost, is_unreachable
from lrs.log.messages import MessageLog
from lrs.log.outage import Outage
from lrs.nats_connection import LOST
from lrs.seal import MasterKey, WrongMasterKey
from lrs.stopping import unless_stopped
from projections.projection import Projection
from schemas.message import Message

log = logging.getLogger(__name__)
T = TypeVar("T")
IDLE: Final = 2.0
"""Seconds without a message after which the log is asked: the stream may have lost some, or be away."""
_LONGEST_PAUSE: Final = 10.0


class Stopped(Exception):
    """We are asked to stop, and nothing is under way."""


class Runner:
    """One projection of one store. The database is spoken to in threads, one at a time.

    It holds a connection for one batch at a time only; many runners share a few.
    """

    def __init__(
        self,
        connections: Connections,
        store: str,
        master: MasterKey,
        projection: Projection[Any],
        client: Callable[[], Client],
        rebuild: Callable[[str, str], Coroutine[Any, Any, None]],
        outage: Outage,
    ) -> None:
        """``client`` gives the one of now, which may not be connected; ``rebuild`` rebuilds a store's projection."""
        self._connections = connections
        self._store = store
        self._master = master
        self._projection = projection
        self._client = client
        self._rebuild = rebuild
        self._outage = outage
        self._label = f"{projection.name} of {store}"
        self._stopping = asyncio.Event()
        self._rebuilding: asyncio.Task[None] | None = None
        self._pull: Pull | None = None

    def stop(self) -> None:
        """Ask it to end after the batch under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until it is asked to stop."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                live = await self._turn(self._load)
                await self._follow(live)
                pause = 0.1
            except Stopped:
                break
            except Overtaken:
                # Somebody else did the work, or replaced the tables: look where they are now.
                pause = 0.1
            except AWAY as error:
                if (is_lost(error) or is_unreachable(error)) and not isinstance(error, ReadOnlySqlTransaction):
                    self._outage.noticed(error)
                else:  # it answers, others or us
                    log.warning("%s: the database is not answering (%s)", self._label, _line(error))
                pause = min(pause * 2, _LONGEST_PAUSE)
            except WrongMasterKey as error:
                log.error("%s: %s", self._label, error)  # noqa: TRY400  # where it was found out tells nothing
                pause = min(pause * 2, _LONGEST_PAUSE)
            except Exception:
                log.exception("%s: trying again in %.1f s", self._label, pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            await self._sleep(pause)
        await self._end_pull()
        if self._rebuilding is not None:
            self._rebuilding.cancel()
            with suppress(asyncio.CancelledError):
                await self._rebuilding

    async def _turn(self, work: Callable[[Connection[TupleRow]], T]) -> T:
        """Do something on a connection once it is our turn. Raises Stopped if we are asked to stop before."""
        async with self._connections.turn:
            if self._stopping.is_set():
                raise Stopped
            return await asyncio.to_thread(self._connections.run, self._store, work)

    def _load(self, connection: Connection[TupleRow]) -> Live[Any]:
        live = Live(connection, MessageLog(connection, self._store, self._master), self._projection)
        live.load()
        return live

    async def _follow(self, live: Live[Any]) -> None:
        """Fold what comes. Raises what ends it, Stopped too; the tables are then as they were after the last batch."""
        if live.from_the_future:
            log.warning("%s: its tables were made by a later version; waiting", self._label)
            await self._sleep(_LONGEST_PAUSE)
            return
        if live.outdated:
            log.warning("%s: not made by this version yet, rebuilding", self._label)
            await unless_stopped(self._stopping, self._rebuild(self._store, self._projection.name))
            return
        await self._catch_up(live)
        while True:
            self._mind_meaning(live)
            delivered = await self._next()
            if delivered is None:
                await self._catch_up(live)
            else:
                await self._take(live, delivered.messages)
                await self._acknowledge(delivered)

    def _mind_meaning(self, live: Live[Any]) -> None:
        """Have the tables rebuilt beside us when policy or vocabulary have changed. Raises Overtaken once they are."""
        if self._rebuilding is not None and self._rebuilding.done():
            done, self._rebuilding = self._rebuilding, None
            done.result()
            raise Overtaken
        if live.means_otherwise and self._rebuilding is None:
            log.warning("%s: policy or vocabulary has changed, rebuilding", self._label)
            self._rebuilding = asyncio.create_task(self._rebuild(self._store, self._projection.name))

    async def _catch_up(self, live: Live[Any]) -> None:
        await self._catch_up_to(live, await self._turn(lambda connection: live.on(connection).look()))

    async def _catch_up_to(self, live: Live[Any], position: int) -> None:
        while await self._turn(lambda connection: live.on(connection).catch_up_batch(position)):
            pass

    async def _take(self, live: Live[Any], messages: list[Message]) -> None:
        if has_gap(live.place.position, messages):
            await self._catch_up_to(live, max(message.position for message in messages))
        await self._turn(lambda connection: live.on(connection).take(messages))

    async def _next(self) -> Delivered | None:
        """Give the next messages of the stream; None if it is time to look in the log instead."""
        if not self._client().is_connected:
            await self._end_pull()
            await self._sleep(IDLE)
            return None
        try:
            if self._pull is None:
                self._pull, new = await Pull.begin(self._client(), self._store, self._projection.name)
                if new:
                    return None
            return await unless_stopped(self._stopping, self._pull.next(IDLE))
        except LOST as error:
            log.info("%s: %s; going on from the log", self._label, _line(error))
            await self._end_pull()
            await self._sleep(IDLE)
            return None

    async def _acknowledge(self, delivered: Delivered) -> None:
        # If it is lost, they come again and are passed over.
        with suppress(*LOST):
            if self._pull is not None:
                await self._pull.acknowledge(delivered)

    async def _end_pull(self) -> None:
        pull, self._pull = self._pull, None
        if pull is not None:
            await pull.close()

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


def has_gap(position: int, messages: Iterable[Message]) -> bool:
    """Tell whether these messages, in whatever order, leave some out that come after a position."""
    for message in sorted(messages, key=lambda message: message.position):
        if message.previous > position:
            return True
        position = max(position, message.position)
    return False


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__

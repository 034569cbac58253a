"""Takes the items of a file into a store, several batches at once, so that commits overlap with reading."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from uuid import UUID

from msgspec import UNSET

from lrs.importer.broken import Broken
from lrs.importer.intake import Intake, Taken
from lrs.importer.refusals import Refusals
from lrs.importer.splitter import Item
from lrs.importer.tally import Tally
from lrs.importer.wrapper import unwrapped
from lrs.log.work import Appended, Conflict
from lrs.statement import Invalid, Prepared, prepare
from lrs.store import Store
from schemas.xapi import Actor

BATCH = 500
BATCH_BYTES = 1 << 20
"""A batch ends with the statement that brings it to so many, or to so much text."""
_IN_FLIGHT = 4
TURN_BYTES = 32_768
_READ_BYTES = 131_072
"""So much is read at a time: to change threads for each statement would take as long as to read it."""
_LEAST = 1024
"""What a statement counts for at least, however short it is: each has to be looked at."""
_TAKEN = "is the id of another statement, in the store already or earlier in the file: statements never change"


class Importer:
    """One import. Statements go in through ``Store.append``, as they do over HTTP.

    Nothing is kept about how far it came: statements that are in the store count as there, so running an import again
    goes on where it was interrupted and changes nothing otherwise.
    """

    def __init__(
        self, store: Store, intake: Intake, refusals: Refusals, tally: Tally, authority: Actor, *, keep_authority: bool
    ) -> None:
        self._store = store
        self._intake = intake
        self._refusals = refusals
        self._tally = tally
        self._authority = authority
        self._keep_authority = keep_authority
        self._batch: list[Taken] = []
        self._batch_bytes = 0
        self._turn_bytes = 0
        self._underway: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        """Goes round in the order of the file, so that the log has the same."""

    async def run(self, items: Iterable[Item], progress: Callable[[], None]) -> None:
        """Take everything in; ``progress`` is called now and then. Raises Broken and Unavailable.

        When the file is broken or the import is cancelled, what was read before is in the store first.
        """
        self._refusals.set_aside()
        try:
            groups = _grouped(items)
            # Who writes into a pipe may take their time: appends that are under way, and the store's lock with them,
            # needn't wait for that.
            while group := await asyncio.to_thread(next, groups, None):
                for item in group:
                    if item.too_large:
                        self._pass_over(item)
                    else:
                        for text in unwrapped(item.text):
                            await self._take(text, item.line)
                progress()
        except (Broken, asyncio.CancelledError):
            await self._finish()
            raise
        await self._finish()

    def _pass_over(self, item: Item) -> None:
        self._tally.read += 1
        self._refuse(item.line, Invalid("", item.too_large), item.text)

    async def _take(self, text: bytes, line: int) -> None:
        await self._give_way(len(text))
        self._tally.read += 1
        try:
            taken = self._intake.take(text, line)
        except Invalid as reason:
            self._refuse(line, reason, text)
            return
        try:
            if taken.id in self._underway:
                # The same id again: the first is to be in the log before the second is held against it.
                await self._finish()
        finally:  # it was read
            self._underway.add(taken.id)
            self._batch.append(taken)
            self._batch_bytes += len(text)
        if len(self._batch) == BATCH or self._batch_bytes >= BATCH_BYTES:
            await self._send()

    async def _give_way(self, size: int) -> None:
        """Let what else there is go on, now and then: an append that is under way holds the store's lock meanwhile."""
        self._turn_bytes += max(size, _LEAST)
        if self._turn_bytes >= TURN_BYTES:
            self._turn_bytes = 0
            await asyncio.sleep(0)

    async def _finish(self) -> None:
        """Wait until all that was taken has its outcome."""
        await self._send()
        await self._landed(0)

    async def _send(self) -> None:
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if batch:
            self._tasks.add(asyncio.create_task(self._append(batch)))
            await asyncio.sleep(0)
            await self._landed(_IN_FLIGHT - 1)

    async def _landed(self, most: int) -> None:
        """Wait until no more than so many batches are in flight; all of them, if one raises, which is raised then."""
        errors: list[BaseException] = []
        while len(self._tasks) > (0 if errors else most):
            done, self._tasks = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            errors += [error for task in done if (error := task.exception())]
        if errors:
            raise errors[0]

    async def _append(self, batch: Sequence[Taken]) -> None:
        ids = [taken.id for taken in batch]
        async with self._turn:
            prepared = [self._prepared(taken) for taken in batch]
            # It queues before the next batch may: the log gets the file's order.
            queued = await self._store.queue(prepared, defines=True, contents={})
        refused, already = await self._appended(queued, prepared)
        self._underway.difference_update(ids)
        self._tally.already_there += len(already)
        self._tally.stored += len(batch) - len(refused) - len(already)
        for taken in batch:
            if taken.id in refused:
                self._refuse(taken.line, Invalid("statement.id", f"{taken.id} {_TAKEN}"), taken.text)
        self._refusals.flush()

    async def _appended(
        self, queued: Awaitable[Appended], prepared: list[Prepared]
    ) -> tuple[set[UUID], Collection[UUID]]:
        """Wait until a batch is appended, without those that conflict; gives these, and those that were there."""
        refused: set[UUID] = set()
        while True:
            try:
                return refused, (await queued).already
            except Conflict as conflict:
                refused.update(conflict.ids)
            if not (rest := [one for one in prepared if one.id not in refused]):
                return refused, ()
            queued = self._store.append(rest, defines=True, contents={})

    def _prepared(self, taken: Taken) -> Prepared:
        authority = self._authority_of(taken)
        return prepare(taken.statement, authority=authority, version=taken.version)

    def _authority_of(self, taken: Taken) -> Actor:
        named = taken.statement.authority
        return named if self._keep_authority and named is not UNSET else self._authority

    def _refuse(self, line: int, reason: Invalid, text: bytes) -> None:
        self._tally.refused += 1
        self._refusals.add(line, reason, text)


def _grouped(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Give the items, several at a time; all that come before the damage, if the file is broken."""
    group: list[Item] = []
    size = 0
    try:
        for item in items:
            group.append(item)
            size += max(len(item.text), _LEAST)
            # Reading over what is too large took its time already.
            if size >= _READ_BYTES or item.too_large:
                yield group
                group, size = [], 0
    except Broken:
        if group:
            yield group
        raise
    if group:
        yield group

"""Who is told what when an append fails."""

from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from lrs.log.appender import GROUP_BYTES, WAITING_BYTES, Appender
from lrs.log.work import Unavailable, Work


class _Database:
    """Fails each commit that holds something which it has an error for."""

    def __init__(self) -> None:
        self.failing: dict[Work[Any], Exception] = {}
        self.asked: list[list[Work[Any]]] = []

    def commit(self, group: Sequence[Work[Any]]) -> None:
        self.asked.append(list(group))
        for work in group:
            if work in self.failing:
                raise self.failing[work]
        for work in group:
            work.settle("stored")


async def _outcome(work: Work[Any]) -> Any:
    try:
        return await work.future
    except Exception as error:
        return type(error)


async def test_without_a_connection_all_who_wait_are_told_at_once() -> None:
    database = _Database()
    appender = Appender(database.commit)
    first, second, later = Work[str](GROUP_BYTES), Work[str](WAITING_BYTES), Work[str](1)
    database.failing[first] = PoolTimeout()
    for work in (first, second):
        appender.submit(work)
    assert [await _outcome(work) for work in (first, second)] == [Unavailable, Unavailable]
    assert database.asked == [[first]]
    appender.submit(later)
    assert await _outcome(later) == "stored"


@pytest.mark.parametrize(
    ("error", "told"),
    [(errors.DiskFull(), Unavailable), (errors.ProgramLimitExceeded(), Unavailable), (KeyError(), KeyError)],
)
async def test_what_there_is_no_room_for_or_is_wrong_fails_nobody_else(error: Exception, told: type) -> None:
    database = _Database()
    appender = Appender(database.commit)
    works = [Work[str](1) for _ in range(3)]
    database.failing[works[1]] = error
    for work in works:
        appender.submit(work)
    assert [await _outcome(work) for work in works] == ["stored", told, "stored"]
    assert database.asked == [works, *([work] for work in works)]


async def test_a_lock_that_is_waited_for_in_vain_is_not_waited_for_again_by_each() -> None:
    database = _Database()
    appender = Appender(database.commit)
    works = [Work[str](1) for _ in range(3)]
    database.failing[works[1]] = errors.LockNotAvailable()
    for work in works:
        appender.submit(work)
    assert [await _outcome(work) for work in works] == [Unavailable] * 3
    assert database.asked == [works]

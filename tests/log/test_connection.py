"""Connections to a server that lives and answers nothing."""

import asyncio
from typing import Any

import psycopg
import pytest

from lrs.log import connection as module
from lrs.log.connection import Connection
from lrs.log.interleaved import interleave

_NEVER = "SELECT pg_sleep(3600)"


async def test_who_is_silent_is_given_up(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.1)
    connection: Connection[Any] = Connection.connect(database_url, autocommit=True)
    with pytest.raises(psycopg.OperationalError, match="silent for"):
        await interleave(lambda _: connection.execute(_NEVER))
    assert connection.closed


async def test_who_waits_elsewhere_waits_as_long_as_it_takes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.1)
    connection: Connection[Any] = Connection.connect(database_url, autocommit=True)
    await asyncio.to_thread(connection.execute, "SELECT pg_sleep(0.5)")
    connection.close()


async def test_who_answers_in_time_is_not(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 30)
    connection: Connection[Any] = Connection.connect(database_url, autocommit=True)
    rows = await interleave(lambda _: connection.execute("SELECT 1 FROM generate_series(1, 3)").fetchall())
    assert rows == [(1,)] * 3
    connection.close()

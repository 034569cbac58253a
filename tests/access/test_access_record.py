"""The record itself: what is gathered is written once, and goes with whom it names."""

import asyncio
import threading
from collections.abc import Collection
from contextlib import closing
from uuid import UUID, uuid4

import psycopg
import pytest

from lrs.access import COMMAND_LINE, Access, AccessRecord, Known, Reader, accesses_of, forget, known, record
from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.log.datastore import session
from lrs.log.messages import MessageLog
from lrs.log.work import Unavailable
from lrs.store_name import schema_of
from tests.audit.erasure.given import Home, erase
from tests.store.conftest import MASTER

MIA = Reader("person", "Mia Tanaka", "mbox:mailto:mia@example.org")
BOARD = Reader("program", "Board")


def kept(url: str, *persons: UUID) -> list[Access]:
    with psycopg.connect(url) as connection:
        session(connection, schema_of("default"))
        log = MessageLog(connection, "default", MASTER)
        return accesses_of(connection.cursor(), log.keyring, persons)


def said(url: str, *persons: UUID) -> set[tuple[str, str | None, str, int]]:
    return {(one.kind, one.name, one.means, one.times) for one in kept(url, *persons)}


async def test_what_is_gathered_is_written_at_the_end(migrated_url: str) -> None:
    ann, bea = uuid4(), uuid4()
    accesses = AccessRecord(migrated_url, MASTER)
    for reader, persons in ((MIA, [ann, bea]), (MIA, [ann, ann]), (BOARD, [ann])):
        await accesses.seen("default", reader, persons, "streaks")
    assert said(migrated_url, ann) == set()
    await accesses.seen("default", COMMAND_LINE, [ann], "replay", at_once=True)
    assert said(migrated_url, ann) == {("command line", "command line", "replay", 1)}
    await accesses.close()
    assert said(migrated_url, ann) == {
        ("person", "Mia Tanaka", "streaks", 2),
        ("program", "Board", "streaks", 1),
        ("command line", "command line", "replay", 1),
    }
    # By all ids that somebody has: she looked twice, the first time at both.
    assert ("person", "Mia Tanaka", "streaks", 2) in said(migrated_url, ann, bea)
    (mine,) = [one for one in kept(migrated_url, bea) if one.kind == "person"]
    assert mine.first == mine.last
    assert mine.day == mine.first.date()


async def test_two_processes_add_up(migrated_url: str) -> None:
    ann = uuid4()
    both = [AccessRecord(migrated_url, MASTER) for _ in range(2)]
    await asyncio.gather(
        *(one.seen("default", MIA, [ann, uuid4()], "replay", at_once=True) for one in both for _ in range(5))
    )
    assert said(migrated_url, ann) == {("person", "Mia Tanaka", "replay", 10)}


async def test_a_reader_s_name_is_sealed_and_goes_with_them(migrated_url: str) -> None:
    ann = uuid4()
    accesses = AccessRecord(migrated_url, MASTER)
    await accesses.seen("default", MIA, [ann], "replay", at_once=True)
    with psycopg.connect(migrated_url) as connection:
        session(connection, schema_of("default"))
        rows = connection.execute("SELECT * FROM access_readers").fetchall()
        assert "Tanaka" not in str(rows)
        assert b"Tanaka" not in b"".join(value for row in rows for value in row if isinstance(value, bytes))
        ids = connection.execute("SELECT learner, reader FROM access_readers").fetchall()
        (mia, reader) = ids[0]
        with connection.transaction():
            forget(connection.cursor(), [mia])
        assert connection.execute("SELECT learner FROM access_readers WHERE reader = %s", [reader]).fetchall() == []
    # That somebody looked stays; who it was doesn't.
    assert said(migrated_url, ann) == {("person", None, "replay", 1)}
    with psycopg.connect(migrated_url) as connection:
        session(connection, schema_of("default"))
        with connection.transaction():
            forget(connection.cursor(), [ann])
    assert kept(migrated_url, ann) == []


async def test_nobody_is_shown_what_could_not_be_noted(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accesses = AccessRecord("postgresql://127.0.0.1:1/nowhere", MASTER)
    with pytest.raises(Unavailable):
        await accesses.seen("default", MIA, [uuid4()], "replay", at_once=True)
    # What is only gathered waits for the database.
    ann = uuid4()
    await accesses.seen("default", MIA, [ann], "streaks")
    await accesses.flush()
    monkeypatch.setattr(accesses, "_url", migrated_url)
    await accesses.close()
    assert said(migrated_url, ann) == {("person", "Mia Tanaka", "streaks", 1)}


async def test_it_is_written_while_others_are_gathered(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "GATHERED", 0.0)
    written = asyncio.Event()
    accesses = AccessRecord(migrated_url, MASTER)
    flush = accesses.flush

    async def flushed() -> None:
        await flush()
        written.set()

    monkeypatch.setattr(accesses, "flush", flushed)
    ann = uuid4()
    await accesses.seen("default", MIA, [ann], "streaks")
    await asyncio.wait_for(written.wait(), 30)
    assert said(migrated_url, ann) == {("person", "Mia Tanaka", "streaks", 1)}
    await accesses.close()


async def test_one_store_s_trouble_is_none_of_the_others(migrated_url: str) -> None:
    accesses = AccessRecord(migrated_url, MASTER)
    ann = uuid4()
    await accesses.seen("gone", MIA, [ann], "streaks")
    await accesses.seen("default", MIA, [ann], "streaks")
    await accesses.close()
    assert said(migrated_url, ann) == {("person", "Mia Tanaka", "streaks", 1)}


async def test_nobody_looked_at_is_nothing_noted(migrated_url: str) -> None:
    accesses = AccessRecord(migrated_url, MASTER)
    nobody: Collection[UUID] = ()
    await accesses.seen("default", MIA, nobody, "streaks")
    await accesses.seen("default", MIA, nobody, "replay", at_once=True)
    await accesses.close()
    with psycopg.connect(migrated_url) as connection:
        session(connection, schema_of("default"))
        assert connection.execute("SELECT count(*) FROM access_readers").fetchone() == (0,)


def _known(url: str, reader: Reader) -> Known | None:
    with psycopg.connect(url, autocommit=True) as connection:
        session(connection, schema_of("default"))
        return known(connection.cursor(), MessageLog(connection, "default", MASTER).keyring, reader)


def _learnt(url: str, reader: Reader) -> UUID:
    """Have the store know a reader; gives their learner."""
    with psycopg.connect(url, autocommit=True) as connection:
        session(connection, schema_of("default"))
        keyring = MessageLog(connection, "default", MASTER).keyring
        assert reader.identity is not None
        return keyring.of(connection.cursor(), [reader.identity])[reader.identity].learner


def _erase(url: str, who: str) -> None:
    with closing(ConfigurationLog(url, "default", MASTER)) as log:
        erase(Erasures(log), who)


async def test_who_was_erased_since_they_looked_is_not_named(migrated_url: str) -> None:
    ann = uuid4()
    mia = _learnt(migrated_url, MIA)
    accesses = AccessRecord(migrated_url, MASTER)
    await accesses.seen("default", MIA, [ann], "streaks", _known(migrated_url, MIA))
    _erase(migrated_url, str(mia))
    await accesses.flush()
    assert said(migrated_url, ann) == {("person", None, "streaks", 1)}
    with closing(Home(migrated_url, "default")) as home:
        assert home.rows("SELECT learner, key_id, sealed FROM access_readers") == [(None, None, None)]
        assert home.rows("SELECT * FROM learners") == home.rows("SELECT * FROM person_keys") == []
    # Who comes back is somebody new, of whom nothing of before is known.
    await accesses.seen("default", MIA, [ann], "streaks", _known(migrated_url, MIA))
    await accesses.seen("default", MIA, [ann], "streaks", _known(migrated_url, MIA))
    await accesses.close()
    assert said(migrated_url, ann) == {("person", None, "streaks", 1), ("person", "Mia Tanaka", "streaks", 2)}


async def test_who_was_erased_while_they_read_is_not_named(migrated_url: str) -> None:
    ann = uuid4()
    mia = _learnt(migrated_url, MIA)
    accesses = AccessRecord(migrated_url, MASTER)
    reading = _known(migrated_url, MIA)
    _erase(migrated_url, str(mia))
    await accesses.seen("default", MIA, [ann], "replay", reading, at_once=True)
    assert said(migrated_url, ann) == {("person", None, "replay", 1)}
    await accesses.close()


async def test_who_became_known_and_was_erased_since_they_looked_is_not_named(migrated_url: str) -> None:
    ann = uuid4()
    accesses = AccessRecord(migrated_url, MASTER)
    new = _known(migrated_url, MIA)
    await accesses.seen("default", MIA, [ann], "streaks", new)
    _erase(migrated_url, str(_learnt(migrated_url, MIA)))
    await accesses.close()
    assert said(migrated_url, ann) == {("person", None, "streaks", 1)}


async def test_looks_of_who_was_new_and_of_who_is_known_add_up(migrated_url: str) -> None:
    ann = uuid4()
    accesses = AccessRecord(migrated_url, MASTER)
    await accesses.seen("default", MIA, [ann], "streaks", _known(migrated_url, MIA))
    _learnt(migrated_url, MIA)
    await accesses.seen("default", MIA, [ann], "streaks", _known(migrated_url, MIA))
    await accesses.close()
    assert said(migrated_url, ann) == {("person", "Mia Tanaka", "streaks", 2)}


async def test_looks_at_who_was_erased_since_are_not_noted(migrated_url: str) -> None:
    ann, bea = _learnt(migrated_url, Reader("person", "Ann", "mbox:mailto:ann@example.org")), uuid4()
    accesses = AccessRecord(migrated_url, MASTER)
    await accesses.seen("default", BOARD, [ann, bea], "streaks")
    _erase(migrated_url, str(ann))
    await accesses.seen("default", BOARD, [ann], "replay", at_once=True)
    await accesses.close()
    assert kept(migrated_url, ann) == []
    assert said(migrated_url, bea) == {("program", "Board", "streaks", 1)}


async def test_an_erasure_waits_for_what_is_being_noted(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = uuid4()
    mia = _learnt(migrated_url, MIA)
    accesses = AccessRecord(migrated_url, MASTER)
    erasing = threading.Thread(target=_erase, args=(migrated_url, str(mia)))
    rows = record._rows
    with closing(Home(migrated_url, "default")) as home:

        def held_up(*arguments: object) -> object:
            """Found is whose look is written; then somebody erases them."""
            found = rows(*arguments)  # type: ignore[arg-type]
            erasing.start()
            home.wait_until_somebody_waits()
            return found

        monkeypatch.setattr(record, "_rows", held_up)
        await accesses.seen("default", MIA, [ann], "replay", at_once=True)
        erasing.join()
        assert said(migrated_url, ann) == {("person", None, "replay", 1)}
        assert home.rows("SELECT learner FROM access_readers") == [(None,)]
    await accesses.close()

"""By which version the index was made: it is noted, asked before anything depends on it, and another's is rebuilt."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from msgspec import json
from msgspec.structs import astuple

from lrs.index import features
from lrs.index.definitions import merge
from lrs.index.rebuild import rebuild, renew
from lrs.index.signature import signature
from lrs.index.version import VERSION, StaleIndex, stale
from lrs.migrated import require_migrated
from lrs.seal import Keyring
from lrs.statement import read
from lrs.store import Store, create_store, migrate
from tests.store.conftest import MASTER
from tests.store.given import (
    activity,
    append,
    found,
    ids,
    iri,
    leave_as_another_version,
    person,
    ref,
    statement,
    voiding,
    who,
)

SCHEMA = "store_default"
MADE = (4, "6281768b05987e30e1bc2c7a95dc32cc36d8445b3cafdf422398113c1ad46200")
"""A version, and the digest of what it makes of the statements below."""


def _everything() -> list[dict[str, Any]]:
    """Statements that have all that the index knows of."""
    own = "00000000-0000-4000-8000-000000000001"
    around = {
        "registration": own,
        "instructor": person("ina"),
        "team": {"objectType": "Group", "mbox": "mailto:team@example.org", "member": [person("tom")]},
        "statement": ref(own),
        "contextActivities": {"parent": [activity("p")], "other": [activity("o", name={"en": "Other"})]},
        "contextAgents": [{"objectType": "contextAgent", "agent": person("cas")}],
        "contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "member": [person("gus")]}}],
    }
    inner = {
        "objectType": "SubStatement",
        "actor": person("sam"),
        "verb": {"id": "http://example.org/planned"},
        "object": activity("inner"),
    }
    about = activity("course", name={"en": "Course"}, extensions={"http://example.org/x": 1})
    accounts = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "Ann"}}
    return [
        statement("ann", about, context=around, authority=person("tool")) | {"id": own},
        statement(about=inner) | {"id": own, "actor": accounts},
        statement("bea", {"objectType": "Group", "member": [person("ann"), {"openid": "https://ann.example/"}]}),
        voiding(own, "ann"),
    ]


def test_a_version_makes_the_same_of_the_same() -> None:
    """If it doesn't, indexes that are there have to be rebuilt: raise VERSION, and note here what that makes."""
    keyring = Keyring(SCHEMA, MASTER, bytes(32))
    made = [features(keyring, read(json.encode(one)), defines=True) for one in _everything()]
    kept: list[object] = [
        (sorted(one.terms), signature(one.terms), sorted(one.definitions, key=astuple)) for one in made
    ]
    kept.append(reduce(merge, (said.definition for one in made for said in one.definitions), b"{}"))
    digest = sha256(repr(kept).encode()).hexdigest()
    assert (VERSION, digest) == MADE


def _stale(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return stale(connection)


def _ignore(_reached: int, _head: int) -> None:
    pass


async def test_an_index_of_another_version_is_told_and_rebuilt(store: Store, migrated_url: str) -> None:
    one, voided = statement("bea"), statement("cas")
    await append(store, one, voided)
    await append(store, voiding(voided, "bea"))
    assert _stale(migrated_url) == []
    leave_as_another_version(migrated_url, SCHEMA)
    assert await found(store, agent=who("bea")) == []
    assert migrate(migrated_url) == []  # which can't know who made it
    with pytest.raises(StaleIndex, match="run `lrs migrate` first"):
        require_migrated(migrated_url)
    await asyncio.to_thread(renew, migrated_url, SCHEMA, MASTER, _ignore)
    require_migrated(migrated_url)
    assert (await found(store, agent=who("bea")))[1:] == ids(one)
    assert all(one.equal for one in rebuild(migrated_url, SCHEMA, MASTER, _ignore, replace=False))


async def test_an_index_from_before_signatures_gets_them(store: Store, migrated_url: str) -> None:
    one = statement("bea", "quiz")
    await append(store, one, statement("bea", "lesson"), statement("ann", "quiz"))
    with psycopg.connect(migrated_url, options=f"-c search_path={SCHEMA}") as connection:
        connection.execute("ALTER TABLE statement_terms DROP COLUMN signature")
        connection.execute("ALTER TABLE statement_terms ADD PRIMARY KEY (term, position, source)")
        connection.execute("UPDATE index_version SET version = 2")
        connection.execute("DELETE FROM migrations WHERE name = 'lrs.index/signature.sql'")
    assert migrate(migrated_url) == [f"{SCHEMA}: lrs.index/signature.sql"]
    await asyncio.to_thread(renew, migrated_url, SCHEMA, MASTER, _ignore)
    assert await found(store, agent=who("bea"), activity=iri("quiz")) == ids(one)
    assert all(one.equal for one in rebuild(migrated_url, SCHEMA, MASTER, _ignore, replace=False))


@pytest.mark.parametrize("replace", [True, False])
async def test_an_index_of_another_version_is_not_compared(store: Store, migrated_url: str, replace: bool) -> None:
    await append(store, statement())
    leave_as_another_version(migrated_url, SCHEMA)
    with pytest.raises(StaleIndex, match="run `lrs migrate` first"):
        rebuild(migrated_url, SCHEMA, MASTER, _ignore, replace=replace)
    assert _stale(migrated_url) == [SCHEMA]


@pytest.mark.parametrize(
    "left",
    [
        "UPDATE store_default.index_version SET version = version + 1",
        "UPDATE store_default.index_version SET version = version - 1",
        "DELETE FROM store_default.index_version",
        "DROP TABLE store_default.index_version",
    ],
)
async def test_earlier_and_later_versions_and_none_are_others(store: Store, migrated_url: str, left: str) -> None:
    await append(store, statement())
    create_store(migrated_url, "empty")
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(left.encode())
    assert _stale(migrated_url) == [SCHEMA]


def test_an_empty_store_is_of_every_version(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("DROP TABLE store_default.index_version")
        connection.execute("DELETE FROM store_default.migrations WHERE name = 'lrs.index/version.sql'")
    assert _stale(migrated_url) == [SCHEMA]
    assert migrate(migrated_url) == ["store_default: lrs.index/version.sql"]
    assert _stale(migrated_url) == []


async def test_who_stops_a_rebuild_leaves_all_as_it_was(store: Store, migrated_url: str) -> None:
    await append(store, one := statement("bea"))
    leave_as_another_version(migrated_url, SCHEMA)

    def stop(_reached: int, _head: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await asyncio.to_thread(renew, migrated_url, SCHEMA, MASTER, stop)
    assert _stale(migrated_url) == [SCHEMA]
    assert await found(store) == []
    renew(migrated_url, SCHEMA, MASTER, _ignore)
    assert await found(store) == ids(one)


async def test_of_several_that_rebuild_at_once_one_does(store: Store, migrated_url: str) -> None:
    await append(store, one := statement("bea"))
    leave_as_another_version(migrated_url, SCHEMA)
    began: list[int] = []
    with ThreadPoolExecutor() as threads:
        for done in [
            threads.submit(renew, migrated_url, SCHEMA, MASTER, lambda reached, _head: began.append(reached))
            for _ in range(3)
        ]:
            done.result()
    # once for the page, and at each end: of what there was, and of what came meanwhile
    assert began == [1, 1, 1]
    assert await found(store) == ids(one)

"""Databases with a store in them, quickly."""

import itertools
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from lrs.local.postgres import Postgres
from lrs.store import create_store, migrate

_numbers = itertools.count(1)


def copied(postgres: Postgres, source: str, name: str) -> str:
    """Copy a database that nobody is connected to; gives the owner's URL."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        admin.execute(copy.format(Identifier(name), Identifier(source)))
    return postgres.url(name)


@pytest.fixture(scope="session")
def ready(postgres: Postgres) -> str:
    """The name of a database with the stores ``default`` and ``other``, both empty: to be copied."""
    postgres.create_database("audit_ready")
    migrate(postgres.url("audit_ready"))
    for store in ("default", "other"):
        create_store(postgres.url("audit_ready"), store)
    return "audit_ready"


@pytest.fixture
def ready_url(postgres: Postgres, ready: str) -> Iterator[str]:
    """The owner's URL of a database of one's own with these stores."""
    name = f"audit_{os.getpid()}_{next(_numbers)}"
    yield copied(postgres, ready, name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

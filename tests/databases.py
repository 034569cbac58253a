"""Databases for tests, each a copy of one made once: to migrate one for each test would take longer than the test."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

from lrs.local.postgres import Postgres
from lrs.store import create_store, migrate

NewDatabase = Callable[..., str]
"""Gives the owner's URL of a migrated database of one's own, with stores of these names, empty."""
_EMPTY = "template_empty"


class Databases:
    """Makes databases on one server. Roles are shared by all of them."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._templates: dict[tuple[str, ...], str] = {}
        self._numbers = itertools.count(1)
        server.create_database(_EMPTY)

    def template(self, *stores: str) -> str:
        """Name of a migrated database with these stores, to be copied."""
        if stores not in self._templates:
            name = "_".join(("template", *stores))
            self._server.create_database(name)
            migrate(self._server.url(name))
            for store in stores:
                create_store(self._server.url(name), store)
            self._templates[stores] = name
        return self._templates[stores]

    def copy(self, source: str, name: str) -> str:
        """Copy a database that nobody is connected to; gives the owner's URL."""
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as admin:
            copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            admin.execute(copy.format(Identifier(name), Identifier(source)))
        return self._server.url(name)

    @contextmanager
    def new(self, source: str = _EMPTY) -> Iterator[str]:
        """Give the owner's URL of a copy that is there for as long as the block runs; of an empty one, usually."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        try:
            yield self.copy(source, name)
        finally:
            with psycopg.connect(self._server.url("postgres"), autocommit=True) as admin:
                admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

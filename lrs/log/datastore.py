"""Connections to the database for one store's schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Identifier

from lrs.log.connection import Connection
from lrs.log.interleaved import interleaved

APP_ROLE = "vliegwiel_app"
"""The role everything but migration works as: on the log it may only SELECT and INSERT."""


AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What is raised when the database can't be reached or breaks off."""
CONNECT_TIMEOUT = 3.0
"""Seconds to wait for a connection before the database counts as away."""
RECONNECT = 1.0
"""Seconds a pool tries for in one go: it waits longer before each try, so a database that is back is found soon only
by starting over often. Whoever asks for a connection meanwhile makes the next attempt."""


def session(connection: psycopg.Connection[Any], schema: str) -> None:
    """Make a new connection work as the app's role, in one schema, each statement its own transaction by default."""
    connection.autocommit = True
    connection.execute(
        SQL("SELECT set_config('search_path', {path}, false), set_config('role', {role}, false)").format(
            path=Identifier(schema).as_string(connection), role=APP_ROLE
        )
    )


class Datastore(PostgresDatastore):
    """eventsourcing's datastore, connected by URL and working as the app's role."""

    def __init__(self, url: str, schema: str, *, pool_size: int = 1, connect_timeout: float = CONNECT_TIMEOUT) -> None:
        super().__init__("", "", "", "", "", schema=schema)
        self.pool = ConnectionPool(
            url,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row, "application_name": "vliegwiel append", **keepalive(url)},
            min_size=pool_size,
            max_size=pool_size,
            open=False,
            configure=lambda connection: session(connection, schema),
            timeout=connect_timeout,
            reconnect_timeout=RECONNECT,
        )

    @contextmanager
    def get_connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        """Give a connection for as long as the block runs. Raises the library's OperationalError."""
        running = interleaved()
        if running is not None and not self.pool.get_stats()["pool_available"]:
            # To wait here for a server that is away would hold up the loop.
            running.in_thread(self._connect)
        with super().get_connection() as connection:
            yield connection

    def _connect(self) -> None:
        with super().get_connection():
            pass


def keepalive(url: str) -> dict[str, Any]:
    """Give the options by which a connection finds a dead server in seconds, unless the URL says otherwise.

    Without them, whoever waits for an answer that never comes waits for hours, and what was sent, for a quarter of one.
    """
    given = conninfo_to_dict(url)
    wanted = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
    }
    return {name: value for name, value in wanted.items() if name not in given}

"""Connections to the database for one store's schema."""

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
import psycopg_pool
from eventsourcing.persistence import InterfaceError, InternalError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Identifier

from lrs.log.connection import Connection
from lrs.log.interleaved import interleaved

APP_ROLE = "vliegwiel_app"
"""The role everything but migration works as: on the log it may only SELECT and INSERT."""


AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    ReadOnlySqlTransaction,
    IdleInTransactionSessionTimeout,
)
"""What is raised when the database can't be reached, breaks off, or takes no writes, as one that stands by."""
CONNECT_TIMEOUT = 3.0
"""Seconds to wait for a connection before the database counts as away."""
RECONNECT = 1.0
"""Seconds a pool tries for in one go: it waits longer before each try, so a database that is back is found soon only
by starting over often. Whoever asks for a connection after that makes the next attempt."""
IDLE = 60.0
"""Seconds until a connection that nobody uses is given back to the server."""
C = TypeVar("C", bound=psycopg.Connection[Any])
LANGUAGE: Final = SQL(
    "set_config('standard_conforming_strings', 'on', false), set_config('datestyle', 'ISO', false),"
    " set_config('client_encoding', 'UTF8', false),"
    " set_config('default_transaction_isolation', 'read committed', false)"
)
"""What we rely on, where a database or an account may have other defaults.

Bytes in an array would be stored as others without a word, which makes of a key one that opens nothing; moments
couldn't be read, and text of ours couldn't be sent; who waited for a lock wouldn't see what was committed meanwhile.
"""
_DURABLE: Final = SQL(
    "set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)"
)
"""What is acknowledged has to be on disk, whatever else the default says of standbys; who needs less says so."""


def is_unreachable(error: Exception) -> bool:
    """Tell of one of ``AWAY`` if there was no connection to be had."""
    return isinstance(_cause(error), psycopg_pool.PoolTimeout)


def is_lost(error: Exception) -> bool:
    """Tell of one of ``AWAY`` if a connection broke off: not if there was none, or the server would not wait longer."""
    # What the server says has a code: it still answers, unless it says that it ends (class 57P), or this session does
    # (25P03). One that takes no writes (25006) may have taken them a moment ago: a new connection finds who does now.
    code = _code(error)
    return not is_unreachable(error) and (code is None or code.startswith(("57P", "25P03", "25006")))


def is_too_much(error: Exception) -> bool:
    """Tell of one of ``AWAY`` if the server had no room for what it was asked: for less it may have."""
    return (_code(error) or "").startswith(("53", "54"))  # insufficient resources, program limit exceeded


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if isinstance(error, (OperationalError, InterfaceError)) else error


def _code(error: Exception) -> str | None:
    cause = _cause(error)
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def wait_for_connection(pool: psycopg_pool.ConnectionPool[C]) -> C:
    """Take a connection from a pool; blocks. Raises PoolTimeout if the database is away."""
    until = time.monotonic() + CONNECT_TIMEOUT
    while True:
        try:
            return pool.getconn(RECONNECT)
        except psycopg_pool.PoolTimeout:
            # The pool may have given up. To ask again has it try again.
            if time.monotonic() >= until:
                raise


def session(connection: psycopg.Connection[Any], schema: str) -> None:
    """Make a new connection work as the app's role, in one schema, each statement its own transaction by default.

    And in UTC, whatever the database's own zone is: moments come back in it, and SQL goes by it where days end.
    """
    connection.autocommit = True
    connection.execute(
        SQL(
            "SELECT set_config('search_path', {path}, false), set_config('role', {role}, false),"
            " set_config('timezone', 'UTC', false), {language}, {durable}"
        ).format(path=Identifier(schema).as_string(connection), role=APP_ROLE, language=LANGUAGE, durable=_DURABLE)
    )


class Datastore(PostgresDatastore):
    """eventsourcing's datastore, connected by URL and working as the app's role."""

    def __init__(
        self,
        url: str,
        schema: str,
        *,
        pool_size: int = 1,
        connect_timeout: float = CONNECT_TIMEOUT,
        threads: Executor | None = None,
    ) -> None:
        """``threads`` are what connections are waited for in by who runs in the loop; None: the loop's own."""
        self._threads = threads
        super().__init__("", "", "", "", "", schema=schema)
        self.pool = ConnectionPool(
            url,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row, "application_name": "vliegwiel append", **keepalive(url)},
            # Many stores may be open: one that rests holds no connection.
            min_size=0,
            max_size=pool_size,
            max_idle=IDLE,
            num_workers=1,
            open=False,
            configure=lambda connection: session(connection, schema),
            timeout=connect_timeout,
            reconnect_timeout=RECONNECT,
        )

    @contextmanager
    def get_connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        """Give a connection for as long as the block runs. Raises one of ``AWAY``."""
        running = interleaved()
        if running is not None and not self.pool.get_stats()["pool_available"]:
            # To wait here for a server that is away would hold up the loop.
            running.in_thread(self._connect, self._threads)
        try:
            with super().get_connection() as connection:
                try:
                    yield connection
                except ReadOnlySqlTransaction:
                    # Another server may take writes now: the next connection finds it.
                    connection.close()
                    raise
        except InternalError as error:
            # What the library takes for a fault of the database's may be that it is away.
            if isinstance(error.__cause__, AWAY):
                raise OperationalError(str(error)) from error.__cause__
            raise

    def _connect(self) -> None:
        self.pool.open()
        self.pool.putconn(wait_for_connection(self.pool))


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

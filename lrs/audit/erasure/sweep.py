"""Makes the database let go of what was deleted.

Until its tables are written anew, deleted rows stay in its files; and its statistics keep copies of values that were
common or stood at certain places in their order, until the rows are looked through anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.errors import NotFound, Refused
from lrs.log.connect import connect
from lrs.store_name import schema_of

_queries = sql.load(__package__)
_SEALED: Final = ("statement_terms", "statement_salts", "attachments", "documents")
"""Large tables of which everything is sealed or a keyed digest: once the keys are gone, what is left says nothing. They
are vacuumed, which takes no lock; all other tables but the log and its tree are written anew. Keys, salts and sealed
contents are in no statistics (lrs/store/statistics.sql)."""

_TRIES: Final = 5
"""The setting that files are deleted reaches the server a moment after it was asked for."""


class Swept(NamedTuple):
    """What was done."""

    tables: list[str]
    """Written anew."""
    statistics: bool
    """Whether the statistics keep nothing of tables without rows, nor their files of what was in them; else the account
    may not."""
    checkpoint: bool
    """Whether no file of the write-ahead log from before is left; else the account may not, or a replica needs them."""


def sweep(url: str, store: str) -> Swept:
    """Write the tables of a store anew that held what was erased; ``url`` is their owner's.

    Whoever uses a table at that moment waits for it. Raises BadStoreName, NotFound, Refused, psycopg's errors.
    """
    schema = schema_of(store)
    with connect(url, "sweep") as connection:
        found = connection.execute(_queries.mutable_tables, {"schema": schema}).fetchall()
        if not found:
            raise NotFound(f"there is no store {store}")
        # Postgres only warns of a table that it leaves as it is for this.
        if not all(ours for _, ours in found):
            raise Refused(
                f"the account of LRS_DATABASE_URL doesn't own the tables of {store}, and only their owner may have "
                "them written anew: nothing is done"
            )
        tables = [name for name, _ in found]
        written = [name for name in tables if name not in _SEALED]
        for table in tables:
            how = SQL("VACUUM (FULL, ANALYZE)") if table in written else SQL("VACUUM (ANALYZE)")
            connection.execute(SQL("{} {}").format(how, Identifier(schema, table)))
        statistics = _statistics(connection, schema)
        return Swept(written, statistics, _checkpoint(connection))


def _statistics(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> bool:
    """Take out the statistics of tables without rows, and write anew what holds those of the whole database."""
    try:
        connection.execute(_queries.forget_statistics, {"schema": schema})
    except psycopg.errors.InsufficientPrivilege:
        allowed = False
    else:
        allowed = True
    # The database's owner may do this, too; for anybody else Postgres only warns, and leaves it as it is.
    connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    return allowed


def _checkpoint(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Begin another file of the write-ahead log, and end those before."""
    try:
        connection.execute("CHECKPOINT")
        (begun,) = sql.one(connection.execute("SELECT pg_walfile_name(pg_switch_wal())"))
        connection.execute("CHECKPOINT")
        with _thrown_away(connection):
            return any(_let_go(connection, begun) for _ in range(_TRIES))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported):
        return False


@contextmanager
def _thrown_away(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """Files that the write-ahead log is done with are deleted meanwhile: kept for later, they keep what is in them."""
    (recycled,) = sql.one(connection.execute("SHOW wal_recycle"))
    if recycled == "off":
        yield
        return
    connection.execute("ALTER SYSTEM SET wal_recycle = off")
    connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        connection.execute("ALTER SYSTEM RESET wal_recycle")
        connection.execute("SELECT pg_reload_conf()")


def _let_go(connection: psycopg.Connection[tuple[object, ...]], begun: object) -> bool:
    """Write over the files that were kept for later, and delete those before; tell whether none of them is left."""
    _, waiting = sql.one(connection.execute(_queries.wal_files, {"begun": begun}))
    for _ in range(waiting + 1):  # and the one that is written now, which waited once
        # A switch fills the rest of a file with zeros; without anything in the file it does nothing.
        connection.execute("SELECT pg_logical_emit_message(false, 'vliegwiel', 'sweep')")
        connection.execute("SELECT pg_switch_wal()")
    connection.execute("CHECKPOINT")
    return sql.one(connection.execute(_queries.wal_files, {"begun": begun})) == (0, 0)

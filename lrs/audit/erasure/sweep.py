"""Makes the database let go of what was deleted: until its tables are written anew, deleted rows stay in its files."""

from typing import Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.log.datastore import keepalive
from lrs.store import schema_of

_queries = sql.load(__package__)
_SEALED: Final = ("statement_terms", "statement_salts", "attachments", "documents")
"""Large tables of which everything is sealed or a keyed digest: once the keys are gone, what is left says nothing. They
are vacuumed, which takes no lock; all other tables but the log and its tree are written anew."""


class Swept(NamedTuple):
    """What was done."""

    tables: list[str]
    """Written anew."""
    checkpoint: bool
    """Whether the write-ahead log begins anew too; else the account may not."""


def sweep(url: str, store: str) -> Swept:
    """Write the tables of a store anew that held what was erased; ``url`` is their owner's.

    Whoever uses a table at that moment waits for it. Raises BadStoreName, psycopg's errors.
    """
    schema = schema_of(store)
    with psycopg.connect(url, autocommit=True, application_name="vliegwiel sweep", **keepalive(url)) as connection:
        tables = [name for (name,) in connection.execute(_queries.mutable_tables, {"schema": schema})]
        written = [name for name in tables if name not in _SEALED]
        for table in tables:
            how = SQL("VACUUM (FULL)") if table in written else SQL("VACUUM")
            connection.execute(SQL("{} {}").format(how, Identifier(schema, table)))
        return Swept(written, _checkpoint(connection))


def _checkpoint(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Begin another file of the write-ahead log, and end those before."""
    try:
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True

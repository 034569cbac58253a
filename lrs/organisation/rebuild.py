"""Builds the organisation's tables anew from the log and compares them with the live ones.

The new ones are temporary: nobody else sees them, however many rebuild or verify at once, and they go with the
connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import ClientCursor, Connection, Cursor, IsolationLevel
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.index.rebuild import Progress, compare
from lrs.log.lock import lock_of
from lrs.log.owner import owner
from lrs.log.personal_change import keys_of, opened
from lrs.organisation.store_organisation import decode_sealed
from lrs.organisation.tables import TABLES, write_change
from lrs.seal import Keyring, MasterKey
from schemas.configuration_event import ORGANISATION_CHANGED, decode_configuration_event
from schemas.difference import Difference

_queries = sql.load(__package__)
_BATCH = 100
_SHADOW = "pg_temp"
"""What Postgres calls the schema of a connection's temporary tables."""


def rebuild(url: str, schema: str, master: MasterKey, progress: Progress, *, replace: bool = True) -> list[Difference]:
    """Rebuild the organisation's tables of a store while it is in use; gives the comparison, one per table.

    ``url`` is the owner's. Who people are stays sealed, as it is in the tables. The comparison is made in one snapshot.
    With ``replace`` tables that differ are filled anew, in one transaction under the store's lock.
    """
    with _shadow(url, schema) as connection:
        keyring = Keyring.open(connection, schema, master)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction(), ClientCursor(connection) as cursor:
            reached = _fold(cursor, keyring, 0, progress)
            differences = [compare(cursor, schema, _SHADOW, table) for table in TABLES]
        if replace and not all(difference.equal for difference in differences):
            connection.isolation_level = IsolationLevel.READ_COMMITTED
            with connection.transaction(), ClientCursor(connection) as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of(schema)])
                _fold(cursor, keyring, reached, progress)
                for table in TABLES:
                    live, rebuilt = Identifier(schema, table), Identifier(_SHADOW, table)
                    cursor.execute(_queries.clear.format(table=live))
                    cursor.execute(_queries.copy_table.format(live=live, rebuilt=rebuilt))
        return differences


@contextmanager
def _shadow(url: str, schema: str) -> Iterator[Connection[TupleRow]]:
    """Give a connection whose organisation's tables are new and empty, and whose other tables are the store's."""
    with owner(url, "rebuild") as connection:
        # Where copies were until 2026-11-28: one that was interrupted left them, and nobody erases from them.
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(f"rebuild_organisation_{schema}")))
        connection.execute(SQL("SET search_path = {}").format(Identifier(_SHADOW)))
        connection.execute(sql.read(__package__, "schema.sql"))
        connection.execute(SQL("SET search_path = {}, {}").format(Identifier(_SHADOW), Identifier(schema)))
        yield connection


def _fold(cursor: Cursor[TupleRow], keyring: Keyring, position: int, progress: Progress) -> int:
    """Write the changes of all events after a position, as far as the transaction sees; gives the position reached."""
    head = int(sql.one(cursor.execute(_queries.head, {"topic": ORGANISATION_CHANGED}))[0])
    while events := cursor.execute(
        _queries.events, {"topic": ORGANISATION_CHANGED, "position": position, "limit": _BATCH}
    ).fetchall():
        changes = [decode_configuration_event(state) for _, state in events]
        keys = keyring.by_id(cursor, set().union(*map(keys_of, changes)))
        for change in changes:
            write_change(cursor, opened(change, keys), decode_sealed(change.sealed))
        position = events[-1][0]
        progress(position, head)
    return position

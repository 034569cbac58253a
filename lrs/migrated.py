"""Whether a database is as `lrs migrate` leaves it: asked at the start of what can do nothing right without that."""

from contextlib import suppress

import psycopg

from lrs import sql
from lrs.errors import NotMigrated
from lrs.index.version import StaleIndex, stale
from lrs.log.connect import connect
from lrs.log.datastore import APP_ROLE
from lrs.log.own_sessions import require_own_sessions
from lrs.store_name import CONTROL

_queries = sql.load(__package__, "migrated.sql")


def require_migrated(url: str) -> None:
    """See that the database has our role and tables, each store's index is of this version, and connections are ours.

    Raises NotReady; a database that is away, or that this account may not look into, says nothing.
    """
    with (
        suppress(psycopg.OperationalError, psycopg.errors.InsufficientPrivilege),
        connect(url, "look") as connection,
    ):
        if not sql.one(connection.execute(_queries.migrated, {"role": APP_ROLE, "schema": CONTROL}))[0]:
            raise NotMigrated
        if stale(connection):
            raise StaleIndex
    with suppress(psycopg.OperationalError):
        require_own_sessions(url)

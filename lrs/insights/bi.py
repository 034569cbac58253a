"""A read-only door for BI tools: a schema ``bi_<store>`` with views, and roles that may read nothing else.

The role ``vliegwiel_bi_<store>`` reads one store, ``vliegwiel_bi`` all of them. Neither can log in: a login is made by
who runs the database, as a member of one of them.
"""

from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg import Connection, Cursor
from psycopg.errors import DuplicateObject, UniqueViolation
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.errors import NotFound
from lrs.log.connect import connect
from lrs.store_name import schema_of

ROLE: Final = "vliegwiel_bi"


def role_of(store: str) -> str:
    """Give the role that reads one store."""
    return f"{ROLE}_{store}"


def bi_schema_of(store: str) -> str:
    """Give the schema of a store's views."""
    return f"bi_{store}"


def open_door(url: str, store: str) -> list[str]:
    """Make a store's views anew, and the roles; gives the names of the views. The URL must be the owner's.

    Raises NotFound if there is no such store or its tables aren't up to date, BadStoreName.
    """
    with connect(url, "bi") as connection:
        for role in (ROLE, role_of(store)):
            _ensure_role(connection, role)
        with connection.transaction():
            try:
                return _make_views(connection.cursor(), store)
            except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
                raise NotFound(f"there is no store {store}, or it isn't up to date: run `lrs migrate`") from None


def _make_views(cursor: Cursor[TupleRow], store: str) -> list[str]:
    name = bi_schema_of(store)
    schema, role = Identifier(name), Identifier(role_of(store))
    cursor.execute(SQL("SET LOCAL search_path = {}").format(Identifier(schema_of(store))))
    cursor.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
    cursor.execute(SQL("CREATE SCHEMA {}").format(schema))
    cursor.execute(SQL(sql.read(__package__, "views.sql")).format(bi=schema))
    cursor.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    cursor.execute(SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role))
    cursor.execute(SQL("GRANT {} TO {}").format(role, Identifier(ROLE)))
    views = cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = %s ORDER BY viewname", [name])
    return [f"{name}.{view}" for (view,) in views]


def _ensure_role(connection: Connection[Any], role: str) -> None:
    # Roles are the whole server's: another database may have made it, or be making it now.
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        with suppress(DuplicateObject, UniqueViolation):
            connection.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(role)))

"""Brings a database to the form this version expects. Works as the owner of the tables, which serving never does."""

from contextlib import suppress
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.errors import NotReady
from lrs.index.version import note_if_empty
from lrs.log.datastore import APP_ROLE
from lrs.log.own_sessions import require_own_sessions
from lrs.log.owner import owner
from lrs.store_name import CONTROL, schema_of

_queries = sql.load(__package__)
_CONTROL_FILES = (("lrs.seal", "secrets.sql"), ("lrs.log", "schema.sql"), ("lrs.sign_in", "schema.sql"))
_STORE_FILES = (
    ("lrs.seal", "secrets.sql"),
    ("lrs.seal", "schema.sql"),
    ("lrs.log", "schema.sql"),
    ("lrs.index", "schema.sql"),
    ("lrs.attachment", "schema.sql"),
    ("lrs.document", "schema.sql"),
    ("lrs.log", "configuration.sql"),
    ("lrs.relay", "schema.sql"),
    ("lrs.organisation", "schema.sql"),
    ("projections", "schema.sql"),
    ("projections", "follow_up/schema.sql"),
    ("projections", "streaks/schema.sql"),
    ("projections", "manager_visibility/schema.sql"),
    ("projections", "unknown_verbs/schema.sql"),
    ("lrs.access", "schema.sql"),
    ("lrs.log", "salts.sql"),
    ("lrs.index", "forgotten.sql"),
    ("lrs.audit.erasure", "schema.sql"),
    ("lrs.audit.tree", "schema.sql"),
    ("lrs.refusal", "schema.sql"),
    ("lrs.seal", "destroyed.sql"),
    ("lrs.index", "version.sql"),
    ("lrs.index", "sources.sql"),
    ("lrs.index", "signature.sql"),
    ("lrs.index", "chains.sql"),
    ("lrs.store", "statistics.sql"),
)
_FIRST_NAMES = {"lrs.access/schema.sql": "lrs.audit.access/schema.sql"}
"""Of files that lay elsewhere when databases first noted them by their place: a file's name stays as it was then."""
_LOCK = 0x766C6965
OLDEST = 15
"""The oldest Postgres that everything was tried with."""
_MIGRATIONS = SQL(
    "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
)


def migrate(url: str) -> list[str]:
    """Create the app's role and the control schema, and bring every store up to date; gives what was applied.

    Raises NotReady if the database, or the account, isn't fit for that.
    """
    require_own_sessions(url)
    with owner(url, "migrate") as connection:
        if (version := connection.info.server_version // 10_000) < OLDEST:
            raise NotReady(f"the database is Postgres {version}: {OLDEST} or newer is needed")
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            raise NotReady(f"the database's encoding is {encoding}: make the database with ENCODING 'UTF8'")
        _ensure_role(connection)
        applied = _apply(connection, CONTROL, _CONTROL_FILES)
        for (schema,) in connection.execute(_queries.stores).fetchall():
            applied += _apply_to_store(connection, schema)
        return applied


def create_store(url: str, store: str) -> bool:
    """Create the schema of a store, unless it is there; gives whether it was made. Raises BadStoreName."""
    schema = schema_of(store)
    with owner(url, "migrate") as connection:
        return bool(_apply_to_store(connection, schema))


def _ensure_role(connection: Connection[Any]) -> None:
    # Somebody else may have made it: who was only granted it can't grant it, and needn't. Tried, because that is what
    # is done with it: who has it without inheriting its rights (NOINHERIT) may.
    with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue), connection.transaction():
        connection.execute(SQL("SET LOCAL ROLE {}").format(Identifier(APP_ROLE)))
        return
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone()
    try:
        if found is None:
            connection.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(APP_ROLE)))
        connection.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(APP_ROLE)))
    except psycopg.errors.InsufficientPrivilege:
        (owner,) = sql.one(connection.execute("SELECT quote_ident(current_user)"))
        raise NotReady(
            f"{owner} needs CREATEROLE; or let somebody who has it first run "
            f"`CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO {owner}`"
        ) from None


def _apply_to_store(connection: Connection[Any], schema: str) -> list[str]:
    with connection.transaction(), connection.cursor() as cursor:
        applied = _apply(connection, schema, _STORE_FILES)
        note_if_empty(cursor)
        return applied


def _apply(connection: Connection[Any], schema: str, files: tuple[tuple[str, LiteralString], ...]) -> list[str]:
    applied = []
    with connection.transaction():
        # Two that migrate at once: the second waits and finds it done.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(schema)))
        connection.execute(SQL("SET LOCAL search_path = {}").format(Identifier(schema)))
        connection.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(schema), Identifier(APP_ROLE)))
        connection.execute(_MIGRATIONS)
        done = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        for package, file in files:
            place = f"{package}/{file}"
            name = _FIRST_NAMES.get(place, place)
            # By its place, too: for some hours of 2026-11-28 that was what was noted of all.
            if name not in done and place not in done:
                connection.execute(SQL(sql.read(package, file)))
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", [name])
                applied.append(f"{schema}: {name}")
    return applied

"""Secrets that all processes share and that outlive a change of master key, such as the key of the keyed digests."""

import os

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.seal.master import KEY_BYTES, KeysLost, MasterKey

_queries = sql.load(__package__)


def shared_secret(connection: Connection[TupleRow], schema: str, name: str, master: MasterKey) -> bytes:
    """Give the 32-byte secret ``name`` of a schema, made at first use. Raises WrongMasterKey."""
    secret = _kept_or_made(connection, schema, name, master, _queries.add_secret)
    if secret is None:
        raise LookupError(f"no secret {name} in {schema}")
    return secret


def first_secret(connection: Connection[TupleRow], schema: str, name: str, master: MasterKey) -> bytes:
    """Give a secret that everything in a log depends on: it is made while the log is empty, and never after.

    Raises WrongMasterKey, and KeysLost: another one in its place would make everybody somebody new, without a word.
    """
    secret = _kept_or_made(connection, schema, name, master, _queries.add_first_secret)
    if secret is None:
        raise KeysLost(f"{schema} has events but its secret {name!r} is gone: put the table secrets back from a backup")
    return secret


def _kept_or_made(
    connection: Connection[TupleRow], schema: str, name: str, master: MasterKey, add: SQL
) -> bytes | None:
    names = {"table": Identifier(schema, "secrets"), "log": Identifier(schema, "stored_events")}
    label = secret_label(schema, name)
    get = _queries.get_secret.format(**names)
    row = connection.execute(get, {"name": name}).fetchone()
    # Written only if it isn't there: a database that takes no writes is read.
    if row is None:
        # Two processes may make it at once: the first one in wins and both read that one.
        new = {"name": name, "wrapped": master.wrap(os.urandom(KEY_BYTES), label)}
        connection.execute(add.format(**names), new)
        row = connection.execute(get, {"name": name}).fetchone()
    return None if row is None else master.unwrap(bytes(row[0]), label)


def secret_label(schema: str, name: str) -> str:
    """Give the label that a secret is wrapped with."""
    return f"{schema}/{name}"

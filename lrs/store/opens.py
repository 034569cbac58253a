"""Whether the master key that is given is the database's: seen by every program that starts."""

import psycopg
from psycopg.sql import Identifier

from lrs import sql
from lrs.errors import first_line
from lrs.log.connect import connect
from lrs.migrated import require_migrated
from lrs.seal import MasterKey
from lrs.seal.secret import secret_label
from lrs.store_name import CONTROL

_queries = sql.load(__package__, "key_rotation.sql")


def require_opens(url: str, master: MasterKey) -> str:
    """See that this database was migrated, and that this master key opens its keys, if there are any.

    Gives why that couldn't be seen, if the database is away; else nothing. Raises NotReady, WrongMasterKey.
    """
    require_migrated(url)
    return require_key(url, master)


def require_key(url: str, master: MasterKey) -> str:
    """See that this master key opens the database's keys, if there are any; gives why that couldn't be seen.

    Raises WrongMasterKey.
    """
    try:
        with connect(url, "key check") as connection:
            row = connection.execute(_queries.one_secret.format(table=Identifier(CONTROL, "secrets"))).fetchone()
    except psycopg.errors.UndefinedTable:
        return ""
    except psycopg.OperationalError as error:
        return first_line(error)
    if row is not None:
        master.unwrap(bytes(row[1]), secret_label(CONTROL, row[0]))
    return ""

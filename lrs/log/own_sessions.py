"""Whether connections to the database are our own: asked at the start of what can do nothing right without that."""

from typing import Any

import psycopg

from lrs import sql
from lrs.errors import NotReady
from lrs.log.connect import connect

_TIMES = 3


def require_own_sessions(url: str) -> None:
    """See that no pooler hands a connection on to others after each transaction. Raises NotReady, psycopg's errors.

    A session's schema and role would be those of whoever had it before: statements of one store would go to another.
    """
    with connect(url, "look") as one, connect(url, "look") as other:
        # Such a pooler gives to who asks next what was used last; somebody else may get it in between, though.
        if any(_process(one) == _process(other) for _ in range(_TIMES)):
            raise NotReady(
                "LRS_DATABASE_URL leads to a pooler that hands connections on after each transaction, and what is set "
                "for one store would hold for another: have it pool by session (PgBouncer: pool_mode = session)"
            )


def _process(connection: psycopg.Connection[Any]) -> int:
    return int(sql.one(connection.execute("SELECT pg_backend_pid()"))[0])

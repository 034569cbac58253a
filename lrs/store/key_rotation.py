"""Every key that the master key wraps: seeing which master key that is, and wrapping them anew under another.

Nothing that is sealed changes, and neither does the log: only keys are wrapped anew. It goes table by table, a page a
transaction, and an interrupted rotation is simply begun again: what is done already is passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, LiteralString, NamedTuple

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Identifier

from lrs import sql
from lrs.log.owner import owner
from lrs.seal import MasterKey, WrongMasterKey
from lrs.seal.keyring import key_label
from lrs.seal.secret import secret_label
from lrs.store_name import CONTROL

_queries = sql.load(__package__, "key_rotation.sql")
_PAGE: Final = 1_000
Progress = Callable[[str, int], None]
"""Called with the schema and how many of its keys were looked at."""


class _Table(NamedTuple):
    name: str
    id: str
    type: LiteralString
    """Of the id."""
    label: Callable[[str, Any], str]


_TABLES: Final = (_Table("secrets", "name", "text", secret_label), _Table("person_keys", "key_id", "uuid", key_label))
"""All tables that hold wrapped keys, in a column ``wrapped``."""


class Wrapped(Struct):
    """How many keys of a schema are wrapped by which master key."""

    schema: str
    first: int = 0
    """By the first of the master keys, the one that wraps."""
    others: int = 0
    """By another of those that are given."""
    unknown: int = 0
    """By none of them."""
    lost: int = 0
    """Learners whose key is gone though they weren't erased."""

    @property
    def good(self) -> bool:
        """Whether all are there, wrapped by the first of the master keys."""
        return not (self.others or self.unknown or self.lost)


def check(url: str, master: MasterKey, progress: Progress) -> list[Wrapped]:
    """Count which master key wraps the keys of each schema, and whose are lost. Changes nothing."""
    return _over_all(url, master, progress, put=False)


def rotate(url: str, master: MasterKey, progress: Progress) -> list[Wrapped]:
    """Wrap anew, under the first master key, all that others wrap; gives what there was before, by schema.

    Whatever opens is used meanwhile as ever, by processes that are given the same master keys. ``url`` is the owner's.
    """
    return _over_all(url, master, progress, put=True)


def _over_all(url: str, master: MasterKey, progress: Progress, *, put: bool) -> list[Wrapped]:
    with owner(url, "key rotation") as connection:
        found = []
        for (schema,) in connection.execute(_queries.schemas, {"control": CONTROL}).fetchall():
            found.append(wrapped := Wrapped(schema))
            for table in _TABLES:
                _over(connection, master, wrapped, table, progress, put=put)
            wrapped.lost = _lost(connection, schema)
        return found


def _lost(connection: Connection[TupleRow], schema: str) -> int:
    if not sql.one(connection.execute(_queries.has, {"table": f"{schema}.person_keys"}))[0]:
        return 0
    names = {"learners": Identifier(schema, "learners"), "keys": Identifier(schema, "person_keys")}
    return int(sql.one(connection.execute(_queries.lost.format(**names)))[0])


def _over(
    connection: Connection[TupleRow],
    master: MasterKey,
    wrapped: Wrapped,
    table: _Table,
    progress: Progress,
    *,
    put: bool,
) -> None:
    names: dict[str, Composable] = {
        "table": Identifier(wrapped.schema, table.name),
        "id": Identifier(table.id),
        "type": SQL(table.type),
    }
    if not sql.one(connection.execute(_queries.has, {"table": f"{wrapped.schema}.{table.name}"}))[0]:
        return
    for page in _pages(connection, names):
        changed = []
        for id_, old in page:
            try:
                new = master.rewrap(old, table.label(wrapped.schema, id_))
            except WrongMasterKey:
                wrapped.unknown += 1
                continue
            if new is None:
                wrapped.first += 1
            else:
                wrapped.others += 1
                changed.append((id_, old, new))
        if put and changed:
            ids, olds, news = (list(column) for column in zip(*changed, strict=True))
            connection.execute(_queries.put.format(**names), {"ids": ids, "old": olds, "new": news})
        progress(wrapped.schema, wrapped.first + wrapped.others + wrapped.unknown)


def _pages(connection: Connection[TupleRow], names: dict[str, Composable]) -> Iterator[Sequence[TupleRow]]:
    page = connection.execute(_queries.first.format(**names), {"limit": _PAGE}).fetchall()
    while page:
        yield page
        page = connection.execute(_queries.next.format(**names), {"after": page[-1][0], "limit": _PAGE}).fetchall()

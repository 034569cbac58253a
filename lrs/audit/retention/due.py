"""Finds the statements whose time is up."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import Struct, json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.retention.rules import Rule, Rules
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from lrs.statement import read
from schemas.xapi import Activity, Statement

_queries = sql.load(__package__)
PAGE: Final = 200
"""Statements looked at, and forgotten, at once."""
_LARGEST: Final = 2**63 - 1


class Due(NamedTuple):
    """A statement whose time is up."""

    position: int
    id: UUID
    stored: datetime
    rule: str
    """Name of the rule that says so."""


class _Definition(Struct):
    type: str = ""


_decode = json.Decoder(_Definition).decode


class Finder:
    """Looks through one store's statements, on a cursor that binds parameters itself (a ClientCursor).

    Age is counted from when a statement was stored: that moment was given here and only grows with the position, while
    a timestamp is what the sender says, and a wrong clock would have what it sends destroyed at once.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._reader = Reader(keyring)

    def due(self, cursor: Cursor[TupleRow], rules: Rules, now: datetime) -> Iterator[list[Due]]:
        """Give the statements whose time is up, in order, page by page; the cursor may be used in between.

        Every old statement that isn't gone is read for it: what type an activity is may be known only since.
        """
        bounds = [(rule, self.bound(cursor, rule, now)) for rule in rules.rules]
        up_to = max((bound for _, bound in bounds), default=0)
        page = {"after": 0, "up_to": up_to, "limit": PAGE}
        while positions := [position for (position,) in cursor.execute(_queries.kept, page)]:
            page["after"] = positions[-1]
            events = self._reader.at(cursor, positions, ascending=True, most_bytes=_LARGEST)
            if found := list(self._of(cursor, self._reader.open(cursor, events), bounds)):
                yield found

    def bound(self, cursor: Cursor[TupleRow], rule: Rule, now: datetime) -> int:
        """Give the last position that is old enough for a rule."""
        return self._reader.position_at(cursor, now - timedelta(days=rule.days))

    def _of(
        self, cursor: Cursor[TupleRow], page: Sequence[LoggedStatement], bounds: Sequence[tuple[Rule, int]]
    ) -> Iterator[Due]:
        statements = [(logged, read(logged.text)) for logged in page]
        known = self._known(cursor, [statement for _, statement in statements])
        for logged, statement in statements:
            types = _types(statement, known)
            for rule, bound in bounds:
                if logged.position <= bound and rule.covers(statement.verb.id, types):
                    yield Due(logged.position, logged.id, logged.stored, rule.name)
                    break

    def _known(self, cursor: Cursor[TupleRow], statements: Sequence[Statement]) -> dict[str, str]:
        """Give the types of the activities that these statements are about, as they are known by now."""
        objects = (statement.object for statement in statements)
        digests = {self._keyring.digest("activity", one.id): one.id for one in objects if isinstance(one, Activity)}
        rows = cursor.execute(_queries.known, {"digests": sql.uuids(digests)})
        return {digests[digest]: _decode(bytes(definition)).type for digest, definition in rows}


def _types(statement: Statement, known: Mapping[str, str]) -> set[str]:
    if not isinstance(statement.object, Activity):
        return set()
    said = statement.object.definition.type if statement.object.definition else None
    return {one for one in (said, known.get(statement.object.id)) if isinstance(one, str) and one}

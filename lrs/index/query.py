"""Finds statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from lrs import sql
from lrs.index import terms
from lrs.index.signature import signature
from lrs.index.terms import Term
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from lrs.seal.kinds import AGENT
from lrs.statement import identity, in_utc, read, with_stored

_queries = sql.load(__package__)


class Query(Struct, frozen=True, kw_only=True):
    """Filters of GET Statements (xAPI 1.0.3 Communication 2.1.3); persons as identities."""

    agent: str | None = None
    people: Sequence[UUID] | None = None
    """Digests of identifiers, as the table of learners has them: as ``agent``, any of these."""
    verb: str | None = None
    verbs: Sequence[str] | None = None
    """Any of these."""
    activity: str | None = None
    registration: UUID | None = None
    related_agents: bool = False
    related_activities: bool = False
    since: datetime | None = None
    """Only statements stored after this moment."""
    until: datetime | None = None
    """Only statements stored at or before this moment."""
    limit: int
    ascending: bool = False
    mine: str | None = None
    """Only statements this authority vouches for."""
    after: int | None = None
    """Position of the last statement of the page before."""


class Recorded(NamedTuple):
    """A statement as it is given out; ``text`` is its whole JSON."""

    position: int
    id: UUID
    stored: datetime
    text: bytes
    defines: bool
    """Whether who sent it may say what people and activities are called."""


class Page(NamedTuple):
    """Statements in the order asked for; ``after`` leads to the next page, None if there is none."""

    statements: list[Recorded]
    after: int | None


class Statements:
    """Reads statements through the index. Methods run on the given cursor."""

    def __init__(self, keyring: Keyring, reader: Reader) -> None:
        self._keyring = keyring
        self._reader = reader

    def select(self, cursor: Cursor[TupleRow], query: Query) -> Page:
        """Give a page of the statements that match all filters; voided ones never, those that target them do."""
        low, high = self._bounds(cursor, query)
        cursor.execute(self._find(query, low, high))
        positions = [row[0] for row in cursor.fetchall()]
        events = self._reader.at(cursor, positions[: query.limit], ascending=query.ascending, most_bytes=_PAGE_BYTES)
        found = [_recorded(logged) for logged in self._reader.open(cursor, events)]
        return Page(found, events[-1].position if len(events) < len(positions) else None)

    def get(self, cursor: Cursor[TupleRow], statement_id: UUID, *, voided: bool, mine: str | None) -> Recorded | None:
        """Give one statement by its id if it is voided or not, as asked."""
        vouched = None if mine is None else self._keyring.term(*terms.authority(mine))
        for logged in self._reader.of(cursor, [statement_id], up_to=_LAST):
            statement = read(logged.text)
            if vouched is not None and vouched not in terms.terms(self._keyring, statement):
                continue
            row = cursor.execute(_queries.is_voided, {"target": statement_id}).fetchone()
            is_voided = row is not None and row[0] and not terms.voids(statement)
            if is_voided == voided:
                return _recorded(logged)
        return None

    def definitions(self, cursor: Cursor[TupleRow], iris: Sequence[str]) -> dict[str, bytes]:
        """Give the definitions (JSON) of those of the activities that have one."""
        by_digest = {self._keyring.digest("activity", iri): iri for iri in iris}
        rows = cursor.execute(_queries.definitions, {"digests": sql.uuids(by_digest)})
        return {by_digest[digest]: bytes(definition) for digest, definition in rows}

    def names(self, cursor: Cursor[TupleRow], identity_: str) -> list[str]:
        """Give the names a person or group goes by in their latest statements, newest first.

        Who sent them has to be allowed to define (1.0.3 Communication 4.2).
        """
        page = self.select(cursor, Query(agent=identity_, limit=_NAMES_FROM))
        named = (
            actor.name
            for recorded in page.statements
            if recorded.defines
            for actor in terms.actors(read(recorded.text))
            if actor.name and identity(actor) == identity_
        )
        return list(dict.fromkeys(named))

    def _bounds(self, cursor: Cursor[TupleRow], query: Query) -> tuple[int, int]:
        # ``stored`` increases with the position, so moments become positions once, and the index needs no moments.
        low = 0 if query.since is None else self._reader.position_at(cursor, query.since)
        high = _LAST if query.until is None else self._reader.position_at(cursor, query.until)
        if query.after is not None and query.ascending:
            low = max(low, query.after)
        elif query.after is not None:
            high = min(high, query.after - 1)
        return low, high

    def _find(self, query: Query, low: int, high: int) -> Composed:
        driver, *others = self._filters(query)
        if not driver:
            return _NOTHING
        mine = None
        if query.mine is not None:
            mine = _MINE.format(term=Literal(UUID(bytes=self._keyring.term(*terms.authority(query.mine)))))
        parts = {
            "low": Literal(low),
            "high": Literal(high),
            "order": SQL("ASC") if query.ascending else SQL("DESC"),
            "limit": Literal(query.limit + 1),
        }
        lists = []
        for term in driver:
            conditions = [_also(alternatives, term) for alternatives in others]
            if mine is not None:
                conditions.append(mine)
            lists.append(_LIST.format(term=Literal(term), conditions=SQL("").join(conditions), **parts))
        return _FIND.format(lists=SQL(" UNION ALL ").join(lists), **parts)

    def _filters(self, query: Query) -> list[list[UUID]]:
        """Give for each filter the terms of which one must be there, the filter that finds least first."""
        filters: list[list[Term]] = []
        found: list[list[UUID]] = []
        if query.people is not None:
            found.append([UUID(bytes=self._keyring.person_term(AGENT, digest)) for digest in query.people])
        if query.registration is not None:
            filters.append([terms.registration(str(query.registration))])
        if query.agent is not None:
            related = [terms.related_agent(query.agent), terms.authority(query.agent)] if query.related_agents else []
            filters.append([terms.agent(query.agent), *related])
        if query.activity is not None:
            related = [terms.related_activity(query.activity)] if query.related_activities else []
            filters.append([terms.activity(query.activity), *related])
        if query.verb is not None:
            filters.append([terms.verb(query.verb)])
        if query.verbs is not None:
            filters.append([terms.verb(verb) for verb in query.verbs])
        if not filters and not found:
            filters.append([terms.ANY if query.mine is None else terms.authority(query.mine)])
        found += [[UUID(bytes=self._keyring.term(*term)) for term in alternatives] for alternatives in filters]
        # What nothing can match finds least of all.
        return sorted(found, key=bool)


_LAST = 2**63 - 1
_PAGE_BYTES = 8 << 20
"""A page is full once its statements have this size together: the rest comes with the next."""
_NAMES_FROM = 25
"""How many statements names are gathered from."""
# A statement that targets others is in a list once for each of them that matches: DISTINCT names it once. Each list is
# cut off by itself, so that none is read further than the page needs.
_LIST = SQL(
    "(SELECT DISTINCT position FROM statement_terms AS found"
    " WHERE term = {term} AND position > {low} AND position <= {high}{conditions}"
    " ORDER BY position {order} LIMIT {limit})"
)
_NOTHING = SQL("SELECT position FROM statement_terms WHERE false").format()
_FIND = SQL("SELECT DISTINCT position FROM ({lists}) AS lists ORDER BY position {order} LIMIT {limit}")
# Signatures spare most of those looks into the other list, whichever of the two is walked. They decide nothing.
_ALSO = SQL(
    " AND {may_also} AND EXISTS (SELECT FROM statement_terms AS also WHERE also.term IN ({terms})"
    " AND also.position = found.position AND also.source = found.source AND {may_be_found})"
)
_MAY = SQL("({row}.signature & {bits}) = {bits}")
# Who vouches for a statement is asked of the statement itself, not of those it targets: it decides who may read it.
_MINE = SQL(
    " AND EXISTS (SELECT FROM statement_terms AS mine WHERE mine.term = {term}"
    " AND mine.position = found.position AND mine.source = found.position)"
)


def _also(alternatives: Sequence[UUID], term: UUID) -> Composed:
    """Give the condition that what is found by a term has one of these too."""
    return _ALSO.format(
        terms=SQL(", ").join(map(Literal, alternatives)),
        may_also=_may("found", alternatives),
        may_be_found=_may("also", [term]),
    )


def _may(row: str, alternatives: Sequence[UUID]) -> Composed:
    """Give the condition that the source of a row may have one of these terms."""
    each = (_MAY.format(row=Identifier(row), bits=Literal(signature([term.bytes]))) for term in alternatives)
    return SQL("({})").format(SQL(" OR ").join(each))


def _recorded(logged: LoggedStatement) -> Recorded:
    text = with_stored(logged.text, in_utc(logged.stored))
    return Recorded(logged.position, logged.id, logged.stored, text, logged.defines)

"""From an item of the file to a statement that keeps every rule, or the reason why not."""

from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, json

from lrs.importer.content_id import content_id
from lrs.importer.mend import mended
from lrs.importer.tally import Tally
from lrs.statement import Invalid, Limits, Version, parse
from lrs.statement.repeated import refuse_repeated_within
from schemas.xapi import Statement, SubStatement


class _Versioned(Struct):
    version: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET


_versioned = json.Decoder(_Versioned).decode


class Taken(NamedTuple):
    """A statement to store, its id filled in."""

    id: UUID
    statement: Statement
    version: Version
    line: int
    text: bytes
    """As it was, should it be refused later on."""


class Intake:
    """Checks statements by the rules of their own version, completes and if need be mends them."""

    def __init__(self, limits: Limits, tally: Tally, *, keep_authority: bool) -> None:
        self._limits = limits
        self._tally = tally
        self._keep_authority = keep_authority

    def take(self, text: bytes, line: int) -> Taken:
        """Check and complete one statement. Raises Invalid."""
        version = version_of(text)
        statement = self._parsed(text, version, line)
        if statement.id is UNSET:
            id_ = content_id(text)
            statement.id = str(id_)
            self._tally.given_id += 1
        else:
            id_ = UUID(statement.id)
        if statement.timestamp is UNSET:
            statement.timestamp = statement.stored
            if statement.timestamp is UNSET:
                self._tally.timed_by_import += 1
            else:
                self._tally.timed_by_source += 1
        if _has_attachments(statement):
            self._tally.attachments += 1
        return Taken(id_, statement, version, line, text)

    def _parsed(self, text: bytes, version: Version, line: int) -> Statement:
        try:
            return parse(text, version, self._limits, single=True)[0]
        except Invalid:
            mending = mended(text, version, keep_authority=self._keep_authority)
            if mending is None:
                raise
            if version == "2.0.0":
                # Mending would take one of two, and say nothing of the other.
                refuse_repeated_within(text, "statement")
        statement = parse(mending.text, version, self._limits, single=True)[0]
        self._tally.nulls += mending.nulls
        self._tally.dates += len(mending.dates)
        if mending.dates and self._tally.first_date is None:
            self._tally.first_date = (line, *mending.dates[0])
        return statement


def version_of(text: bytes) -> Version:
    """Give the version by whose rules a statement goes.

    Without one it is 1.0 (1.0.3 Data 2.4.10), unless it has what only came with 2.0.
    """
    try:
        found = _versioned(text)
    except (DecodeError, RecursionError):
        return "1.0.3"
    if found.version is UNSET or (named := bytes(found.version)) == b"null":
        context = b"" if found.context is UNSET else bytes(found.context)
        return "2.0.0" if b'"contextAgents"' in context or b'"contextGroups"' in context else "1.0.3"
    return "1.0.3" if named.startswith(b'"1.') else "2.0.0"


def _has_attachments(statement: Statement) -> bool:
    inner = statement.object
    return bool(statement.attachments) or (isinstance(inner, SubStatement) and bool(inner.attachments))

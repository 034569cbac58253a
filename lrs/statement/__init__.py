"""Statements: reading, checking, completing, comparing and formatting them. No clock; nothing in or out but new ids."""

from lrs.statement.actor import identity, is_identified
from lrs.statement.attachment import SIGNATURE, attachment_path, attachments_of
from lrs.statement.context import activity_lists
from lrs.statement.cut import CUT, Mention, join
from lrs.statement.depth import is_deeper
from lrs.statement.equality import same
from lrs.statement.errors import Invalid, TooMuch
from lrs.statement.formatted import canonical, ids
from lrs.statement.languages import Languages, accepted_languages
from lrs.statement.parse import parse, parse_actor
from lrs.statement.prepare import UNDATED, Prepared, prepare, read, with_stored
from lrs.statement.rules import Limits, Version
from lrs.statement.timestamp import in_utc
from lrs.statement.verb import VOIDED

__all__ = [
    "CUT",
    "SIGNATURE",
    "UNDATED",
    "VOIDED",
    "Invalid",
    "Languages",
    "Limits",
    "Mention",
    "Prepared",
    "TooMuch",
    "Version",
    "accepted_languages",
    "activity_lists",
    "attachment_path",
    "attachments_of",
    "canonical",
    "identity",
    "ids",
    "in_utc",
    "is_deeper",
    "is_identified",
    "join",
    "parse",
    "parse_actor",
    "prepare",
    "read",
    "same",
    "with_stored",
]

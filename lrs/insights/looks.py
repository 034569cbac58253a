"""Whose data somebody was given by one read, for the record of accesses."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from lrs.access import Known


class Looks(NamedTuple):
    """Persons other than the caller, by the names of the reads."""

    at: Mapping[str, set[UUID]]
    known: Known | None
    """How the caller was known then."""

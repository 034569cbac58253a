"""What a request asks: its query parameters, read strictly."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request
from msgspec import Struct

from lrs.documentation import NUMBER, Field
from lrs.http import parameters
from lrs.http.content_type import media_type
from lrs.http.headers import listed
from lrs.insights import moment
from lrs.problem import Problem
from lrs.statement import formats

Format = Literal["json", "csv"]
LARGEST_PAGE: Final = 500
USUAL_PAGE: Final = 100
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = 2000

MOMENT: Final = {
    "as_of": Field(
        "Answer as it was at an earlier time (RFC 3339), or at a position of the log, instead of now. The statements, "
        "the organisation and the policy known then count, and the day it was then."
    ),
    "wait_for": Field(
        "Wait until the answer holds everything up to this position of the log (at most ten seconds); policy and "
        "vocabulary count if this position is that of their change.",
        NUMBER,
    ),
}
FORMAT: Final = {"format": Field("JSON, or CSV for spreadsheets; stands before `Accept`.", choices=("json", "csv"))}
PAGE: Final = {
    "limit": Field(
        f"Most rows in the answer: 1 to {LARGEST_PAGE}, {USUAL_PAGE} if left out.", NUMBER, least=1, most=LARGEST_PAGE
    ),
    "cursor": Field("Continues a list: part of `next`, not to be made by hand."),
}


class Asked(Struct, frozen=True):
    """A request's parameters."""

    path: str
    """As clients have it."""
    given: Mapping[str, str]
    format: Format
    as_of: int | datetime | None
    wait_for: int | None
    limit: int
    sort: str
    """One of those there are, with a minus in front if the largest come first."""
    cursor: str | None

    def query(self) -> str:
        """Give all that decides which rows there are and in which order, always written in the same way."""
        free = {"cursor", "limit", "format", "wait_for"}
        return urlencode(sorted((name, value) for name, value in self.given.items() if name not in free))

    def next(self, token: str) -> str:
        """Give the address of the next page."""
        kept = {name: value for name, value in self.given.items() if name not in {"cursor", "wait_for"}}
        return f"{self.path}?{urlencode({**kept, 'cursor': token})}"

    def text(self, name: str) -> str | None:
        """Give a parameter that is text."""
        value = self.given.get(name)
        if value is not None and (not value or len(value) > _LONGEST or "\0" in value):
            raise wrong(name, value, f"text of 1 to {_LONGEST} characters")
        return value

    def person(self, name: str) -> UUID | None:
        """Give a parameter that is an id."""
        return parameters.identifier(dict(self.given), name)

    def day(self, name: str) -> date | None:
        """Give a parameter that is a day."""
        value = self.given.get(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value if len(value) == 10 else "")
        except ValueError:
            raise wrong(name, value, "a day such as 2026-01-31") from None

    def position(self, name: str) -> int | None:
        """Give a parameter that is a position of the log."""
        value = self.given.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= _LARGEST):
            raise wrong(name, value, "a position of the log: a whole number from 0")
        return int(value)

    def moment(self, name: str) -> datetime | None:
        """Give a parameter that is a time."""
        value = self.given.get(name)
        if value is None:
            return None
        try:
            return formats.timestamp(value.replace(" ", "+"), "2.0.0")
        except ValueError:
            raise wrong(name, value, "a time such as 2026-01-31T09:00:00Z") from None

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Give a parameter that is one of a few words."""
        value = self.given.get(name)
        if value is not None and value not in choices:
            raise wrong(name, value, f"one of {', '.join(choices)}")
        return value


def asked(
    request: Request[Any, Any, Any],
    fields: Mapping[str, Field],
    sorts: Collection[str],
    *,
    usual: str,
    now: datetime,
    base_path: str,
) -> Asked:
    """Read the parameters of a request; those in ``fields`` are taken. Raises a Problem 400.

    ``base_path`` is what a proxy in front may have taken off the path.
    """
    given = parameters.parse(request.scope["query_string"], fields)
    path = base_path + request.scope["path"]
    partly = Asked(path, given, _format(request, given), None, None, USUAL_PAGE, "", given.get("cursor"))
    limit = partly.position("limit")
    if limit is not None and not 1 <= limit <= LARGEST_PAGE:
        raise wrong("limit", given["limit"], f"a whole number from 1 to {LARGEST_PAGE}")
    both = [order for sort in sorts for order in (sort, f"-{sort}")]
    return Asked(
        path=partly.path,
        given=given,
        format=partly.format,
        as_of=moment.parse(given.get("as_of"), now),
        wait_for=partly.position("wait_for"),
        limit=limit or USUAL_PAGE,
        sort=partly.choice("sort", both) or usual,
        cursor=partly.cursor,
    )


def said(path: str, given: Mapping[str, str], sort: str, limit: int = USUAL_PAGE) -> Asked:
    """Give the parameters of a question that comes from the program itself."""
    return Asked(path, given, "json", None, None, limit, sort, None)


def sorting(sorts: Mapping[str, str], usual: str) -> dict[str, Field]:
    """Describe the parameter ``sort`` of a list."""
    if not sorts:
        return {}
    meant = "; ".join(f"{name}: {description}" for name, description in sorts.items())
    choices = [order for name in sorts for order in (name, f"-{name}")]
    said = f"Order, {usual} if left out; a minus in front turns it round. {meant}."
    return {"sort": Field(said, choices=choices)}


def wrong(name: str, value: str, wanted: str) -> Problem:
    """Give the problem of a parameter whose value isn't what it must be."""
    shown = value if len(value) <= 100 else value[:100] + "…"
    return Problem(400, f"the query parameter {name} is {shown!r}: it must be {wanted}")


def _format(request: Request[Any, Any, Any], given: Mapping[str, str]) -> Format:
    if (wanted := given.get("format")) is not None:
        if wanted not in {"json", "csv"}:
            raise wrong("format", wanted, "one of json, csv")
        return "csv" if wanted == "csv" else "json"
    kinds = [media_type(kind) for kind in (listed(request, "accept") or "*/*").split(",")]
    return "csv" if "text/csv" in kinds and "application/json" not in kinds else "json"

"""What every answer begins with, and what it is written as."""

from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from msgspec import Meta, Struct

T = TypeVar("T")
_LONGEST_LINK: Final = 4096
"""Characters of an address that fit in a header: proxies refuse answers with large ones."""


class Lag(Struct, frozen=True, omit_defaults=True):
    """How far what answers is behind the log."""

    positions: Annotated[int, Meta(description="Events of the log that aren't in the answer yet, at most")]
    seconds: Annotated[float, Meta(description="For how long the first of them has been in the log")]
    earlier_policy: Annotated[
        bool, Meta(description="Policy or vocabulary were changed, and the answer is by the earlier ones still")
    ] = False


class Stand(Struct, frozen=True):
    """As of when an answer holds."""

    position: Annotated[int, Meta(description="Everything up to this position of the log is in the answer")]
    as_of: Annotated[datetime, Meta(description="What counted as now: which steps are overdue, who is in which team")]
    lag: Lag


class Detail(Stand, Generic[T], frozen=True):
    """One thing."""

    item: T


class Page(Stand, Generic[T], frozen=True):
    """Some of a list."""

    items: list[T]
    next: Annotated[str | None, Meta(description="Address of the next page; null: this is the last")]


class Named(Struct, frozen=True):
    """A person."""

    id: UUID
    name: Annotated[str | None, Meta(description="If the organisation knows it, and you may")]


class Days(Struct, frozen=True):
    """Days from the first up to and including the last; null: no limit."""

    first: str | None
    last: str | None


def headers(stand: Stand, following: str | None) -> dict[str, str]:
    """Say the same in headers, for formats that have no room for it."""
    found = {
        "X-Vliegwiel-Position": str(stand.position),
        "X-Vliegwiel-As-Of": str(msgspec.to_builtins(stand.as_of)),
        "X-Vliegwiel-Lag": f"{stand.lag.positions} positions, {stand.lag.seconds:.3f} seconds"
        + (", by an earlier policy" if stand.lag.earlier_policy else ""),
        # Persons' data: no shared cache may keep it, and it depends on who asks and in which format.
        "Cache-Control": "private, no-store",
        "Vary": "Accept, Authorization, Cookie",
    }
    if following is None or len(following) > _LONGEST_LINK:
        return found
    return {**found, "Link": f'<{following}>; rel="next"'}


def as_json(stand: Stand, following: str | None = None) -> Response[bytes]:
    """Write an answer as JSON."""
    return Response(msgspec.json.encode(stand), media_type="application/json", headers=headers(stand, following))


def as_csv(text: bytes, media_type: str, stand: Stand, name: str, following: str | None) -> Response[bytes]:
    """Give an answer that was written as CSV, for saving under a name."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text, media_type=media_type, headers={**headers(stand, following), **disposition})


def stand_as(kind: Any, stand: Stand, **more: Any) -> Any:
    """Make a whole answer from its beginning."""
    return kind(position=stand.position, as_of=stand.as_of, lag=stand.lag, **more)

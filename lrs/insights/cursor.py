"""Where the next page begins: a sealed token that fits one query of one store only, and that nobody can make up."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from lrs.problem import Problem
from lrs.sign_in import TokenSeal

_READ: dict[str, Any] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "u": UUID}


class Place(Struct, frozen=True):
    """After which row a page begins, and what the first page took for now."""

    after: tuple[Any, ...]
    now: datetime


class _Kept(Struct, array_like=True):
    now: datetime
    after: tuple[tuple[str, Any], ...]


async def token(seal: TokenSeal, place: Place, query: str) -> str:
    """Write a place; ``query`` is all that it belongs to."""
    kept = _Kept(place.now, tuple(map(_tagged, place.after)))
    return await seal.seal(msgspec.msgpack.encode(kept), f"cursor {query}")


async def place(seal: TokenSeal, given: str, query: str) -> Place:
    """Read a token. Raises a Problem 400."""
    plain = await seal.unseal(given, f"cursor {query}")
    try:
        if plain is not None:
            kept = msgspec.msgpack.decode(plain, type=_Kept)
            return Place(tuple(_READ[tag](value) if tag in _READ else value for tag, value in kept.after), kept.now)
    except msgspec.DecodeError:
        pass
    raise Problem(
        400, "the cursor is damaged or belongs to another query: follow next exactly as it was given, or begin anew"
    )


def _tagged(value: Any) -> tuple[str, Any]:
    match value:
        case datetime():
            return "t", value.isoformat()
        case date():
            return "d", value.isoformat()
        case UUID():
            return "u", str(value)
    return "", value

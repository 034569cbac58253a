"""What a message's statement points at."""

from typing import Final
from uuid import UUID

from msgspec import Struct, json

from schemas.message import Message

_REFERENCE: Final = b'"StatementRef"'


class _Object(Struct, rename="camel"):
    object_type: str = ""
    id: str = ""


class _Context(Struct):
    statement: _Object | None = None


class _Pointing(Struct):
    object: _Object
    context: _Context | None = None


_decode = json.Decoder(_Pointing).decode


def pointed_at(message: Message) -> list[UUID]:
    """Give the statements that a message's statement points at: as its object, as its context."""
    if _REFERENCE not in bytes(message.statement):
        return []
    read = _decode(message.statement)
    aims = [read.object.id] if read.object.object_type == "StatementRef" else []
    if read.context is not None and read.context.statement is not None:
        aims.append(read.context.statement.id)
    return [UUID(aim) for aim in aims]

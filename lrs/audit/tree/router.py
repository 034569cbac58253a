"""The tree over HTTP: static files for everybody below ``/log``, proofs for auditors below ``/audit/v1``."""

import struct
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import PathParameter
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from lrs.api import answer
from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.hashing import HASH_BYTES
from lrs.audit.tree.proofs import Inclusion, NotSigned
from lrs.audit.tree.tile import WIDTH, TileName, parse_path
from lrs.audit.tree.trees import NoTree, Trees
from lrs.documentation import UNCHANGED
from lrs.http import parameters, tagged
from lrs.insights.caller import Door
from lrs.problem import Problem
from lrs.statement import in_utc

T = TypeVar("T")
Read = Callable[[Connection[TupleRow]], T]
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=60"
_A_MOMENT: Final = "public, max-age=2"
_TEXT: Final = "text/plain"
_BYTES: Final = "application/octet-stream"
StoreName = Annotated[str, PathParameter(description="The store.")]
TilePath = Annotated[str, PathParameter(description="Which tile.")]
StatementId = Annotated[UUID, PathParameter(description="Id of the statement.")]
Position = Annotated[int, PathParameter(description="Position in the log, from 1.")]
Size = Annotated[int, PathParameter(description="Size of the log in a checkpoint.")]


class PublicKey(Struct, frozen=True):
    """A key that signs, or signed, checkpoints of a log."""

    vkey: str
    """As C2SP signed-note writes it: name, id and key."""
    made: str
    endorsement: str | None
    """A note that names this key, signed by the key before and by this one; none for the first."""


class PublicKeys(Struct, frozen=True):
    """The keys of a log, oldest first; the last one signs."""

    origin: str
    keys: list[PublicKey]


class StatementProof(Struct, frozen=True):
    """That an event is in the log; ``docs/proof.md`` says how to check it."""

    position: int
    id: UUID
    """Of the statement; of another event, its originator."""
    version: int
    topic: str
    stored: str
    state_sha256: str
    proof: str
    """C2SP tlog-proof: the record in `extra`, the place, the hashes, and the checkpoint they lead to."""


class ConsistencyProof(Struct, frozen=True, rename={"old": "from", "new": "to"}):
    """That the log of one size begins with that of another. Hashes in hexadecimal digits."""

    old: int
    new: int
    from_root: str
    to_root: str
    hashes: list[str]
    """RFC 6962, 2.1.2."""


def log_router(trees: Trees) -> Router:
    """Give the public router: C2SP tlog-tiles, a folder for each store."""

    @get(
        "/{store:str}/checkpoint",
        security=[],
        operation_id="logCheckpoint",
        summary="Get the last checkpoint",
        media_type=_TEXT,
        responses=UNCHANGED,
    )
    async def get_checkpoint(request: Request[Any, Any, Any], store: StoreName) -> Response[bytes]:
        """Give the last checkpoint of a store's log (C2SP tlog-checkpoint), with the cosignatures of witnesses."""
        parameters.none(request.scope["query_string"])
        signed = await _found(trees.run(store, proofs.served))
        return _file(request, signed.note.encode(), _TEXT, _A_MOMENT)

    @get(
        "/{store:str}/keys",
        security=[],
        operation_id="logKeys",
        summary="Get the keys of a log",
        responses=UNCHANGED,
    )
    async def get_keys(request: Request[Any, Any, Any], store: StoreName) -> Response[bytes]:
        """Give the public keys of a store's log, and how each vouches for the next."""
        parameters.none(request.scope["query_string"])
        found = await _found(trees.run(store, _public_keys))
        return _file(request, msgspec.json.encode(found), "application/json", _A_WHILE)

    @get(
        "/{store:str}/tile/{path:path}",
        security=[],
        operation_id="logTile",
        summary="Get a tile",
        media_type=_BYTES,
        responses=UNCHANGED,
    )
    async def get_tile(request: Request[Any, Any, Any], store: StoreName, path: TilePath) -> Response[bytes]:
        """Give a tile of a store's tree: `L/N`, `entries/N`, with `.p/W` behind it while it isn't full.

        C2SP tlog-tiles; an entry is the SHA-256 of an event's record.
        """
        parameters.none(request.scope["query_string"])
        name = parse_path(path.lstrip("/"))
        if name is None:
            raise Problem(404, "a tile's address is tile/LEVEL/NUMBER or tile/entries/NUMBER, as C2SP tlog-tiles says")
        body = await _found(trees.run(store, lambda c: _tile(c, name)))
        return _file(request, body, _BYTES, _FOR_EVER if name.width == WIDTH else _A_WHILE)

    return Router(
        "/log",
        route_handlers=[get_checkpoint, get_keys, get_tile],
        exception_handlers={Exception: answer},
        tags=["Log"],
    )


def proof_router(trees: Trees, door: Door) -> Router:
    """Give the router of proofs, for auditors."""

    async def of_caller(request: Request[Any, Any, Any], read: Read[T]) -> T:
        caller = await door.caller(request, "audit/read")
        if not caller.audits:
            raise Problem(403, "proofs are for auditors: the role auditor, or a credential with the scope audit/read")
        return await _found(trees.run(caller.store, read))

    @get("/statements/{statement:uuid}", operation_id="proofOfStatement", summary="Prove a statement")
    async def of_statement(request: Request[Any, Any, Any], statement: StatementId) -> StatementProof:
        """Prove that a statement is in the log, up to the last checkpoint."""
        parameters.none(request.scope["query_string"])
        return _shown(await of_caller(request, lambda c: proofs.of_statement(c, statement)))

    @get("/positions/{position:int}", operation_id="proofOfPosition", summary="Prove an event")
    async def of_position(request: Request[Any, Any, Any], position: Position) -> StatementProof:
        """Prove that an event of any kind is in the log at its position."""
        parameters.none(request.scope["query_string"])
        return _shown(await of_caller(request, lambda c: proofs.at_position(c, position)))

    @get("/consistency/{old:int}/{new:int}", operation_id="proofOfConsistency", summary="Prove that the log only grew")
    async def of_consistency(request: Request[Any, Any, Any], old: Size, new: Size) -> ConsistencyProof:
        """Prove that the log of one size begins with that of another, smaller one: of two checkpoints, say."""
        parameters.none(request.scope["query_string"])
        first, last, hashes = await of_caller(request, lambda c: proofs.between(c, old, new))
        return ConsistencyProof(old, new, first.hex(), last.hex(), [one.hex() for one in hashes])

    return Router(
        "/audit/v1/proofs",
        route_handlers=[of_statement, of_position, of_consistency],
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Audit"],
    )


async def _found(reading: Awaitable[T]) -> T:
    try:
        return await reading
    except NotSigned as error:
        raise Problem(404, f"{error}; ask again in a few seconds", headers={"Retry-After": "5"}) from None


def _tile(connection: Connection[TupleRow], name: TileName) -> bytes:
    if name.level is None:
        return _entries(connection, name)
    hashes = tree_log.tile(connection, name.level, name.number)[: name.width * HASH_BYTES]
    if len(hashes) != name.width * HASH_BYTES:
        raise NoTree("the tree has no such tile (yet)")
    return hashes


def _entries(connection: Connection[TupleRow], name: TileName) -> bytes:
    state = tree_log.state(connection)
    first, last = name.number * WIDTH, name.number * WIDTH + name.width
    if state is None or state.size < last:
        raise NoTree("the tree has no such tile (yet)")
    entries = [row.entry() for row in tree_log.rows(connection, first, last)]
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def _public_keys(connection: Connection[TupleRow]) -> PublicKeys:
    state = tree_log.state(connection)
    if state is None:
        raise NoTree("nothing of this log is signed yet: `lrs notary` does that")
    found = [PublicKey(str(key.verifier), in_utc(key.made), key.endorsement or None) for key in keys.keys(connection)]
    return PublicKeys(state.origin, found)


def _shown(found: Inclusion) -> StatementProof:
    row = found.row
    return StatementProof(
        row.position,
        row.originator_id,
        row.originator_version,
        row.topic,
        in_utc(row.stored),
        row.state_digest.hex(),
        found.text(),
    )


def _file(request: Request[Any, Any, Any], body: bytes, media_type: str, kept: str) -> Response[bytes]:
    """Answer as a server of files does: whoever has it already doesn't get it again."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": kept, "Access-Control-Allow-Origin": "*"}
    if not tagged.conditions(request).is_new(tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)

"""What is signed of a log as its database has it: its keys, and every checkpoint there is."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.problem import Say
from lrs.audit.tree import keys as log_keys
from lrs.audit.tree import proofs, tree_log
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.note import BadNote, Signer, Verifier
from lrs.seal import MasterKey, WrongMasterKey
from lrs.seal.secret import secret_label

_queries = sql.load(__package__)
SERVED: Final = "tree.checkpoint"


class Signed(NamedTuple):
    """A checkpoint that verifies, and where it stands."""

    where: str
    checkpoint: Checkpoint


def checkpoints(
    connection: Connection[TupleRow],
    state: tree_log.State,
    verifiers: list[Verifier],
    kept: Iterable[tuple[str, str]],
    say: Say,
) -> list[Signed]:
    """Give all checkpoints that are known; ``kept`` has further ones, by their names."""
    daily = [(f"tree_checkpoints of {day}", note, size) for day, size, note in proofs.daily(connection)]
    found: list[tuple[str, str, int | None]] = [(SERVED, state.checkpoint or "", None), *daily]
    found += [(name, note, None) for name, note in kept]
    signed = []
    for name, note, size in found:
        try:
            checkpoint = verified(note, state.origin, verifiers)
        except BadNote as error:
            say(name, str(error))
            continue
        if size is not None and size != checkpoint.size:
            say(f"{name}, size", f"it says {size}, its checkpoint {checkpoint.size}")
        signed.append(Signed(name, checkpoint))
    served = next((one.checkpoint for one in signed if one.where == SERVED), None)
    if served is not None and served.size > state.size:
        say("tree.size", f"{state.size}, but size {served.size} was signed")
    # It is kept in the transaction that serves it.
    if served is not None and served.size not in {size for _, _, size in daily}:
        say("tree_checkpoints", f"the checkpoint that is served, of size {served.size}, isn't kept for its day")
    return signed


def verifiers(
    connection: Connection[TupleRow], schema: str, state: tree_log.State, master: MasterKey, say: Say
) -> list[Verifier]:
    """Give the log's public keys; sees that each vouches for the next, and that their private keys are theirs."""
    secrets = _secrets(connection, schema, master, say)
    try:
        made = log_keys.keys(connection)
        if not made:
            say("tree_keys", "there are none")
            return []
        found = [key.verifier for key in made]
        if log_keys.successors(state.origin, found[0], [key.endorsement for key in made[1:]]) != found:
            say("tree_keys.endorsement", "a key isn't vouched for by the one before it")
    except BadNote as error:
        say("tree_keys.vkey or tree_keys.endorsement", str(error))
        return []
    for key in made:
        secret = secrets.get(log_keys.secret_name(key.number))
        if secret is None or Signer(state.origin, secret).verifier != key.verifier:
            say("tree_keys.vkey or secrets.wrapped", f"the private key {key.number} isn't that of its public key")
    if made[0].endorsement:
        say("tree_keys.endorsement", "the first key is vouched for, by none before it")
    return found


def _secrets(connection: Connection[TupleRow], schema: str, master: MasterKey, say: Say) -> dict[str, bytes]:
    found = {}
    for name, wrapped in connection.execute(_queries.secrets).fetchall():
        try:
            found[name] = master.unwrap(bytes(wrapped), secret_label(schema, name))
        except WrongMasterKey:
            say("secrets", f"{name!r} doesn't open with the master key")
    return found

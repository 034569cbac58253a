"""`lrs audit`: proofs, and the keys that sign them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import settings as configuration
from lrs.audit.erasure.receipt import verified
from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.note import BadNote
from lrs.cli import bundle
from lrs.cli.output import print_json, print_table, written
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.log.connect import connect_to
from lrs.settings import Settings
from lrs.store_name import schema_of

app = typer.Typer(
    no_args_is_help=True,
    help="Prove what is in the log, and that it only grew. docs/proof.md tells how it works.",
)
app.registered_commands += bundle.app.registered_commands
_EXIT_CODES = "Exit codes: 0 done, 1 there is no such thing, or it isn't signed yet, 2 could not run."


@app.command(epilog=_EXIT_CODES)
def proof(
    statement: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the statement.")], store: StoreName = None
) -> None:
    """Print the proof that a statement is in the log, as C2SP tlog-proof."""
    with _opened(store) as (_, _, connection):
        sys.stdout.write(proofs.of_statement(connection, statement).text())


@app.command(epilog=_EXIT_CODES)
def consistency(
    old: Annotated[int, typer.Argument(metavar="SIZE", help="Size of the log in an earlier checkpoint.")],
    new: Annotated[
        int | None, typer.Argument(metavar="SIZE", help="In a later one; the last if not given.", show_default=False)
    ] = None,
    store: StoreName = None,
) -> None:
    """Print the proof (RFC 6962) that the log of one size begins with that of another, as JSON."""
    with _opened(store) as (_, _, connection):
        last = proofs.served(connection).checkpoint.size if new is None else new
        first_root, last_root, hashes = proofs.between(connection, old, last)
    found = {"from": old, "to": last, "from_root": first_root.hex(), "to_root": last_root.hex()}
    print_json({**found, "hashes": [one.hex() for one in hashes]})


@app.command("keys", epilog=_EXIT_CODES)
def show_keys(store: StoreName = None) -> None:
    """List the public keys of the log; the last one signs now.

    Give auditors a key by a way of its own, not through this server: it is what
    they check bundles, proofs and checkpoints with.
    """
    with _opened(store) as (_, _, connection):
        found = keys.keys(connection)
    rows = [[str(key.number), written(key.made), str(key.verifier)] for key in found]
    print_table(["NUMBER", "MADE", "KEY"], rows, "There is no key yet: `lrs notary` makes the first one.")


@app.command(epilog=_EXIT_CODES)
def rotate(store: StoreName = None) -> None:
    """Make a new key that signs from now on.

    The key before it signs that the new one comes after it, so whoever knows that
    one can verify what is signed from now on, and old checkpoints stay as they are.
    Witnesses must be told: until they know the new key they refuse checkpoints.
    """
    with _opened(store) as (settings, schema, connection):
        state = tree_log.state(connection)
        origin = state.origin if state else ""
        print(keys.rotate(connection, schema, origin, settings.master()).verifier)


@app.command(epilog="Exit codes: 0 it is genuine, 1 it is not, 2 could not run.")
def receipt(
    file: Annotated[Path, typer.Argument(help="The receipt of an erasure, as `lrs erase` printed it.")],
    key: Annotated[
        str, typer.Option(metavar="KEY", help="The public key that signed (`lrs audit keys`), or a file that holds it.")
    ],
) -> None:
    """Verify the receipt of an erasure with nothing but the public key, and print what it certifies."""
    with bundle.unreadable():
        verifier = bundle.public_key(key)
    try:
        print_json(verified(file.read_text(encoding="utf-8"), verifier))
    except (BadNote, UnicodeDecodeError) as error:
        print(f"lrs: {file}: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except OSError as error:
        print(f"lrs: {file} can't be read: {error.strerror}", file=sys.stderr)
        raise typer.Exit(2) from None


@contextmanager
def _opened(store: str | None) -> Iterator[tuple[Settings, str, Connection[TupleRow]]]:
    settings = configuration.load()
    with could_not_run(store) as name:
        schema = schema_of(name)
        url = settings.database()
        with connect_to(schema, url, "audit") as connection, bundle.refusing():
            yield settings, schema, connection

"""`lrs audit export` and `lrs audit check`: bundles for auditors, and checking them, or the live database."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import UUID

import typer

from lrs import settings as configuration
from lrs.access import COMMAND_LINE, AccessRecord
from lrs.audit.bundle.check import LONGEST_LINE, Check, Opened
from lrs.audit.bundle.chosen import Wanted, choose
from lrs.audit.bundle.export import Export
from lrs.audit.bundle.live import LiveCheck
from lrs.audit.bundle.parts import Parts
from lrs.audit.bundle.problem import shown
from lrs.audit.reading import opened
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.note import BadNote, Verifier
from lrs.cli.display import Display
from lrs.cli.rebuild import rebuilt
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.errors import Malformed, NotFound
from lrs.files import drafted
from lrs.log.reader import forgotten
from lrs.statement import in_utc, with_stored
from lrs.statement import join as joined

app = typer.Typer()


@app.command("export", epilog="Exit codes: 0 done, 1 there is no such thing, or it isn't signed yet, 2 could not run.")
def export_(
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where the bundle goes.")],
    learner: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Only what is theirs or mentions them: id or identifier of somebody.", show_default=False
        ),
    ] = None,
    training: Annotated[
        str | None, typer.Option(metavar="IRI", help="Only what is about this activity.", show_default=False)
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", help="First position of the log, or day or time of storing; else the beginning."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last position, or day or time of storing; the last checkpoint's if not given.")
    ] = None,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="With --learner or --training: all events, so that none can have been left out."),
    ] = False,
    opening: Annotated[
        bool,
        typer.Option(
            "--open", help="Add the keys that open what was asked for; with --learner, what is theirs and no more."
        ),
    ] = False,
    sizes: Annotated[
        list[int] | None,
        typer.Option(
            "--since", metavar="SIZE", help="Size of a checkpoint that an auditor has kept.", show_default=False
        ),
    ] = None,
    store: StoreName = None,
) -> None:
    """Write events of the log with their proofs into one file, for an auditor.

    `lrs audit check FILE --key KEY` checks it with nothing but the file and the
    public key. Events are sealed; --open adds keys that open the statements in the
    bundle and no others. That somebody has read is recorded, and shown to those it
    is about.
    """
    settings = configuration.load()
    wanted = Wanted(learner, training, since, until, whole, sizes or ())
    with could_not_run(store) as name, refusing(), Display("Writing the bundle") as display:
        master, url = settings.master(), settings.database()
        with opened(url, name, master) as (cursor, log):
            export = Export(cursor, log, master, choose(cursor, log, wanted), opening=opening)
            with drafted(output) as file:
                for line in export.lines():
                    file.write(line)
                    display.show(export.events, None, lambda: f"{export.events:,} events")
                # Whoever can read the file is recorded as a reader before there is one.
                AccessRecord(url, master).note(name, COMMAND_LINE, export.readable, "bundle")
    typer.echo(f"{export.events:,} events of {name} are in {output}.")


@app.command(epilog="Exit codes: 0 all is as it was signed, 1 something is not, 2 could not run.")
def check(
    bundle: Annotated[
        Path | None,
        typer.Argument(metavar="BUNDLE", help="The file; the live database if not given.", show_default=False),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The log's public key, or a file that holds it.", show_default=False),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A checkpoint that you kept: the log must have gone on from it.", show_default=False
        ),
    ] = None,
    statements: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the statements that open, as JSON lines.", show_default=False),
    ] = None,
    index: Annotated[bool, typer.Option(help="Of the live database: compare the index, too.")] = True,
    store: StoreName = None,
) -> None:
    """Check a bundle, or the live database: that each event is the one that was signed, and that none is missing.

    A bundle is checked with nothing but itself and the log's public key: no
    database, no network, no settings.

    Without a bundle, every column of the log in the database is compared with the
    tree and all checkpoints there are, also with what the notary remembers outside
    the database; every sealed part must open, unless an erasure in the log says
    why not; and the index must be what the log says, for which LRS_DATABASE_URL
    must be the owner's. What is wrong is named, with its position and column.
    """
    if bundle is None:
        if key is not None or statements is not None:
            raise typer.BadParameter("--key and --statements go with a bundle")
        _check_live(store, checkpoint, index=index)
        return
    if key is None:
        raise typer.BadParameter("give the log's public key, too: --key KEY")
    with unreadable(), ExitStack() as files:
        file = files.enter_context(bundle.open("rb"))
        kept = checkpoint.read_text(encoding="utf-8") if checkpoint else None
        target = files.enter_context(drafted(statements)) if statements else None
        found = Check(public_key(key), kept, _writing(target) if target else None)
        fine = found.run(iter(partial(file.readline, LONGEST_LINE), b""))
    _report(found)
    if not fine:
        raise typer.Exit(1)


def _check_live(store: str | None, checkpoint: Path | None, *, index: bool) -> None:
    settings = configuration.load()
    memory = Memory(settings.data / "notary")
    with could_not_run(store) as name, unreadable():
        kept = [(str(checkpoint), checkpoint.read_text(encoding="utf-8"))] if checkpoint else []
        if (remembered := memory.recall(name)) is not None:
            kept.append((str(memory.file(name)), remembered))
        with (
            Display(f"Checking the log of {name}") as display,
            opened(settings.database(), name, settings.master()) as (cursor, log),
        ):
            found = LiveCheck(cursor, log, settings.master(), display.show_position)
            fine = found.run(kept)
    for problem in found.problems:
        print(problem)
    print(f"Events {found.head:,}, in the signed tree {found.size:,}.")
    if fine and index:
        # An index can only be made from a log that is whole.
        fine = rebuilt("index", name, check=True)
    print("All is as it was signed." if fine else "Not all is as it was signed.")
    if not fine:
        raise typer.Exit(1)


def public_key(text: str) -> Verifier:
    """Read a public key, or the file that holds it. Raises BadNote, OSError, UnicodeDecodeError."""
    try:
        return Verifier.parse(text)
    except BadNote:
        if text and Path(text).exists():
            return Verifier.parse(Path(text).read_text(encoding="utf-8"))
        if "+" in text:
            raise
        raise BadNote(f"{text[:200]!r} is neither a key (NAME+ID+BASE64) nor a file that holds one") from None


def _writing(file: BinaryIO) -> Opened:
    def write(_: UUID, stored: datetime, parts: Parts, plain: list[bytes | None]) -> None:
        if plain[0] is not None:
            sealed = zip(parts.sealed[1:], plain[1:], strict=True)
            text = joined(plain[0], [forgotten(part.key) if one is None else one for part, one in sealed])
            file.write(with_stored(text, in_utc(stored)) + b"\n")

    return write


def _report(found: Check) -> None:
    for problem in found.problems:
        print(problem)
    claim, checkpoint = found.claim, found.checkpoint
    if claim is None or checkpoint is None:
        return
    whole = "every one of them" if claim.whole else "chosen by the operator: others may have been left out"
    print(f"Log             {shown(checkpoint.origin)}")
    print(f"Signed up to    {checkpoint.size:,}")
    print(f"Positions       {claim.first:,} to {claim.last:,}, {whole}")
    print(f"About           {shown(claim.training or ', '.join(map(str, claim.learners)) or 'everybody')}")
    print(f"Events          {found.events:,}, {found.opened:,} of them opened")
    print("All is as it was signed." if not found.problems else f"{len(found.problems)} problems.")


@contextmanager
def unreadable() -> Iterator[None]:
    """Turn files that can't be read and keys that are none into one line and exit code 2."""
    try:
        yield
    except OSError as error:
        print(f"lrs: {error.filename} can't be read or written: {error.strerror}", file=sys.stderr)
        raise typer.Exit(2) from None
    except (BadNote, Malformed, UnicodeDecodeError) as error:
        print(f"lrs: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what there isn't into one line and exit code 1."""
    try:
        yield
    except (NotFound, Malformed) as error:
        print(f"lrs: {error}", file=sys.stderr)
        raise typer.Exit(1) from None

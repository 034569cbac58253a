"""`lrs import`: takes statements exported elsewhere into a store."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.filesize import decimal

from lrs import settings as configuration
from lrs.cli.display import Display
from lrs.cli.output import counted
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.importer import Broken, Importer, Intake, Refusals, Source, Tally, refusals_path, split
from lrs.log.work import Unavailable
from lrs.migrated import require_migrated
from lrs.settings import Settings
from lrs.statement import Limits
from lrs.store import Stores
from schemas.xapi import Account, Actor

app = typer.Typer()
_STDIN = "-"


@app.command(
    "import",
    epilog="Exit codes: 0 all in, 1 some were refused, 2 could not run or not to the end, 130 interrupted.",
)
def import_(
    file: Annotated[str, typer.Argument(help="The file, or - for standard input.", metavar="FILE")],
    store: StoreName = None,
    keep_authority: Annotated[
        bool,
        typer.Option(
            "--keep-authority",
            help="Keep who vouched for a statement in the store it comes from, where it says so. Otherwise it is "
            "an account named import.",
        ),
    ] = False,
    refused: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Where refused statements go; FILE.refused.jsonl if not given.", show_default=False
        ),
    ] = None,
) -> None:
    """Take statements exported elsewhere into a store.

    FILE holds JSON lines, a JSON list or a StatementResult, plain or gzip; its
    content tells which. Documents with the statement in "statement" are unwrapped.
    Each statement goes by the rules of its own version.

    Run it again after an interruption, or just so: what is in the store is
    skipped, nothing is stored twice.

    What is refused goes to FILE.refused.jsonl, with its line and the reason, and
    keeps nothing else out: mend the statements there and import that file. Of an
    item larger than LRS_MAX_BODY_BYTES only its place is there: to import it,
    raise that limit and import FILE again. What an earlier import left there is
    kept beside it, as FILE.refused.jsonl.before, .before.2 and so on, unless it is
    the same: mended or not, none is written over.

    On the way in, null properties are left out, and dates that xAPI doesn't take
    are written as RFC 3339: "2021-11-29 23:09:00", +0100, UTC, Unix time in
    seconds or milliseconds; without a zone they are UTC. All digits stay. A date
    alone, without a time, is refused, and so is any other form. The summary says
    how many there were.

    A statement without an id gets one that follows from its content, so two
    without id that say exactly the same are one. Without a timestamp it gets the
    moment the other store stored it, else that of its first import.

    Examples: lrs import export.json.gz; curl … | lrs import -
    """
    settings = configuration.load()
    path, what = (None, "standard input") if file == _STDIN else (Path(file), file)
    tally = Tally()
    with (
        could_not_run(store) as name,
        _opened(path) as source,
        closing(_refusals(refused or refusals_path(path), source)) as refusals,
        _summary(what, tally, refusals),
        Display("Importing") as display,
    ):
        asyncio.run(_run(settings, name, source, refusals, tally, display, keep_authority=keep_authority))
    if tally.refused:
        raise typer.Exit(1)


async def _run(
    settings: Settings,
    name: str,
    source: Source,
    refusals: Refusals,
    tally: Tally,
    display: Display,
    *,
    keep_authority: bool,
) -> None:
    require_migrated(settings.database())
    stores = Stores(settings.database(), settings.master())
    began = monotonic()

    def details() -> str:
        rate = tally.done / (monotonic() - began)
        return (
            f"{decimal(source.position)}, {tally.read:,} read, {tally.stored + tally.already_there:,} in, "
            f"{tally.refused:,} refused, {rate:,.0f}/s"
        )

    try:
        limits = Limits(
            batch=settings.max_batch,
            depth=settings.max_depth,
            attachments=settings.max_attachments,
            people=settings.max_people,
        )
        importer = Importer(
            await stores.get(name),
            Intake(limits, tally, keep_authority=keep_authority),
            refusals,
            tally,
            Actor(object_type="Agent", account=Account(settings.base_url(), "import")),
            keep_authority=keep_authority,
        )
        items = split(source.chunks(), settings.max_body_bytes)
        await importer.run(items, lambda: display.show(source.position, source.total, details))
    finally:
        source.stop()
        await stores.close()


@contextmanager
def _opened(path: Path | None) -> Iterator[Source]:
    if path is None:
        if sys.stdin is None:  # so it is when it was closed before we began
            raise Broken("standard input is closed: name a file, or pipe one in")
        yield Source(sys.stdin.fileno())
        return
    if path.is_dir():
        raise Broken(f"{path} is a folder: name a file")
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise Broken(f"{path} can't be read: {error.strerror}") from None
    try:
        yield Source(descriptor)
    finally:
        os.close(descriptor)


def _refusals(path: Path, source: Source) -> Refusals:
    if not os.access(path.parent, os.W_OK):
        raise Broken(f"{path.parent} can't be written to: say with --refused where refused statements are to go")
    if path.is_dir():
        raise Broken(f"{path} is a folder: say with --refused in which file refused statements are to go")
    if source.is_file(path):
        raise Broken(f"{path} is what is imported: say with --refused where else refused statements are to go")
    return Refusals(path)


@contextmanager
def _summary(what: str, tally: Tally, refusals: Refusals) -> Iterator[None]:
    """Sum up what came of it, however it ends, and say what is to be done if it ends early."""
    began = monotonic()
    try:
        yield
    except Broken as error:
        rest = "; what came before is imported" if tally.read else ""
        raise Broken(f"{what}: {error}{rest}") from None
    except Unavailable as error:
        rest = "; run the same command again to go on" if tally.read else ""
        raise Unavailable(f"{error}{rest}") from error.__cause__
    except KeyboardInterrupt:
        print("lrs: interrupted; run the same command again to go on", file=sys.stderr)
        raise typer.Exit(130) from None
    else:
        if not tally.read:
            print(f"There is nothing in {what}.")
    finally:
        if tally.read:
            _print(tally, refusals, monotonic() - began)


def _print(tally: Tally, refusals: Refusals, seconds: float) -> None:
    counts = {
        "Read": tally.read,
        "Stored": tally.stored,
        "Already there": tally.already_there,
        "Refused": tally.refused,
    }
    for what, count in counts.items():
        where = f"  (in {refusals.path})" if what == "Refused" and count else ""
        print(f"{what:<14}{count:>12,}{where}")
    print(f"{'Seconds':<14}{seconds:>12,.1f}")
    print(f"{'Per second':<14}{tally.done / seconds:>12,.0f}")
    for note in _notes(tally):
        print(note)


def _notes(tally: Tally) -> Iterator[str]:
    if tally.given_id:
        yield f"{tally.given_id:,} had no id: it follows from the content"
    if tally.timed_by_source:
        yield f"{tally.timed_by_source:,} had no timestamp and got the moment the other store has of storing it"
    if tally.timed_by_import:
        yield f"{tally.timed_by_import:,} had no timestamp and got the moment of the first import"
    if tally.first_date:
        line, old, new = tally.first_date
        dates = counted(tally.dates, "date was", "dates were")
        yield f"{dates} written as RFC 3339, first on line {line:,}: {old} is now {new}"
    if tally.nulls:
        yield f"{counted(tally.nulls, 'property was', 'properties were')} null and left out"
    if tally.attachments:
        yield f"{counted(tally.attachments, 'has', 'have')} attachments whose content is not in the file"

"""`lrs subject`: what is held about a person, and who looked."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from lrs.access import COMMAND_LINE, AccessRecord, accesses_of
from lrs.audit.bounds import bounds
from lrs.audit.reading import opened
from lrs.audit.subject import held
from lrs.audit.subject.written import as_json, page
from lrs.audit.whose import whose
from lrs.cli.output import Json, print_json, print_table, written
from lrs.command.asked_store import StoreName, asked_store
from lrs.command.explained import EXIT_CODES
from lrs.files import drafted
from lrs.settings import load

app = typer.Typer(no_args_is_help=True, help="Export what is held about a person, and show who looked.")
Who = Annotated[str, typer.Argument(help="An identifier (ann@example.org, account:https://lms.example ann), or an id.")]


@app.command(epilog=EXIT_CODES)
def export(
    who: Who,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this file; the terminal if not given.")
    ] = None,
    form: Annotated[
        Literal["html", "json"], typer.Option("--format", help="A page to read and print, or JSON for programs.")
    ] = "html",
    store: StoreName = None,
) -> None:
    """Export everything that is held about a person, to hand it to them.

    Statements by and about them, documents, attachments (listed), what the organisation
    says, what was made of it, the policy, and who looked. Other people are in it by name
    only, where a statement needs them. That it was exported is recorded.
    """
    settings = load()
    name = asked_store(store)
    with opened(settings.database(), name, settings.master()) as (cursor, log):
        found = held(cursor, log, who)
    AccessRecord(settings.database(), settings.master()).note(name, COMMAND_LINE, found.learners, "subject export")
    text = as_json(found) if form == "json" else b"".join(page(found))
    if output is None:
        sys.stdout.buffer.write(text)
        return
    with drafted(output) as file:
        file.write(text)
    typer.echo(f"{len(found.statements)} statements and {len(found.documents)} documents are in {output}.")


@app.command(epilog=EXIT_CODES)
def accesses(who: Who, store: StoreName = None, json: Json = False) -> None:
    """Show who looked at a person's data, the latest first. That this was shown is recorded."""
    settings = load()
    name = asked_store(store)
    with opened(settings.database(), name, settings.master()) as (cursor, log):
        last = bounds(cursor, log, None, None).last
        ids = whose(cursor, log, who, log.configuration(cursor, last)).ids
        found = accesses_of(cursor, log.keyring, ids)
    AccessRecord(settings.database(), settings.master()).note(name, COMMAND_LINE, ids, "access record")
    if json:
        print_json(found)
        return
    rows = [
        [str(one.day), one.kind, one.name or "(forgotten)", one.means, str(one.times), written(one.last)]
        for one in found
    ]
    print_table(["DAY", "KIND", "WHO", "AT WHAT", "TIMES", "LAST"], rows, "Nobody looked.")

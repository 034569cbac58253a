"""What `lrs people`, `team`, `learner`, `policy` and `vocabulary` share: the store's configuration, and its display."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lrs.cli.output import counted, print_json, print_table
from lrs.cli.registry import BY
from lrs.command.asked_store import asked_store
from lrs.configuration import Configuration, ConfigurationLog
from lrs.errors import Malformed
from lrs.organisation import Directory, How, Kind, Outcome
from lrs.settings import load

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
Whole = Annotated[
    bool, typer.Option("--whole", help="The file is everything: who and what isn't in it ends the day before.")
]
GoodRows = Annotated[
    bool,
    typer.Option("--apply-good-rows", help="Take over the good rows of a file that has bad ones; nobody ends then."),
]
NewTeams = Annotated[bool, typer.Option("--new-teams", help="Make the teams that the file names and nobody knows.")]
On = Annotated[
    datetime | None,
    typer.Option(
        "--date",
        formats=["%Y-%m-%d"],
        help="The day from which on what the file says is so; today if not given.",
        show_default=False,
    ),
]
_SHOWN = 50


@contextmanager
def opened_log(store: str | None) -> Iterator[ConfigurationLog]:
    """Open the configuration of a store. Raises BadStoreName."""
    settings = load()
    log = ConfigurationLog(settings.database(), asked_store(store), settings.master())
    try:
        yield log
    finally:
        log.close()


def import_file(
    file: Path,
    kind: Kind,
    store: str | None,
    on: date | None,
    *,
    whole: bool,
    good_rows: bool,
    new_teams: bool,
    dry_run: bool,
    json: bool,
) -> None:
    """Take a file over and tell what came of it; exit code 1 if rows were refused."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Malformed(f"{file} can't be read: {error.strerror}") from None
    if file.suffix.lower() == ".json":
        kind = "json"
    with opened_log(store) as log:
        how = How(on or Configuration(log).today(), whole, new_teams, good_rows)
        outcome = Directory(log).take(data, file.name, kind, how, by=BY, dry_run=dry_run)
    tell(outcome, json=json, dry_run=dry_run)


def tell(outcome: Outcome, *, json: bool, dry_run: bool) -> None:
    """Tell what came of a change; exit code 1 if rows were refused."""
    if json:
        print_json(outcome)
    else:
        rows = [[one.what, one.how, one.who, one.details] for one in outcome.differences]
        if rows or not outcome.refusals:
            print_table(["WHAT", "HOW", "WHO", "DETAILS"], rows, "Nothing changes.")
        for refusal in outcome.refusals[:_SHOWN]:
            typer.echo(refusal, err=True)
        if len(outcome.refusals) > _SHOWN:
            typer.echo(f"… and {len(outcome.refusals) - _SHOWN} more", err=True)
        if summary := _summary(outcome, dry_run=dry_run):
            typer.echo(summary, err=bool(outcome.refusals))
    if outcome.refusals:
        raise typer.Exit(1)


def _summary(outcome: Outcome, *, dry_run: bool) -> str:
    refused = counted(len(outcome.refusals), "row is refused", "rows are refused") if outcome.refusals else ""
    if outcome.applied:
        return f"Applied, at position {outcome.position}" + (f"; {refused}." if refused else ".")
    if outcome.refusals and not outcome.differences:
        return f"{refused}: nothing is applied. Mend them, or take the others with --apply-good-rows."
    if dry_run and outcome.differences:
        return "Nothing is applied: this is a dry run."
    return refused

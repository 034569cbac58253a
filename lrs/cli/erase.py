"""`lrs erase`: so that nothing of a person can be read any more."""

import sys
from typing import Annotated
from uuid import UUID

import typer

from lrs.access import COMMAND_LINE, AccessRecord
from lrs.audit.erasure.office import Office
from lrs.audit.erasure.report import Prospect, Report
from lrs.audit.erasure.sweep import sweep
from lrs.cli.configuration import opened_log
from lrs.cli.output import Json, print_json, print_table, written
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.errors import Refused
from lrs.settings import Settings, load

_NOT_YET = 3
app = typer.Typer()


@app.command(
    epilog="Exit codes: 0 erased, or shown what would go, 1 nobody goes by that name, 2 could not run, 3 erased, but "
    "something has yet to follow."
)
def erase(
    who: Annotated[
        str | None,
        typer.Argument(
            help="An identifier (ann@example.org, account:https://lms.example ann) or a learner's or person's id; "
            "all erasures are listed if it isn't given.",
            show_default=False,
        ),
    ] = None,
    confirm: Annotated[
        UUID | None,
        typer.Option(
            metavar="ID", help="The person's id, as shown without it: erases without asking.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for what follows.")] = 60.0,
    files: Annotated[
        bool,
        typer.Option(
            "--files",
            help="Make the database's files let go of what was erased before; LRS_DATABASE_URL must be the owner's.",
        ),
    ] = False,
    store: StoreName = None,
    json: Json = False,
) -> None:
    """Erase a person, for good: what they said, what is said of them, and who they are.

    Shows what would go first, which is recorded, and asks. All identifiers that are linked go
    together; to erase only one of them, unlink it first (`lrs learner unlink`).
    The log stays as it is and every proof over it verifies: what goes are the keys
    that make the person readable in it. Asking again, by the id, prints the same
    receipt. See docs/erasure.md for backups and what else an operator has to do.
    """
    settings = load()
    if files:
        _sweep(settings, store)
        return
    with opened_log(store) as log:
        office = Office(log, settings.master(), settings.base_url(), settings.stream_days)
        if who is None:
            _list(office.everything(), json=json)
            return
        if confirm is None:
            if (report := office.erased(who, patience=wait)) is not None:
                _tell(report, json=json)
                return
            prospect = office.look(who, COMMAND_LINE, AccessRecord(settings.database(), settings.master()))
            _show(prospect, json=json)
            if dry_run or json or not sys.stdin.isatty():
                return
            if typer.prompt("To erase them, type the person's id").strip() != str(prospect.confirm):
                raise Refused("that is not the id: nothing is erased")
            confirm = prospect.confirm
        report = office.erase(who, confirm=confirm, by=BY, patience=wait)
    _tell(report, json=json)


def _sweep(settings: Settings, store: str | None) -> None:
    with could_not_run(store) as name:
        swept = sweep(settings.database(), name)
    typer.echo(f"{len(swept.tables)} tables of {name} are written anew.")
    if not swept.statistics:
        typer.echo(
            "The database's statistics may keep values of tables that have no rows any more: only a superuser may "
            "take them out; see docs/erasure.md.",
            err=True,
        )
    if not swept.checkpoint:
        typer.echo(
            "The write-ahead log still has files of before: a replica or a backup needs them, or this account may not "
            "delete them and a superuser has to; see docs/erasure.md.",
            err=True,
        )


def _list(reports: list[Report], *, json: bool) -> None:
    if json:
        print_json(reports)
        return
    rows = [
        [str(one.person), f"{one.position:,}", written(one.time), ", ".join(one.waits_for) or "nothing"]
        for one in reports
    ]
    print_table(["PERSON", "POSITION", "ERASED", "WAITS FOR"], rows, "Nobody was erased.")


def _show(prospect: Prospect, *, json: bool) -> None:
    if json:
        print_json(prospect)
        return
    print_table(["WHAT WOULD GO", "HOW MUCH"], [[what, f"{count:,}"] for what, count in prospect.counts.items()], "")
    if prospect.known_as:
        typer.echo(f"The organisation knows them as {', '.join(prospect.known_as)}.")
    if prospect.learners > 1:
        typer.echo(f"These are {prospect.learners} learners, who go together.")
    typer.echo(f"Figures of {prospect.others:,} others will be made anew.")
    if prospect.is_authority:
        typer.echo("They are also the authority of a credential: who vouches for statements stays in those.")
    typer.echo(f"Person {prospect.confirm}. Nothing is erased yet: --confirm {prospect.confirm} does.")


def _tell(report: Report, *, json: bool) -> None:
    if json:
        print_json(report)
    elif report.receipt:
        typer.echo(report.receipt.note, nl=False)
    else:
        typer.echo(f"Erased at position {report.position:,}: nothing of it can be read in the database.")
    if report.waits_for:
        waits = ", ".join(report.waits_for)
        typer.echo(
            f"Not followed yet: {waits}. Run `lrs relay` and `lrs consume`; then `lrs erase {report.person}` "
            "prints the receipt.",
            err=True,
        )
        raise typer.Exit(_NOT_YET)

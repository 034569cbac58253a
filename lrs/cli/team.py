"""`lrs team`: the teams of the organisation."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from lrs.cli.configuration import DryRun, GoodRows, NewTeams, On, Whole, import_file, opened_log
from lrs.cli.output import Json, print_json, print_table
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.configuration import Configuration
from lrs.organisation import Directory, Known
from lrs.organisation.differences import shown_period
from lrs.organisation.identifier import shown_identifier
from lrs.organisation.period import contains

app = typer.Typer(no_args_is_help=True, help="Import and show the teams of the organisation.")


@app.command("import", epilog=EXIT_CODES + " Refused rows are 1 too.")
def import_(
    file: Annotated[Path, typer.Argument(help="teams.csv, or organisation.json.", metavar="FILE")],
    store: StoreName = None,
    whole: Whole = False,
    dry_run: DryRun = False,
    apply_good_rows: GoodRows = False,
    new_teams: NewTeams = False,
    on: On = None,
    json: Json = False,
) -> None:
    """Take over teams from a CSV or JSON file, as changes or as all there are.

    teams.csv has one row a team and the columns team (its id), name, parent (id of
    the team it is part of), since and until. See `lrs people import --help` for what
    empty cells mean.
    """
    import_file(
        file,
        "teams",
        store,
        on and on.date(),
        whole=whole,
        good_rows=apply_good_rows,
        new_teams=new_teams,
        dry_run=dry_run,
        json=json,
    )


@app.command("list", epilog=EXIT_CODES)
def list_all(
    store: StoreName = None,
    everything: Annotated[bool, typer.Option("--all", help="Teams that ended, too.")] = False,
    json: Json = False,
) -> None:
    """List the teams there are today, who manages them, and how many belong to them."""
    with opened_log(store) as log:
        known, day = Directory(log).known(), Configuration(log).today()
    organisation = known.organisation
    teams = [team for _, team in sorted(organisation.teams.items()) if everything or contains(team.existed, day)]
    if json:
        print_json(teams)
        return
    rows = []
    for team in teams:
        members = [one for one in organisation.memberships if one.team == team.id and contains(one.during, day)]
        managers = [one for one in organisation.managements if one.team == team.id and contains(one.during, day)]
        led = ", ".join(_called(known, one.manager) for one in managers)
        rows.append([team.id, team.name, team.parent or "", led, str(len(members)), shown_period(team.existed)])
    print_table(
        ["TEAM", "NAME", "PART OF", "MANAGED BY", "MEMBERS", "EXISTS"], rows, "No teams yet: lrs team import FILE"
    )


def _called(known: Known, person: UUID) -> str:
    details = known.details_of(person)
    return details.name or next(map(shown_identifier, details.identifiers), str(person))

"""`lrs people`: who works here."""

from pathlib import Path
from typing import Annotated

import typer

from lrs.cli.configuration import DryRun, GoodRows, NewTeams, On, Whole, import_file, opened_log
from lrs.cli.output import Json, print_json, print_table
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.configuration import Configuration
from lrs.organisation import Directory, exported, exported_person
from lrs.organisation.differences import shown_hours, shown_period, shown_zones
from lrs.organisation.identifier import shown_identifier
from lrs.organisation.period import contains

app = typer.Typer(no_args_is_help=True, help="Import and show the people of the organisation.")
Who = Annotated[
    str, typer.Argument(help="An identifier (ann@example.org, account:https://lms.example ann) or a learner id.")
]


@app.command("import", epilog=EXIT_CODES + " Refused rows are 1 too.")
def import_(
    file: Annotated[Path, typer.Argument(help="people.csv, or organisation.json.", metavar="FILE")],
    store: StoreName = None,
    whole: Whole = False,
    dry_run: DryRun = False,
    apply_good_rows: GoodRows = False,
    new_teams: NewTeams = False,
    on: On = None,
    json: Json = False,
) -> None:
    """Take over people from a CSV or JSON file, as changes or as the whole organisation.

    The same file again changes nothing. A row that can't be taken is refused with
    its line and the reason, and then nothing of the file is applied.

    people.csv has one row a person and these columns, of which one identifier
    is enough: email, account (https://lms.example ann), mbox_sha1sum, openid;
    name, locale, time_zone (Europe/Paris since 2024-06-01), since, until,
    hours (mon-fri 09:00-17:30), leave (2024-07-01..2024-07-14 | 2024-12-31),
    team, team_since, manager (yes: of their team; no; or an identifier of who
    manages them: without a team, each manager's reports are one).

    Several values in a cell are separated by |. An empty cell leaves things as
    they are, or means none with --whole; - always means none. Identifiers are
    only added: `lrs learner unlink` takes them away.

    organisation.json has everything, with all dates: `lrs people export`.
    """
    import_file(
        file,
        "people",
        store,
        on and on.date(),
        whole=whole,
        good_rows=apply_good_rows,
        new_teams=new_teams,
        dry_run=dry_run,
        json=json,
    )


@app.command(epilog=EXIT_CODES)
def export(store: StoreName = None) -> None:
    """Print the organisation as an organisation.json, names and identifiers included."""
    with opened_log(store) as log:
        print_json(exported(Directory(log).known()))


@app.command("list", epilog=EXIT_CODES)
def list_all(
    store: StoreName = None,
    team: Annotated[str | None, typer.Option(help="Only who belongs to this team now.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Those who left, too.")] = False,
    json: Json = False,
) -> None:
    """List the people who work here today."""
    with opened_log(store) as log:
        known, day = Directory(log).known(), Configuration(log).today()
    members = {one.person for one in known.organisation.memberships if one.team == team and contains(one.during, day)}
    people = [
        person
        for person in known.organisation.people.values()
        if (everybody or contains(person.employed, day)) and (team is None or person.id in members)
    ]
    people.sort(key=lambda person: known.details_of(person.id).name.casefold())
    if json:
        print_json([exported_person(known, person) for person in people])
    else:
        teams: dict[object, list[str]] = {}
        for one in known.organisation.memberships:
            if contains(one.during, day):
                teams.setdefault(one.person, []).append(one.team)
        rows = [
            [
                known.details_of(person.id).name,
                ", ".join(map(shown_identifier, known.details_of(person.id).identifiers)),
                ", ".join(teams.get(person.id, [])),
                shown_zones(person.zones),
                shown_period(person.employed),
            ]
            for person in people
        ]
        print_table(
            ["NAME", "IDENTIFIERS", "TEAMS", "TIME ZONE", "EMPLOYED"], rows, "Nobody yet: lrs people import FILE"
        )


@app.command(epilog=EXIT_CODES)
def show(who: Who, store: StoreName = None, json: Json = False) -> None:
    """Show one person, with all their teams and who managed these."""
    with opened_log(store) as log:
        known, person = Directory(log).person(who)
    if json:
        print_json(exported_person(known, person))
        return
    details, organisation = known.details_of(person.id), known.organisation
    facts = {
        "Name": details.name,
        "Id": str(person.id),
        "Identifiers": ", ".join(map(shown_identifier, details.identifiers)),
        "Locale": person.locale,
        "Time zones": shown_zones(person.zones),
        "Hours": shown_hours(person.hours),
        "Leave": ", ".join(map(shown_period, person.leave)),
        "Employed": shown_period(person.employed),
        "Learners": ", ".join(map(str, person.learners)),
        "Belongs to": ", ".join(
            f"{one.team} ({shown_period(one.during)})" for one in organisation.memberships if one.person == person.id
        ),
        "Manages": ", ".join(
            f"{one.team} ({shown_period(one.during)})" for one in organisation.managements if one.manager == person.id
        ),
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"{name:<12}{value}")

"""`lrs retention`: how long statements are kept."""

import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg.rows import tuple_row

from lrs import settings as configuration
from lrs.audit.retention import Expiry, Forecast, Retention, forecast, read_rules_file
from lrs.audit.retention.daily import Daily
from lrs.cli.configuration import DryRun, opened_log
from lrs.cli.output import Json, print_json, print_table
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.stopping import end_within
from lrs.store.opens import require_opens

app = typer.Typer(
    no_args_is_help=True,
    help="Show, try, set and run the rules by which statements are forgotten. Without rules everything is kept.",
)
_File = typer.Argument(
    metavar="FILE",
    help='JSON or TOML: {"rules": [{"name": "video progress", "days": 365, "verbs": ["https://…"], '
    '"activity_types": ["https://…"]}]}; verbs and activity types may be left out.',
    show_default=False,
)


@app.command(epilog=EXIT_CODES)
def show(store: StoreName = None) -> None:
    """Print the rules that are in force, as a file for `set`."""
    with opened_log(store) as log:
        print_json(Retention(log).present().rules)


@app.command("set", epilog=EXIT_CODES)
def set_(
    file: Annotated[Path, _File],
    store: StoreName = None,
    why: Annotated[str, typer.Option(help="One line for the record.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Set the rules, whole. The next run carries them out; `lrs retention try FILE` shows beforehand what would go."""
    rules = read_rules_file(file)
    with opened_log(store) as log:
        changed = Retention(log).set(rules, by=BY, why=why, dry_run=dry_run)
    if changed.applied:
        typer.echo(f"The rules are set, at position {changed.position}.")
    else:
        typer.echo("The file holds rules; nothing is set: this is a dry run." if dry_run else "Those are the rules.")


@app.command("try", epilog=EXIT_CODES)
def try_(
    file: Annotated[Path | None, _File] = None,
    store: StoreName = None,
    json: Json = False,
) -> None:
    """List what a run would forget now: by the rules in force, or by those in a file. Nothing is forgotten."""
    given = read_rules_file(file) if file else None
    with opened_log(store) as log:
        rules = given or Retention(log).present().rules
        with log.reading() as reading:
            cursor = psycopg.ClientCursor(reading.connection, row_factory=tuple_row)
            found = forecast(cursor, log.keyring, rules, datetime.now(UTC))
    if json:
        print_json(found)
    else:
        _print(found)


@app.command(epilog=EXIT_CODES)
def run(
    store: StoreName = None,
    daily: Annotated[
        bool, typer.Option("--daily", help="All stores, now and every day, until it is stopped. `lrs up` starts this.")
    ] = False,
) -> None:
    """Forget the statements whose time is up. That can't be undone: `lrs retention try` shows beforehand what goes.

    They can't be read any more by anybody, and nothing is told from them; their ids stay taken,
    and the log with its proofs is as it was. Interrupted, it is run again. Copies and backups
    of the database made before still hold them.
    """
    settings = configuration.load()
    if daily:
        require_opens(settings.database(), settings.master())
        _run_daily(Daily(settings.database(), settings.master(), settings.stream_days))
        return
    with opened_log(store) as log:
        expired = Expiry(log, settings.stream_days).run(datetime.now(UTC), by=BY)
    rows = [[rule, f"{count:,}"] for rule, count in expired.rules.items()]
    print_table(["RULE", "FORGOTTEN"], rows, "Nothing is due.")


def _run_daily(daily: Daily) -> None:
    logging.basicConfig(level=logging.WARNING, format="lrs retention: %(message)s", stream=sys.stderr)
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)

    def stop(*_: object) -> None:
        end_within()
        daily.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    daily.run()


def _print(found: Forecast) -> None:
    rows = [
        [one.rule, f"{one.days:,}", f"{one.statements:,}", _months(one.months), ", ".join(map(str, one.samples[:2]))]
        for one in found.rules
    ]
    print_table(["RULE", "DAYS", "STATEMENTS", "STORED IN", "SUCH AS"], rows, "There are no rules: everything is kept.")
    if found.rules:
        typer.echo(f"{found.statements:,} statements would be forgotten. Nothing is: this is a dry run.")
    if found.without_salt:
        typer.echo(
            f"{found.without_salt:,} statements as old as that were recorded before single statements could be "
            "forgotten: rules leave them."
        )


def _months(months: dict[str, int]) -> str:
    if len(months) > 3:
        first, *_, last = months
        return f"{first} to {last}"
    return ", ".join(f"{month}: {count:,}" for month, count in months.items())

"""`lrs learner`: which learners are one person."""

from typing import Annotated

import typer

from lrs.cli.configuration import DryRun, opened_log, tell
from lrs.cli.output import Json
from lrs.cli.people import show as show_person
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.organisation import Directory

app = typer.Typer(
    no_args_is_help=True, help="Say which learners are one person: each identifier is a learner of its own."
)
_WHO = "An identifier (ann@example.org, account:https://lms.example ann) or a learner id."
Who = Annotated[str, typer.Argument(help=_WHO)]


@app.command(epilog=EXIT_CODES)
def link(one: Who, other: Who, store: StoreName = None, dry_run: DryRun = False, json: Json = False) -> None:
    """Make two learners, or the persons that they are, one person.

    It keeps the first one's id, unless the organisation only knows the second. What
    is known of the first one stays; what isn't is taken from the second. Teams,
    leave and identifiers are those of both. Unlinking doesn't take that apart.
    """
    with opened_log(store) as log:
        outcome = Directory(log).link(one, other, by=BY, dry_run=dry_run)
    tell(outcome, json=json, dry_run=dry_run)


@app.command(epilog=EXIT_CODES)
def unlink(learner: Who, store: StoreName = None, dry_run: DryRun = False, json: Json = False) -> None:
    """Make a learner a person by itself again, of whom the organisation knows nothing.

    The first identifier of a person can't be unlinked, because the person is named
    by it: unlink the others.
    """
    with opened_log(store) as log:
        outcome = Directory(log).unlink(learner, by=BY, dry_run=dry_run)
    tell(outcome, json=json, dry_run=dry_run)


@app.command(epilog=EXIT_CODES)
def show(learner: Who, store: StoreName = None, json: Json = False) -> None:
    """Show the person that a learner is."""
    show_person(learner, store, json)

"""`lrs rebuild`: builds anew what can be built from the log."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lrs import settings as configuration
from lrs.cli.consumers import PASSED_ON, become
from lrs.cli.display import Display
from lrs.cli.output import print_table
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.index.rebuild import rebuild as rebuild_index
from lrs.organisation.rebuild import rebuild as rebuild_organisation
from lrs.store_name import schema_of
from schemas.difference import Difference

_PROJECTION = "NAME"
_EXIT_CODES = "Exit codes: 0 it was what the log says, 1 it was not (and is now, unless --check), 2 could not run."
Check = Annotated[bool, typer.Option("--check", help="Only compare; leave everything as it is.")]


class _Things(TyperGroup):
    """What can be rebuilt: what has a command here, else a projection."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, _PROJECTION)


app = typer.Typer(
    cls=_Things,
    no_args_is_help=True,
    help="Build anew what can be built from the log, and see that it is the same.",
)


@app.callback()
def _what() -> None:
    pass


@app.command(epilog=_EXIT_CODES)
def index(store: StoreName = None, check: Check = False) -> None:
    """Build a store's statement index anew from the log, compare it with the one in use, and put it in its place.

    Everything goes on meanwhile: readers use the old index until the new one has
    caught up and takes over at once. An interrupted rebuild changes nothing.
    LRS_DATABASE_URL must be the owner's.
    """
    _done("index", store, check=check)


@app.command(epilog=_EXIT_CODES)
def organisation(store: StoreName = None, check: Check = False) -> None:
    """Build the tables of a store's organisation anew from the log, compare, and put them in place.

    Everything goes on meanwhile. LRS_DATABASE_URL must be the owner's.
    """
    _done("organisation", store, check=check)


@app.command(_PROJECTION, context_settings=PASSED_ON)
def projection(context: typer.Context) -> None:
    """Rebuild a projection: fold the whole log anew, compare, and put the outcome in place."""
    name = context.info_name or ""
    become("rebuild", context.args if name == _PROJECTION else [name, *context.args])


def _done(what: str, store: str | None, *, check: bool) -> None:
    if not rebuilt(what, store, check=check):
        raise typer.Exit(1)


def rebuilt(what: str, store: str | None, *, check: bool) -> bool:
    """Rebuild the index or the organisation's tables, or only check them; gives whether they were what the log says."""
    settings = configuration.load()
    doing = "Checking" if check else "Rebuilding"
    with could_not_run(store) as name, Display(f"{doing} the {what} of {name}") as display:
        url, schema = settings.database(), schema_of(name)
        if what == "index":
            differences = rebuild_index(url, schema, settings.master(), display.show_position, replace=not check)
        else:
            differences = rebuild_organisation(url, schema, settings.master(), display.show_position, replace=not check)
    return _report(what, differences, check=check)


def _report(what: str, differences: list[Difference], *, check: bool) -> bool:
    rows = [[one.table, f"{one.rows:,}", f"{one.missing:,}", f"{one.surplus:,}"] for one in differences]
    print_table(["TABLE", "ROWS", "MISSING", "SURPLUS"], rows, "")
    for example in (example for difference in differences for example in difference.examples):
        typer.echo(f"  {example}")
    equal = all(difference.equal for difference in differences)
    if equal:
        typer.echo(f"The {what} is what the log says.")
    elif check:
        typer.echo(f"The {what} is not what the log says: `lrs rebuild {what}` puts it right.")
    else:
        typer.echo(f"The {what} was not what the log says; it is now.")
    return equal

"""`lrs rebuild`: builds anew what can be built from the log."""

from typing import Annotated

import typer

from lrs import settings as configuration
from lrs.cli.could_not_run import could_not_run
from lrs.cli.display import Display
from lrs.cli.registry import print_table
from lrs.index.rebuild import Difference, rebuild
from lrs.store import schema_of

app = typer.Typer(no_args_is_help=True, help="Build anew what can be built from the log, and see that it is the same.")


@app.callback()
def _what() -> None:
    pass


@app.command(
    epilog="Exit codes: 0 the index was what the log says, 1 it was not (and is now, unless --check), 2 could not run."
)
def index(
    store: Annotated[
        str | None, typer.Option(metavar="NAME", help="The store; LRS_STORE if not given.", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare; leave the index as it is.")] = False,
) -> None:
    """Build a store's statement index anew from the log, compare it with the one in use, and put it in its place.

    Everything goes on meanwhile: readers use the old index until the new one has
    caught up and takes over at once. An interrupted rebuild changes nothing.
    LRS_DATABASE_URL must be the owner's.
    """
    settings = configuration.load()
    name = store or settings.store
    with could_not_run(name), Display(f"Rebuilding the index of {name}") as display:
        differences = rebuild(
            settings.database(),
            schema_of(name),
            settings.master(),
            lambda position, head: display.show(position, head, lambda: f"position {position:,} of {head:,}"),
            replace=not check,
        )
    _report(differences, check=check)
    if not all(difference.equal for difference in differences):
        raise typer.Exit(1)


def _report(differences: list[Difference], *, check: bool) -> None:
    rows = [[one.table, f"{one.rows:,}", f"{one.missing:,}", f"{one.surplus:,}"] for one in differences]
    print_table(["TABLE", "ROWS", "MISSING", "SURPLUS"], rows, "")
    if all(difference.equal for difference in differences):
        typer.echo("The index is what the log says.")
    elif check:
        typer.echo("The index is not what the log says: `lrs rebuild index` puts it right.")
    else:
        typer.echo("The index was not what the log says; it is now.")

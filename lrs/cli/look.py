"""`lrs look`: name, logo, colours and words of a store's dashboard."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from lrs.cli.configuration import DryRun, opened_log
from lrs.cli.output import print_json
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName
from lrs.command.explained import EXIT_CODES
from lrs.configuration import Changed, Configuration
from lrs.dashboard.look_file import read_look_file
from schemas.look import Look

app = typer.Typer(no_args_is_help=True, help="Show and set how a store's dashboard looks.")


@app.command(epilog=EXIT_CODES)
def show(store: StoreName = None) -> None:
    """Print the look; of a logo its kind and size."""
    with opened_log(store) as log:
        look = Configuration(log).look()
    logo = None if look.logo is None else f"{look.logo.media_type}, {len(look.logo.data)} bytes"
    print_json({**msgspec.structs.asdict(look), "logo": logo})


@app.command("set", epilog=EXIT_CODES)
def set_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML or JSON; what it leaves out is as shipped.")],
    store: StoreName = None,
    dry_run: DryRun = False,
) -> None:
    """Set the look: name, accent, accent_dark (colours such as #0b6b5d), logo (a PNG or SVG beside the file), words.

    Colours that people can't read are refused, with one that would do.
    """
    _set(read_look_file(file), store, dry_run=dry_run)


@app.command(epilog=EXIT_CODES)
def reset(store: StoreName = None, dry_run: DryRun = False) -> None:
    """Take the shipped look again."""
    _set(Look(), store, dry_run=dry_run)


def _set(look: Look, store: str | None, *, dry_run: bool) -> None:
    with opened_log(store) as log:
        changed: Changed = Configuration(log).set_look(look, by=BY, dry_run=dry_run)
    if changed.applied:
        typer.echo("The dashboard looks so from the next page on.")
    else:
        typer.echo("Nothing is changed: this is a dry run." if dry_run else "It looks so already.")

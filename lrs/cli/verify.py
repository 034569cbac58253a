"""`lrs verify`: live equals replay."""

import subprocess
from typing import Annotated

import typer

from lrs.cli.consumers import COMMAND
from lrs.cli.rebuild import rebuilt
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.command.explained import COULD_NOT_RUN

app = typer.Typer()
_OURS = ("index", "organisation")


@app.command(epilog="Exit codes: 0 all is what the log says, 1 something is not, 2 something could not be compared.")
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="index, organisation, and projections; all if none is named.", show_default=False
        ),
    ] = None,
    store: StoreName = None,
) -> None:
    """Compare the index, the organisation and each projection of a store with a replay of its log.

    Everything goes on meanwhile. What differs is shown, table by table; nothing is
    changed: `lrs rebuild` puts it right. Index and organisation need
    LRS_DATABASE_URL to be the owner's.
    """
    with could_not_run(store) as where:
        codes = [0 if rebuilt(what, where, check=True) else 1 for what in _OURS if not names or what in names]
        projections = [name for name in names or () if name not in _OURS]
        if projections or not names:
            done = subprocess.run([*COMMAND, "verify", *projections, "--store", where], check=False)  # noqa: S603
            codes.append(done.returncode if done.returncode in {0, 1} else COULD_NOT_RUN)  # killed, it is negative
    # What is wrong counts for more than what could not be compared.
    code = 1 if 1 in codes else max(codes)
    if code:
        raise typer.Exit(code)

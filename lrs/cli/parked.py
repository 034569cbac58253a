"""`lrs parked`: learners whom a projection leaves out."""

import typer

from lrs.cli.consumers import PASSED_ON, become

app = typer.Typer()


@app.command(context_settings=PASSED_ON)
def parked(context: typer.Context) -> None:
    """List whom a projection leaves out, because a statement of theirs breaks it; retry them once that is mended."""
    become("parked", context.args)

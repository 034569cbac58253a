"""`lrs consume`: keeps projections current."""

import typer

from lrs.cli.consumers import PASSED_ON, become

app = typer.Typer()


@app.command(context_settings=PASSED_ON)
def consume(context: typer.Context) -> None:
    """Keep projections of all stores current: from the stream, and from the log where that has gaps."""
    become("consume", context.args)

"""`lrs settings`: what can be set."""

from typing import Annotated

import typer

from lrs.settings import described


def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table, for the README.")] = False,
) -> None:
    """List the settings: environment variables, or lines of the TOML file that LRS_CONFIG names."""
    if markdown:
        print(as_markdown(), end="")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("Variable", no_wrap=True)
    table.add_column("Default", no_wrap=True)
    table.add_column("What it sets")
    for one in described():
        table.add_row(one.variable, one.default, one.help)
    Console().print(table)


def as_markdown() -> str:
    """Give the list as the README shows it."""
    rows = [f"| `{one.variable}` | {f'`{one.default}`' if one.default else ''} | {one.help} |" for one in described()]
    return "\n".join(["| Variable | Default | What it sets |", "| --- | --- | --- |", *rows, ""])

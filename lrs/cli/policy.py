"""`lrs policy`: what counts as training, what should follow, what keeps a rhythm, what is visible."""

from pathlib import Path
from typing import Annotated

import typer

from lrs.cli.configuration import DryRun, opened_log
from lrs.cli.consumers import become
from lrs.cli.output import Json, print_json, print_table, written
from lrs.cli.registry import BY
from lrs.command.asked_store import StoreName, asked_store
from lrs.command.explained import EXIT_CODES
from lrs.configuration import Configuration, read_policy_file

app = typer.Typer(no_args_is_help=True, help="Show, try and set the policy of a store.")
File = Annotated[Path, typer.Argument(metavar="FILE", help="JSON or TOML; what it leaves out is as shipped.")]


@app.command(epilog=EXIT_CODES)
def show(
    store: StoreName = None,
    version: Annotated[int | None, typer.Option(help="An earlier one; `lrs policy history` lists them.")] = None,
) -> None:
    """Print the policy, whole: what counts now, whether set here or as shipped."""
    with opened_log(store) as log:
        configuration = Configuration(log)
        print_json(configuration.policy() if version is None else configuration.version(version).policy)


@app.command("set", epilog=EXIT_CODES)
def set_(
    file: File,
    store: StoreName = None,
    why: Annotated[str, typer.Option(help="One line for the record.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Set the policy. Statuses and figures are made anew under it, in the background.

    `lrs policy try FILE` shows beforehand what would change.
    """
    policy = read_policy_file(file)
    with opened_log(store) as log:
        changed = Configuration(log).set_policy(policy, by=BY, why=why, dry_run=dry_run)
    if changed.applied:
        typer.echo(f"The policy is set, at position {changed.position}.")
    else:
        typer.echo(
            "The file is a policy; nothing is set: this is a dry run." if dry_run else "That is the policy already."
        )


@app.command(epilog=EXIT_CODES)
def history(store: StoreName = None, json: Json = False) -> None:
    """List the policies that were set, newest first: when, by whom, and why."""
    with opened_log(store) as log:
        found = Configuration(log).history()[::-1]
    if json:
        print_json(found)
        return
    rows = [[str(one.version), written(one.set), one.by, one.why] for one in found]
    print_table(["VERSION", "SET", "BY", "WHY"], rows, "None was set: the shipped policy counts.")


@app.command("try", epilog=EXIT_CODES)
def try_(file: File, store: StoreName = None) -> None:
    """Show on what has happened so far what would change under another policy."""
    read_policy_file(file)
    become("try-policy", str(file), "--store", asked_store(store))

"""`lrs store`: the stores of this deployment."""

from typing import Annotated

import psycopg
import typer

from lrs.cli.output import Json, print_json, print_table, written
from lrs.cli.registry import BY, opened_registry
from lrs.command.explained import EXIT_CODES
from lrs.credential import StoreSummary
from lrs.credential.checks import checked_label
from lrs.errors import Refused
from lrs.settings import load
from lrs.store import create_store
from lrs.store_name import checked_store_name

app = typer.Typer(no_args_is_help=True, help="Make and list stores. Nothing crosses from one store to another.")

Name = Annotated[str, typer.Argument(help="A lower-case letter, then up to 39 lower-case letters, digits or _.")]


@app.command(epilog=EXIT_CODES)
def create(
    name: Name,
    label: Annotated[str, typer.Option(help="One line for people: whose store it is.")] = "",
    json: Json = False,
) -> None:
    """Make a store: a Postgres schema of its own.

    Needs a database account that may create schemas. Nobody can enter the new store yet: make a credential with
    `lrs credential create --store NAME`.
    """
    checked_store_name(name)
    checked_label(label)
    with opened_registry() as registry:
        try:
            create_store(load().database(), name)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(f"{error.diag.message_primary}: use a database account that may create schemas") from None
        made = registry.register_store(name, label, by=BY)
    if json:
        print_json(made)
    else:
        typer.echo(f"Store {name} is there. Next: lrs credential create --store {name} --scope all")


@app.command("list", epilog=EXIT_CODES)
def list_all(json: Json = False) -> None:
    """List the stores, oldest first."""
    with opened_registry() as registry:
        stores = registry.stores()
    if json:
        print_json(stores)
    else:
        _print(stores)


@app.command(epilog=EXIT_CODES)
def show(name: Name, json: Json = False) -> None:
    """Show one store and how many credentials open it."""
    with opened_registry() as registry:
        store = registry.store(name)
        active = [one for one in registry.credentials(name) if one.status == "active"]
    if json:
        print_json(store)
    else:
        _print([store])
        typer.echo(f"{len(active)} active credential{'' if len(active) == 1 else 's'}")


def _print(stores: list[StoreSummary]) -> None:
    rows = [[one.name, one.label, written(one.created), one.created_by] for one in stores]
    print_table(["STORE", "LABEL", "CREATED", "BY"], rows, "There are no stores yet: lrs store create NAME")

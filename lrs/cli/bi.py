"""`lrs bi`: a read-only door for BI tools."""

from typing import Annotated

import psycopg
import typer

from lrs.cli.registry import opened_registry
from lrs.command.asked_store import asked_store
from lrs.command.explained import EXIT_CODES
from lrs.errors import Refused
from lrs.insights.bi import ROLE, open_door, role_of
from lrs.settings import load

app = typer.Typer()


@app.command(epilog=EXIT_CODES)
def bi(
    store: Annotated[
        str | None, typer.Option(help="Only this store; all of them if left out.", show_default=False)
    ] = None,
) -> None:
    """Make views for BI tools, and roles that may read nothing else.

    Facts about follow-up, rhythm and managers without names, e-mail addresses or statements, in a schema bi_<store>.
    Run it again after `lrs migrate`. Needs a database account that may create roles and schemas.
    """
    with opened_registry() as registry:
        stores = [one.name for one in registry.stores()] if store is None else [registry.store(asked_store(store)).name]
    try:
        for name in stores:
            for view in open_door(load().database(), name):
                typer.echo(view)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused(f"{error.diag.message_primary}: use the account that owns the tables") from None
    if stores:
        typer.echo(f"Next, in psql: CREATE ROLE tableau LOGIN PASSWORD '…' IN ROLE {role_of(stores[0])};")
        typer.echo(f"A member of {ROLE} reads all stores.")

"""`lrs dashboard`: one-time links that open the dashboard in a browser."""

import asyncio
from functools import partial
from typing import Annotated

import typer

from lrs.command.asked_store import StoreName, asked_store
from lrs.command.explained import EXIT_CODES
from lrs.errors import Malformed
from lrs.settings import Settings, load
from lrs.sign_in import ROLES, Links, Person, Role, TokenSeal, stored_secret
from lrs.sign_in.role import is_role
from lrs.statement import Invalid, identity
from lrs.statement.actor import check_agent
from schemas.xapi import Actor

app = typer.Typer(no_args_is_help=True, help="Open the dashboard in a browser.")


@app.callback()
def _group() -> None:
    pass


@app.command(
    epilog=EXIT_CODES,
    help=f"""Print a link that opens the dashboard, once and within ten minutes.

It opens as the administrator of this server; with --as, as somebody would see it who learns here (and who manages a
team, if the organisation says so). Roles are {", ".join(ROLES)}.
""",
)
def link(
    email: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="See it as this person; only where nobody signs in.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role to have; repeat for several.", show_default=False)
    ] = None,
    store: StoreName = None,
) -> None:
    """Print a link; the help is given above."""
    settings = load()
    if email is not None and settings.oidc_issuer:
        raise Malformed("people sign in here themselves (LRS_OIDC_ISSUER): --as would look with somebody else's eyes")
    typer.echo(new_link(settings, opened_as(email, role or [], asked_store(store))))


def new_link(settings: Settings, person: Person | None = None) -> str:
    """Give the address of a new link that opens a session of this person, else of the server's administrator.

    Raises Unavailable, WrongMasterKey.
    """
    url = settings.database()
    links = Links(url, TokenSeal(partial(stored_secret, url, settings.master())))
    token = asyncio.run(links.make(person or opened_as(None, [], settings.store)))
    return f"{settings.base_url()}/dashboard/enter/{token}"


def opened_as(email: str | None, roles: list[str], store: str) -> Person:
    """Give whose session a link opens: somebody's, or without an address the administrator's. Raises Malformed."""
    given: set[Role] = set()
    for role in roles:
        if not is_role(role):
            raise Malformed(f"{role!r} is no role: choose from {', '.join(ROLES)}")
        given.add(role)
    if email is None:
        seen_as: set[Role] = {"learner", *given} if given else {"learner", "admin"}
        return Person("one-time link", "Administrator", None, frozenset(seen_as), store, by_link=True)
    agent = Actor(mbox=f"mailto:{email}")
    try:
        check_agent(agent)
    except Invalid as error:
        raise Malformed(f"{email!r} is no e-mail address: {error}") from None
    # Whom a manager sees is said by the organisation: the role alone shows nobody.
    learns: set[Role] = {"learner", "manager", *given}
    return Person("one-time link", email, identity(agent), frozenset(learns), store, by_link=True)

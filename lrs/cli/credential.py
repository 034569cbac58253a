"""`lrs credential`: who may enter a store, and do what."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from lrs.cli.output import Json, print_json, print_table, written
from lrs.cli.registry import BY, opened_registry
from lrs.command.asked_store import asked_store
from lrs.command.explained import EXIT_CODES
from lrs.credential import SCOPES, CredentialSummary, Handed
from lrs.credential.checks import LONGEST
from schemas.xapi import Actor

app = typer.Typer(
    no_args_is_help=True, help="Make, list, rotate and revoke credentials: the keys and secrets that open a store."
)

_PERIOD = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGENT = '{"account": {"homePage": "https://lms.example", "name": "lms"}}'
_SCOPES_HELP = "\n\n".join(f"- {scope}: {meaning}" for scope, meaning in SCOPES.items())

Key = Annotated[str, typer.Argument(help="The credential's key; `lrs credential list` shows them.")]


def _period(text: str) -> timedelta:
    if not (match := _PERIOD.fullmatch(text)):
        raise typer.BadParameter(f"{text!r} is no period: write a number and s, m, h, d or w, such as 12h or 30d")
    period = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if period > LONGEST:
        raise typer.BadParameter(f"{text!r} is longer than {LONGEST.days:,} days")
    return period


def _moment(text: str) -> datetime:
    if _PERIOD.fullmatch(text):
        return datetime.now(UTC) + _period(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no moment: write 90d, 2030-01-31 or 2030-01-31T12:00:00Z (UTC if no zone is named)"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _agent(text: str) -> Actor:
    try:
        return msgspec.json.decode(text, type=Actor)
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"not an Agent: {error}; write JSON such as {_AGENT}") from None


@app.command(
    epilog=EXIT_CODES,
    help=f"""Make a credential and show its secret, this once: only a digest of it is kept.

A credential opens one store and may do what its scopes say:

{_SCOPES_HELP}

Example: lrs credential create --store default --scope statements/write --label "Video player"
""",
)
def create(
    store: Annotated[
        str | None, typer.Option(help="The store it opens; the one LRS_STORE names if left out.", show_default=False)
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; repeat for several; all if left out.", show_default=False)
    ] = None,
    label: Annotated[str, typer.Option(help="One line for people: which tool, which environment.")] = "",
    expires: Annotated[
        datetime | None,
        typer.Option(
            parser=_moment, metavar="MOMENT", help="When it stops working: 90d, 2030-01-31 or a full timestamp."
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(help="The key, instead of a random one.")] = None,
    authority: Annotated[
        Actor | None,
        typer.Option(
            parser=_agent,
            metavar="JSON",
            help="The Agent stamped on its statements, instead of an account named by the key. It is kept for ever: "
            "name a system, not a person.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make a credential; the help is given above."""
    with opened_registry() as registry:
        made = registry.issue(
            asked_store(store), scope or ["all"], label=label, by=BY, key=key, authority=authority, expires=expires
        )
    _print_handed(made, json=json)


@app.command("list", epilog=EXIT_CODES)
def list_all(
    store: Annotated[str | None, typer.Option(help="Only those of this store.")] = None, json: Json = False
) -> None:
    """List credentials, oldest first, expired and revoked ones too. Secrets are never shown."""
    with opened_registry() as registry:
        if store is not None:
            registry.store(asked_store(store))
        found = registry.credentials(store)
    if json:
        print_json(found)
    else:
        print_table(
            ["KEY", "STORE", "LABEL", "SCOPES", "STATUS", "EXPIRES", "LAST EVENT"],
            [_row(one) for one in found],
            "There are no credentials yet: lrs credential create",
        )


@app.command(epilog=EXIT_CODES)
def rotate(
    key: Key,
    grace: Annotated[
        timedelta,
        typer.Option(
            parser=_period, metavar="PERIOD", help="How long the present secret stays valid too: 30m, 12h, 7d."
        ),
    ] = "0s",  # type: ignore[assignment]  # typer parses defaults too
    json: Json = False,
) -> None:
    """Give a credential a new secret and show it, this once.

    The secret it has now stops working in every server within a second, or after --grace, which gives time to bring
    the new one to the tools that use it.
    """
    with opened_registry() as registry:
        made = registry.rotate(key, by=BY, grace=grace)
    _print_handed(made, json=json)


@app.command(epilog=EXIT_CODES)
def revoke(key: Key, json: Json = False) -> None:
    """Close a credential for ever, in every server within a second. What it stored stays."""
    with opened_registry() as registry:
        revoked = registry.revoke(key, by=BY)
    if json:
        print_json(revoked)
    else:
        typer.echo(f"Credential {key} of store {revoked.store} is revoked.")


def _row(one: CredentialSummary) -> list[str]:
    last = f"{one.last_event.name} {written(one.last_event.at)} by {one.last_event.by}"
    return [one.key, one.store, one.label, " ".join(one.scopes), one.status, written(one.expires), last]


def _print_handed(made: Handed, *, json: bool) -> None:
    told, secret = made.credential, made.secret.reveal()
    if json:
        print_json({"credential": told, "secret": secret})
        return
    typer.echo(f"Key      {told.key}")
    typer.echo(f"Secret   {secret}")
    typer.echo(f"Store    {told.store}")
    typer.echo(f"Scopes   {' '.join(told.scopes)}")
    if told.expires:
        typer.echo(f"Expires  {written(told.expires)}")
    if told.previous_until:
        typer.echo(f"The secret before this one stays valid until {written(told.previous_until)}.")
    typer.secho("The secret is not shown again: put it where the tool finds it.", err=True, dim=True)

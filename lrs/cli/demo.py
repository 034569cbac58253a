"""`lrs demo`: a made-up organisation, to look around in."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from lrs.cli.dashboard import new_link, opened_as
from lrs.cli.display import Display
from lrs.cli.registry import BY, opened_registry
from lrs.cli.typed import typed
from lrs.command.asked_store import StoreName, asked_store
from lrs.command.explained import EXIT_CODES
from lrs.demo import acts
from lrs.demo.cast import Cast, Member, cast, organisation
from lrs.demo.held import Held, held
from lrs.demo.history import history
from lrs.demo.script import script
from lrs.demo.writer import Writer
from lrs.errors import Refused
from lrs.settings import Settings, load
from lrs.store import Stores
from schemas.xapi import Account, Actor

app = typer.Typer()
_PATIENCE = 60.0
"""Seconds to wait for the projections."""
_FRESH = timedelta(days=7)


@app.command("demo", epilog=EXIT_CODES)
def demo(
    store: StoreName = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another half year.", show_default="1")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it ends.", show_default="today")
    ] = None,
) -> None:
    """Write a demo organisation into a store: sixty people in six teams, and half a year of learning.

    One team thrives, each other stalls for a reason of its own. Nobody in it
    exists. All goes through the HTTP API of the server that runs, so that needs
    to run: `make demo` starts one with a data folder of its own.

    A seed and a last day always make the same statements; running it again goes
    on where it stopped and writes nothing twice. A store that has an organisation
    already is left alone.
    """
    settings = load()
    name = asked_store(store)
    with opened_registry() as registry:
        registry.store(name)
    found = asyncio.run(_held(settings, name))
    wanted = _wanted(found, seed, until and until.date())
    everybody = cast(script(), wanted.seed, wanted.until)
    if not wanted.complete:
        with _writer(settings, name) as writer:
            if found is None:
                writer.hold(wanted)
            _write(writer, everybody, wanted)
    typer.echo(_told(everybody))
    if not settings.oidc_issuer:
        typer.echo(_links(settings, everybody, name))


async def _held(settings: Settings, name: str) -> Held | None:
    stores = Stores(settings.database(), settings.master())
    try:
        return await held(await stores.get(name))
    finally:
        await stores.close()


@contextmanager
def _writer(settings: Settings, store: str) -> Iterator[Writer]:
    """Open a writer with a credential of its own, which is revoked afterwards."""
    base_url = settings.base_url()
    with opened_registry() as registry:
        made = registry.issue(
            store,
            ["all", "organisation"],
            label="demo",
            by=BY,
            authority=Actor(object_type="Agent", account=Account(base_url, "demo")),
            expires=datetime.now(UTC) + timedelta(hours=1),
        )
        try:
            with closing(Writer(base_url, made.credential.key, made.secret.reveal())) as writer:
                yield writer
        finally:
            registry.revoke(made.credential.key, by=BY)


def _wanted(found: Held | None, seed: int | None, until: date | None) -> Held:
    """Give the demo that is wanted: the one the store holds, else a new one. Raises Refused if it holds another."""
    if found is None:
        return Held(1 if seed is None else seed, until or datetime.now(UTC).date(), complete=False)
    if seed not in (None, found.seed) or until not in (None, found.until):
        raise Refused(
            f"the store holds the demo with seed {found.seed} until {found.until}: give another one its own store"
        )
    return found


def _write(writer: Writer, everybody: Cast, wanted: Held) -> None:
    statements = history(everybody, wanted.seed)
    writer.organise(organisation(everybody))
    with Display("Writing the demo") as display:
        position = writer.send(statements, lambda done: display.show(done, len(statements), lambda: f"{done:,}"))
    writer.fail(acts.refused(everybody.members[0].agent()))
    writer.hold(Held(wanted.seed, wanted.until, complete=True))
    typer.echo(f"{len(statements):,} statements of {len(everybody.members)} people until {wanted.until}.")
    if not writer.caught_up(position, _PATIENCE):
        typer.echo("The figures aren't there yet: `lrs up` or `lrs consume` makes them.", err=True)


def _told(everybody: Cast) -> str:
    """Tell what there is to see."""
    lines = ["", "What to look for in the demo:", ""]
    lines += [f"  {_name(everybody, story.team):<18}{story.tells['en']}" for story in everybody.script.stories]
    if datetime.now(UTC).date() - everybody.end > _FRESH:
        lines += ["", f"It ends on {everybody.end}; a new data folder makes one that ends today."]
    return "\n".join(lines)


def _links(settings: Settings, everybody: Cast, store: str) -> str:
    """Tell how to look around in it, as whom."""
    service = everybody.script.stories[0].team
    learner = next(one for one in everybody.members if one.team == service and not one.manages)
    looks: tuple[tuple[Member, str, list[str]], ...] = (
        (everybody.with_role("learning"), "sees the whole organisation", ["lnd"]),
        (everybody.manager(service, everybody.end), f"manages {_name(everybody, service)}", []),
        (learner, f"learns in {_name(everybody, service)}", []),
    )
    lines = ["", "Look around as one of them; each link opens once, within ten minutes:", ""]
    for who, what, roles in looks:
        link = new_link(settings, opened_as(who.email, roles, store))
        lines += [f"  {who.name}, who {what}", f"    {link}"]
    elsewhere = [] if store == settings.store else ["--store", store]
    command = typed("dashboard", "link", *elsewhere, "--as", "ADDRESS")
    return "\n".join([*lines, "", f"`{command}` makes others."])


def _name(everybody: Cast, team: str) -> str:
    return next(one.name for one in everybody.script.teams if one.id == team)

"""The commands `consume`, `rebuild NAME`, `verify`, `parked` and `try-policy`."""

import asyncio
import logging
import signal
import sys
import time
from typing import Annotated, Any

import typer

from consumers.consume import Consume
from consumers.database import connect_to_store
from consumers.display import print_parked, print_report, progress
from consumers.live import Live, Overtaken
from consumers.parked import Parked
from consumers.parked import parked as parked_in
from consumers.policy_file import read_policy
from consumers.rebuild import Behind, BeingRebuilt, Rebuild, UnderWay
from consumers.report import Report
from lrs import settings as configuration
from lrs.command.asked_store import StoreName
from lrs.command.could_not_run import could_not_run
from lrs.command.explained import COULD_NOT_RUN, explaining
from lrs.log.messages import MessageLog
from lrs.migrated import require_migrated
from lrs.settings import Settings, nats_options
from lrs.stopping import end_within
from projections.all import NAMES, projection_named
from projections.projection import Projection

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
parked_app = typer.Typer(no_args_is_help=True, help="Learners whom a projection leaves out, and why.")
app.add_typer(parked_app, name="parked")

_RETRIES = 20
_PATIENCE = 3.0
"""Seconds that consumers get to pass an erasure before a projection counts as behind."""
_LOOK_EVERY = 0.2
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help=f"Projections; all if none is named: {', '.join(NAMES)}.", show_default=False),
]


@app.command()
def consume(names: Names = None) -> None:
    """Keep projections of all stores current, until SIGTERM or Ctrl-C: then the batches under way are finished."""
    import uvloop

    logging.basicConfig(level=logging.WARNING, format="lrs consume: %(message)s", stream=sys.stderr)
    # It reports each attempt to connect; we say that the database is away.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    with could_not_run():
        settings = configuration.load()
        projections = _projections(names)
        require_migrated(settings.database())
        consume = Consume(settings.database(), settings.master(), nats_options(settings), projections)

    def stop() -> None:
        end_within()
        consume.stop()

    async def run() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        await consume.run()

    uvloop.run(run())


@app.command(epilog="Exit codes: 0 done, 1 it is being rebuilt already, 2 could not run.")
def rebuild(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"The projection: {', '.join(NAMES)}.")],
    store: StoreName = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but what goes wrong.")] = False,
) -> None:
    """Fold the whole log anew, compare with the tables in use, and put the outcome in their place."""
    with could_not_run(store) as where:
        settings = configuration.load()
        (projection,) = _projections([name])
        try:
            with progress(f"Rebuilding {name} of {where}") as show:
                ignore = (lambda _reached, _target: None) if quiet else show
                report = Rebuild(settings.database(), where, settings.master(), projection, ignore).replace()
        except BeingRebuilt as error:
            print(f"lrs: {error}", file=sys.stderr)
            raise typer.Exit(1) from None
    if quiet:
        return
    print_report(report)
    print(f"{name} now stands at position {report.place.position:,}; {report.parked} parked.")
    if report.before[1:3] != report.place[1:3]:
        print("It was made by another version, policy or vocabulary before: so it may differ.")
    elif report.equal:
        print("It was what the log says.")
    else:
        print("It was not what the log says; it is now.")


@app.command(epilog="Exit codes: 0 all is what the log says, 1 something is not, 2 something could not be compared.")
def verify(names: Names = None, store: StoreName = None) -> None:
    """Compare each projection with a replay of the log to the same position, while everything goes on."""
    equal = compared = True
    with could_not_run(store) as where:
        settings = configuration.load()
        for projection in _projections(names):
            with progress(f"Verifying {projection.name} of {where}") as show:
                rebuild = Rebuild(settings.database(), where, settings.master(), projection, show)
                try:
                    report = _unless_behind(rebuild)
                except Behind as error:
                    print(f"{projection.name} {error}")
                    compared = False
                    continue
            if report.before.version != projection.version:
                print(f"{projection.name} {_made(report.before.version, projection, rebuild.under_way())}")
                compared = False
                continue
            equal &= report.equal
            said = "is" if report.equal else "IS NOT"
            parked = f" ({report.parked} parked)" if report.parked else ""
            print(f"{projection.name} {said} what the log says at position {report.place.position:,}{parked}")
            if not report.equal:
                print_report(report)
    if not equal:
        raise typer.Exit(1)
    if not compared:
        raise typer.Exit(COULD_NOT_RUN)


def _unless_behind(rebuild: Rebuild[Any]) -> Report:
    """Verify; consumers that run get a moment to begin, or to pass an erasure. Raises Behind."""
    until = time.monotonic() + _PATIENCE
    while True:
        late = time.monotonic() > until
        try:
            report = rebuild.verify()
            if late or report.before.version:
                return report
        except Behind:
            if late:
                raise
        time.sleep(_LOOK_EVERY)


def _made(version: int, projection: Projection[Any], under_way: UnderWay | None) -> str:
    """Say what is to be done about a projection that isn't this version's."""
    if under_way and under_way.reached is not None:
        return f"is being rebuilt: it is at position {under_way.reached:,} of {under_way.target:,}"
    if version:
        return f"was made by version {version}, this is version {projection.version}: rebuild it"
    if under_way:
        return "waits to be rebuilt: `lrs consume` does that by itself, one projection after another"
    return "has not begun: `lrs consume` begins by itself, in the first seconds of `lrs up` too"


@parked_app.command("list", epilog="Exit codes: 0 nobody is parked, 1 somebody is, 2 could not run.")
def parked_list(names: Names = None, store: StoreName = None) -> None:
    """List who is parked: a statement of theirs breaks the fold, so that they have no rows until that is mended."""
    with could_not_run(store) as where:
        settings = configuration.load()
        found = _parked(settings, where, _projections(names))
    if not found:
        print("Nobody is parked.")
        return
    print_parked(found)
    raise typer.Exit(1)


@parked_app.command("retry", epilog="Exit codes: 0 nobody is parked any more, 1 somebody still is, 2 could not run.")
def parked_retry(names: Names = None, store: StoreName = None) -> None:
    """Fold those who are parked again from the log; who doesn't break any more has rows again."""
    with could_not_run(store) as where:
        settings = configuration.load()
        projections = _projections(names)
        before = _parked(settings, where, projections)
        with connect_to_store(settings.database(), where) as connection:
            log = MessageLog(connection, where, settings.master())
            for projection in projections:
                persons = [one.learner for one in before if one.projection == projection.name]
                if persons:
                    _retry(Live(connection, log, projection), persons)
        after = _parked(settings, where, projections)
    print(f"{len(before) - len(after)} of {len(before)} have rows again.")
    if after:
        print_parked(after)
        raise typer.Exit(1)


@app.command("try-policy", epilog="Exit codes: 0 done, 2 could not run.")
def try_policy(
    file: Annotated[str, typer.Argument(help="The policy, JSON or TOML; - for JSON on standard input.")],
    names: Names = None,
    store: StoreName = None,
) -> None:
    """Show on history what rows would change under another policy. Nothing is changed."""
    with could_not_run(store) as where:
        settings = configuration.load()
        policy = read_policy(file)
        for projection in _projections(names):
            with progress(f"Trying it on {projection.name} of {where}") as show:
                rebuild = Rebuild(settings.database(), where, settings.master(), projection, show)
                report = rebuild.try_out(lambda before: before._replace(policy=policy))
            if report.equal:
                print(f"{projection.name}: nothing would change")
                continue
            print(f"{projection.name}: at position {report.place.position:,}, + would come and - would go")
            print_report(report)


def _projections(names: list[str] | None) -> list[Projection[Any]]:
    try:
        return [projection_named(name) for name in dict.fromkeys(names or NAMES)]
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from None


def _parked(settings: Settings, store: str, projections: list[Projection[Any]]) -> list[Parked]:
    with (
        connect_to_store(settings.database(), store) as connection,
        connection.cursor() as cursor,
    ):
        return parked_in(cursor, [projection.name for projection in projections])


def _retry(live: Live[Any], persons: list[Any]) -> None:
    for _ in range(_RETRIES):
        live.load()
        if live.outdated or live.from_the_future:
            raise Overtaken("the tables were made by another version of the program: rebuild the projection first")
        try:
            live.retry(persons)
        except Overtaken:
            continue
        return
    raise Overtaken("the projection moves on faster than these could be folded: try again later")


def main() -> None:
    """Run a command; what goes wrong in what it prints is one line on stderr as well."""
    explaining(lambda: app(prog_name="lrs"))

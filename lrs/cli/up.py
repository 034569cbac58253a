"""`lrs up`: everything on this machine by one command."""

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from lrs import settings as configuration
from lrs.cli.say import say
from lrs.cli.typed import typed
from lrs.cli.workers import workers
from lrs.files import write_durably
from lrs.local.folder import locked
from lrs.local.leftover import PidFiles
from lrs.local.listener import listen
from lrs.local.nats import Nats
from lrs.local.postgres import Postgres
from lrs.local.program import Program
from lrs.local.secrets import MASTER_KEY, Credential, as_toml, is_untold, master_key_file, told
from lrs.local.signals import Signals, Stop
from lrs.local.supervisor import Supervisor
from lrs.settings import RUNNING, Settings, nats_options
from lrs.start import program

_STATEMENT = {
    "actor": {"name": "Sam", "mbox": "mailto:sam@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "http://example.org/courses/first-aid"},
}
_COMMANDS = (("relay",), ("consume",), ("notary",), ("retention", "run", "--daily"))
"""What follows the log."""
_FOLLOWERS = 10
"""Niceness of what follows the log: under full load it gets about a tenth of what the others get."""


def up(
    followers: Annotated[
        bool,
        typer.Option(
            help="Start what follows the log, too: relay, consumers, notary, retention. They can run elsewhere."
        ),
    ] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Write the demo organisation, once: see `lrs demo`.")] = False,
) -> None:
    """Start everything on this machine: Postgres, NATS, the server and what follows the log; data in LRS_DATA.

    Prints the endpoint, a key and secret, and a line to try it with. Ctrl-C stops all of it; the next start finds the
    data again. With LRS_DATABASE_URL or LRS_NATS_URL, that server is used instead of a local one.
    """
    settings = configuration.load(running=False)
    _check(settings)
    settings = msgspec.structs.replace(settings, data=settings.data.absolute())
    with locked(settings.data), Signals() as signals:
        notes = PidFiles(settings.data / "run")
        (settings.data / "run").mkdir(mode=0o700, exist_ok=True)
        notes.stop_leftovers()
        with listen(settings.host, settings.port, settings.workers) as listeners:
            settings = msgspec.structs.replace(settings, port=listeners[0].getsockname()[1])
            supervisor = Supervisor(signals, say, notes)
            try:
                _run(settings, listeners, supervisor, signals, followers=followers, demo=demo)
            except Stop as stop:
                say(str(stop))
            finally:
                supervisor.stop()
                (settings.data / RUNNING).unlink(missing_ok=True)


def _check(settings: Settings) -> None:
    """Refuse what one of the programs would, before anything is made: data written under a wrong key would be lost."""
    if settings.database_url:
        settings.database()
    if settings.nats_url:
        nats_options(settings)
    if settings.database_url or settings.has_master:
        settings.master()
    # Much to load, and few set these.
    if settings.oidc_roles:
        from lrs.sign_in.person import Reading

        Reading(settings)
    if settings.witnesses:
        from lrs.audit.tree.witness import witnesses

        witnesses(settings.witnesses)


def _run(
    settings: Settings,
    listeners: Sequence[socket.socket],
    supervisor: Supervisor,
    signals: Signals,
    *,
    followers: bool,
    demo: bool,
) -> None:
    own_key = not settings.has_master
    with _starting():
        settings, servers = _start_servers(settings, supervisor)
        # Much to load: the servers start sooner without it.
        from lrs.cli.first import local_credential, make_tables, renew_indexes

        make_tables(settings)
    renew_indexes(settings, partial(signals.pause, 0))
    with _starting():
        credential = local_credential(settings, settings.data)
        from lrs.cli.dashboard import new_link

        write_durably(settings.data / RUNNING, as_toml(servers), private=True)
        signals.pause(0)
        environment = {configuration.variable(name): value for name, value in servers.items()}
        supervisor.start(*workers(listeners, settings, environment))
    keep = _keep_a_copy(settings.data / MASTER_KEY) if own_key and is_untold(settings.data) else ""
    print(_welcome(settings, credential, new_link(settings)) + keep, flush=True)
    if keep:
        told(settings.data)
    if followers:
        supervisor.start(*(partial(_follower, command, environment) for command in _COMMANDS))
    if demo:
        _write_demo(environment, supervisor)
    supervisor.watch()


def _starting() -> AbstractContextManager[object]:
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("Starting")


def _follower(command: Sequence[str], environment: Mapping[str, str]) -> Program:
    """Give a program that follows the log: it catches up by itself, so taking statements in comes before it."""
    return Program(
        name=command[0].capitalize(),
        command=program("lrs.cli.main", *command),
        ready=lambda _: True,
        ours=True,
        environment=environment,
        niceness=_FOLLOWERS,
    )


def _write_demo(environment: Mapping[str, str], supervisor: Supervisor) -> None:
    """Write the demo through the server that runs now; what goes wrong is said, and the rest stays up."""
    command = program("lrs.cli.main", "demo")
    process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)  # noqa: S603
    try:
        supervisor.watch(lambda: process.poll() is None)
    finally:
        process.terminate()
        process.wait()


def _start_servers(settings: Settings, supervisor: Supervisor) -> tuple[Settings, dict[str, str]]:
    """Start the servers that aren't given; gives the settings that reach them, and the same as texts."""
    programs: list[Callable[[], Program]] = []
    log = settings.data / "log"
    postgres = nats = None
    reach = {
        "database_url": settings.database_url,
        "nats_url": settings.nats_url,
        "store": settings.store,
        "public_url": settings.base_url(),
    }
    if not settings.has_master:
        reach["master_key_file"] = str(master_key_file(settings.data))
    if not settings.database_url:
        postgres = Postgres(settings.data / "postgres", log=log / "postgres.log")
        programs.append(postgres.program)
    if not settings.nats_url:
        nats = Nats(settings.data / "nats", log=log / "nats.log")
        programs.append(nats.program)
    supervisor.start(*programs)
    if postgres:
        postgres.create_database()
        reach["database_url"] = postgres.url()
    if nats:
        reach["nats_url"] = nats.url
    return msgspec.structs.replace(settings, **reach), reach


def _keep_a_copy(key: Path) -> str:
    """Say it before it happens, once: nobody can help who has lost this key."""
    return (
        f"\nThe master key was made just now: {key}\n"
        "Only this key opens what belongs to a person. Keep a copy of that file, apart from copies of the data:\n"
        "without it they can never be read again, not even from a backup. docs/keys.md tells more.\n"
    )


def _welcome(settings: Settings, credential: Credential, link: str) -> str:
    endpoint = f"{settings.base_url()}/xapi"
    rotate, another = typed("credential", "rotate", credential.key), typed("dashboard", "link")
    secret = credential.secret or f"(was shown when it was made; `{rotate}` makes a new one)"
    curl = [
        *("curl", "-u", f"{credential.key}:{credential.secret or 'SECRET'}"),
        *("-H", f"X-Experience-API-Version: {settings.xapi_version}", "-H", "Content-Type: application/json"),
        *("-d", json.dumps(_STATEMENT), f"{endpoint}/statements"),
    ]
    return (
        f"\nDashboard {link}\n          (opens once, within ten minutes; `{another}` makes a new one)\n"
        f"\nEndpoint  {endpoint}\nKey       {credential.key}\nSecret    {secret}\n\n"
        f"Send a first statement (from another terminal):\n\n{shlex.join(curl)}\n\nCtrl-C stops it all.\n"
    )

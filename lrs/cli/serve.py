"""`lrs serve`: answers requests, with the database of the settings."""

import gc
import os
import signal
import socket
from types import FrameType
from typing import Annotated, Any

import typer
from msgspec.structs import replace

from lrs import settings as configuration
from lrs.cli.say import say
from lrs.local.listener import listen
from lrs.settings import Settings
from lrs.stopping import end_within
from lrs.store.opens import require_opens

_KEEP_ALIVE = 75
"""Seconds an idle connection stays open: longer than the 60 s after which proxies in front close theirs."""
_GRACE = 15
"""Seconds that requests under way get when the server is asked to stop."""
_END = 27.0
"""Seconds after which it has stopped, though a database that says nothing is waited for: those requests, ten seconds
for what waits to be appended, and a little. Containers are commonly killed after thirty."""


def serve(
    descriptor: Annotated[int | None, typer.Option("--descriptor", hidden=True, help="Socket to serve on")] = None,
    ready: Annotated[int | None, typer.Option("--ready", hidden=True, help="Pipe to say on that it serves")] = None,
) -> None:
    """Serve xAPI from the database that LRS_DATABASE_URL names.

    Runs LRS_WORKERS processes on LRS_HOST and LRS_PORT. Migrate the database first: lrs migrate.
    """
    settings = configuration.load()
    away = require_opens(settings.database(), settings.master())
    if descriptor is not None:
        _answer(socket.socket(fileno=descriptor), settings, ready)
        return
    with listen(settings.host, settings.port, settings.workers) as listeners:
        settings = replace(settings, port=listeners[0].getsockname()[1])
        if away:  # it may come later: until then requests are answered 503
            say(f"the database does not answer ({away}); trying until it does")
        # A public URL may be another machine's: whoever starts this wants to know where it listens.
        listening = f", listening on {settings.host} port {settings.port}" if settings.public_url else ""
        print(f"Serving xAPI at {settings.base_url()}/xapi{listening}", flush=True)
        if settings.workers == 1:
            _answer(listeners[0], settings)
        else:
            from lrs.cli.workers import supervise  # which workers do without

            supervise(listeners, settings)


def _answer(listener: socket.socket, settings: Settings, ready: int | None = None) -> None:
    import uvicorn
    from uvicorn.server import Server

    from lrs.app import create
    from lrs.log.refusals import tell_reasons
    from lrs.protocol import Protocol, make_room
    from lrs.xapi.version import HEADER

    tell_reasons()
    Protocol.most_connections = make_room()
    # On every answer (1.0.3 Communication 3.3), also where the request that would name a version can't be read.
    Protocol.refused_with = ((HEADER, settings.xapi_version.encode()),)
    app = create(settings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )

    def begin_to_end() -> None:
        end_within(_END)
        # Event streams have no end of their own, and would be waited for.
        app.state.stop_streams()

    class _Server(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None and self.started:
                os.write(ready, b".")

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            begin_to_end()
            super().handle_exit(sig, frame)

    server = _Server(config)
    # What is there now stays; what requests make is gone with them, mostly without the collector.
    gc.collect()
    gc.freeze()

    def stop(*_: Any) -> None:
        begin_to_end()
        server.should_exit = True

    # Ours are there before uvicorn's, which do the same, and after: it then sends itself the signal again, which would
    # end us with an error, and to have been asked to stop is none.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN):  # nohup: survive the terminal
            signal.signal(number, stop)
    server.run(sockets=[listener])

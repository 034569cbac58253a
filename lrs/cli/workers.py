"""The processes that answer requests, each on its socket of one address."""

import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from subprocess import Popen

from lrs.cli.say import say
from lrs.local.program import Program
from lrs.local.signals import Signals, Stop
from lrs.local.supervisor import Supervisor
from lrs.settings import Settings
from lrs.start import program


def workers(
    listeners: Sequence[socket.socket], settings: Settings, environment: Mapping[str, str]
) -> list[Callable[[], Program]]:
    """Give the programs that answer requests, one on each of these sockets."""
    return [partial(_worker, listener, settings, environment) for listener in listeners]


def _worker(listener: socket.socket, settings: Settings, environment: Mapping[str, str]) -> Program:
    return Program(
        name="Worker",
        command=program("lrs.cli.main", "serve", "--descriptor", str(listener.fileno())),
        ready=partial(_answers, settings),
        ours=True,
        environment={**environment, "LRS_PORT": str(settings.port)},
        file_descriptors=(listener.fileno(),),
    )


def supervise(listeners: Sequence[socket.socket], settings: Settings) -> None:
    """Keep one running on each of these sockets until a signal says stop. Raises CannotStart."""
    with Signals() as signals:
        supervisor = Supervisor(signals, say)
        try:
            supervisor.start(*workers(listeners, settings, {}))
            supervisor.watch()
        except Stop:
            pass
        finally:
            supervisor.stop()


def _answers(settings: Settings, _: Popen[bytes]) -> bool:
    """Ask the server something it can only answer when it is ready."""
    from http.client import HTTPConnection, HTTPException

    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # the other way round
    connection = HTTPConnection(host, settings.port, timeout=0.5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()

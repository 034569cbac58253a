"""The processes that answer requests, each on its socket of one address."""

import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
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
    words, theirs = Pipe(duplex=False)
    return Program(
        name="Worker",
        command=program(
            "lrs.cli.main", "serve", "--descriptor", str(listener.fileno()), "--ready", str(theirs.fileno())
        ),
        ready=partial(_said_so, words, theirs),
        ours=True,
        environment={**environment, "LRS_PORT": str(settings.port)},
        file_descriptors=(listener.fileno(), theirs.fileno()),
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


def _said_so(words: Connection, _theirs: Connection, _: Popen[bytes]) -> bool:
    # Nobody else can be asked: which of the workers a connection is dealt to, the kernel decides.
    return words.poll()

"""The sockets clients connect to. They outlive the workers: while one starts again, clients wait, and don't fail."""

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lrs.local.problem import CannotStart

_BACKLOG = 2048


@contextmanager
def listen(host: str, port: int, workers: int = 1) -> Iterator[list[socket.socket]]:
    """Listen on an address, with a socket for each worker. Raises CannotStart.

    Of several processes that accept from one socket, whoever is called first takes nearly all connections, and with
    them the work. Linux deals connections out to the sockets of one address (SO_REUSEPORT, socket(7)); other systems
    don't, and workers have one in common there.
    """
    with ExitStack() as listening:
        first = listening.enter_context(_bound(host, port))
        if workers == 1 or sys.platform != "linux":
            yield [first] * workers
            return
        # Shared only now that the address is ours: else another program of this account would be let in on it as well.
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port = first.getsockname()[1]
        yield [first, *(listening.enter_context(_bound(host, port, shared=True)) for _ in range(workers - 1))]


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # All addresses of IPv6 (::) are to be those of IPv4 as well, where the system can.
        both = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(
            address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both, reuse_port=shared
        )
    except UnicodeError:  # of IDNA: no label, or too long a one
        raise CannotStart(f"can't listen on {host}: LRS_HOST is no address, and no name of a host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {port} on {host} is in use: stop what uses it, or choose another with LRS_PORT"
            ) from None
        raise CannotStart(f"can't listen on {host}, port {port}: {error.strerror}") from None

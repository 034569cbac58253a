"""The socket clients connect to. It outlives the workers: while one starts again, clients wait, and don't fail."""

import errno
import socket

from lrs.local.problem import CannotStart

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address. Raises CannotStart."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # All addresses of IPv6 (::) are to be those of IPv4 as well, where the system can.
        both = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except UnicodeError:  # of IDNA: no label, or too long a one
        raise CannotStart(f"can't listen on {host}: LRS_HOST is no address, and no name of a host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {port} on {host} is in use: stop what uses it, or choose another with LRS_PORT"
            ) from None
        raise CannotStart(f"can't listen on {host}, port {port}: {error.strerror}") from None

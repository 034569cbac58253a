"""Where clients connect."""

import select
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from lrs.local.listener import listen
from lrs.local.problem import CannotStart


@pytest.mark.parametrize("host", ["..", f"{'a' * 64}.example"])
def test_a_host_that_can_be_none_is_told(host: str) -> None:
    with pytest.raises(CannotStart, match="LRS_HOST is no address"), listen(host, 0):
        pass


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_all_addresses_are_those_of_both_versions_of_ip() -> None:
    with listen("::", 0, workers=2) as listeners:
        for address in ("127.0.0.1", "::1"):
            socket.create_connection((address, listeners[0].getsockname()[1])).close()


def test_one_worker_has_the_address_for_itself() -> None:
    with listen("127.0.0.1", 0) as (listener,):
        assert not listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)


@pytest.mark.skipif(sys.platform != "linux", reason="workers share one socket")
def test_connections_are_dealt_out_to_workers() -> None:
    with listen("127.0.0.1", 0, workers=3) as listeners, ExitStack() as connections:
        addresses = {listener.getsockname() for listener in listeners}
        assert len(addresses) == 1
        for _ in range(100):  # that one of three gets none: once in 10^17
            connections.enter_context(socket.create_connection(*addresses))
        waiting, _, _ = select.select(listeners, [], [], 0)
        assert waiting == listeners


@pytest.mark.parametrize("others", [1, 2])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_address_in_use_is_refused(workers: int, others: int) -> None:
    with listen("127.0.0.1", 0, workers=others) as listeners:
        port = listeners[0].getsockname()[1]
        with (
            pytest.raises(CannotStart, match=f"port {port} on 127.0.0.1 is in use"),
            listen("127.0.0.1", port, workers),
        ):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="workers share one socket")
def test_of_two_that_start_at_once_one_gets_the_address() -> None:
    """Whoever comes in between the sockets of one that starts is refused: these are bound one after the other."""
    address = "127.83.0.1"  # where nobody else listens on a port that the system chooses
    with socket.create_server((address, 0)) as found:
        port = found.getsockname()[1]
    barrier = threading.Barrier(2)

    def start() -> bool:
        barrier.wait(30)
        try:
            with listen(address, port, workers=4):
                barrier.wait(30)
        except CannotStart:
            barrier.wait(30)
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        for _ in range(50):
            started = [both.submit(start) for _ in range(2)]
            assert sum(one.result(30) for one in started) == 1

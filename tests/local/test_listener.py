"""Where clients connect."""

import socket

import pytest

from lrs.local.listener import listen
from lrs.local.problem import CannotStart


@pytest.mark.parametrize("host", ["..", f"{'a' * 64}.example"])
def test_a_host_that_can_be_none_is_told(host: str) -> None:
    with pytest.raises(CannotStart, match="LRS_HOST is no address"):
        listen(host, 0)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_all_addresses_are_those_of_both_versions_of_ip() -> None:
    with listen("::", 0) as listener:
        for address in ("127.0.0.1", "::1"):
            socket.create_connection((address, listener.getsockname()[1])).close()

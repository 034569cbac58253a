"""How the server reads HTTP: uvicorn's way, with limits on what comes before anybody is asked who it is."""

from lrs.protocol.protocol import LARGEST_HEAD, LARGEST_TARGET, MOST_WAITING, Protocol
from lrs.protocol.room import make_room

__all__ = ["LARGEST_HEAD", "LARGEST_TARGET", "MOST_WAITING", "Protocol", "make_room"]

"""What the tables of a projection are made from."""

from collections.abc import Iterable
from typing import NamedTuple

from projections.replay import Configuration
from schemas.message import Message


class Place(NamedTuple):
    """All of the log up to ``position``, and policy and vocabulary up to ``meaning``, by a version of the fold."""

    position: int
    version: int
    meaning: int
    swaps: int = 0
    """How often a rebuild has taken the tables' place."""


def configuration_at(changes: Iterable[Message], place: Place) -> Configuration:
    """Give the configuration that tables at a place are made under, from all changes up to there."""
    counting = [one for one in changes if one.kind != "organisation" or one.position <= place.position]
    return Configuration.shipped().after(counting, meaning=place.meaning)


def rebuild_lock(schema: str, projection: str) -> str:
    """Give what the advisory lock of a rebuild is named after."""
    return f"rebuild {schema} {projection}"

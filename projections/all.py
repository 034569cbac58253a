"""Every projection there is."""

from importlib import import_module
from typing import Any, Final

from projections import meaning
from projections.projection import Projection

_MEANINGS: Final = 1_000
NAMES: Final = ("follow_up", "streaks", "manager_visibility", "unknown_verbs")


def projection_named(name: str) -> Projection[Any]:
    """Give a projection; its version is that of its fold and of what statements mean, in one.

    Raises KeyError if there is none of that name.
    """
    if name not in NAMES:
        raise KeyError(f"there is no projection {name}: there are {', '.join(NAMES)}")
    found: Projection[Any] = import_module(f"projections.{name}").PROJECTION
    # One number that only grows, so that in a rolling upgrade the older program knows whose turn it is.
    return found._replace(version=found.version * _MEANINGS + meaning.VERSION)

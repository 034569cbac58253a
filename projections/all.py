"""Every projection there is."""

from importlib import import_module
from typing import Any, Final

from projections.projection import Projection

NAMES: Final = ("follow_up", "streaks", "manager_visibility", "unknown_verbs")


def projection_named(name: str) -> Projection[Any]:
    """Give a projection. Raises KeyError if there is none of that name."""
    if name not in NAMES:
        raise KeyError(f"there is no projection {name}: there are {', '.join(NAMES)}")
    found: Projection[Any] = import_module(f"projections.{name}").PROJECTION
    return found

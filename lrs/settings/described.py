"""What people are told about the settings."""

from collections.abc import Iterator
from typing import NamedTuple

from lrs.settings.settings import FIELDS, HINTS

PREFIX = "LRS_"
CONFIG = "LRS_CONFIG"


class Described(NamedTuple):
    """One setting, as people are told about it."""

    variable: str
    default: str
    help: str


def described() -> Iterator[Described]:
    """List all settings, in the order of importance; CONFIG first, which says where the others may stand."""
    yield Described(CONFIG, "", "TOML file with settings, named without LRS_ in lower case; the environment wins")
    for name, field in FIELDS.items():
        default = field.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        yield Described(variable(name), shown.lower(), HINTS[name].__metadata__[0].description)


def variable(name: str) -> str:
    """Give the environment variable of a setting."""
    return PREFIX + name.upper()

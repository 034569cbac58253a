"""The registry behind the settings, and as whom commands change what is in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from lrs.credential import Registry
from lrs.migrated import require_migrated
from lrs.settings import load

BY = "command line"
"""Who did it, for the record. Not the account's name: the record is for ever and that may be a person's."""


@contextmanager
def opened_registry() -> Iterator[Registry]:
    """Open the registry of the database that the settings name. Raises NotMigrated."""
    settings = load()
    require_migrated(settings.database())
    registry = Registry(settings.database(), settings.master(), settings.base_url())
    try:
        yield registry
    finally:
        registry.close()

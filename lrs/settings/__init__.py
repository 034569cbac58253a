"""The settings: one documented list, from the environment and an optional TOML file."""

from lrs.settings.described import CONFIG, PREFIX, Described, described, variable
from lrs.settings.error import SettingsError
from lrs.settings.nats import nats_options
from lrs.settings.settings import Settings
from lrs.settings.sources import RUNNING, debugging, load

__all__ = [
    "CONFIG",
    "PREFIX",
    "RUNNING",
    "Described",
    "Settings",
    "SettingsError",
    "debugging",
    "described",
    "load",
    "nats_options",
    "variable",
]

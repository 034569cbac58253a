"""What is said of a setting that is wrong."""

from lrs.errors import Told


class SettingsError(Told):
    """A setting is wrong or missing; the message is one line that names it."""

"""Why something about credentials can't be done. Each message is one line for the person who asked."""

from lrs.errors import Refused


class Revoked(Refused):
    """The credential was revoked, which can't be undone."""


class Expired(Refused):
    """The credential's time is over, which can't be undone."""

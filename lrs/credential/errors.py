"""Why something about stores or credentials can't be done. Each message is one line for the person who asked."""

from lrs.errors import Refused


class Malformed(Refused):
    """A name, scope, authority or moment isn't what it should be."""


class NotFound(Refused):
    """There is no such store or credential."""


class Taken(Refused):
    """The name or key is in use already."""


class Revoked(Refused):
    """The credential was revoked, which can't be undone."""


class Expired(Refused):
    """The credential's time is over, which can't be undone."""


class ChangedMeanwhile(Refused):
    """Somebody else changed the same credential at the same moment."""

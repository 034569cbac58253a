"""What keeps the local servers from starting."""

from lrs.errors import Told


class CannotStart(Told):
    """A local server can't start; the message is one line for the person at the terminal."""

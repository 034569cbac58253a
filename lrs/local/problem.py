"""What keeps the local servers from starting."""


class CannotStart(Exception):
    """A local server can't start; the message is one line for the person at the terminal."""

"""Who looks."""

from typing import Final, Literal

from msgspec import Struct


class Reader(Struct, frozen=True):
    """A person who signed in, a program with a credential, or somebody at the command line."""

    kind: Literal["person", "program", "command line"]
    name: str
    """Of a person as the sign-in gives it, of a program the label of its credential."""
    identity: str | None = None
    """The xAPI identifier of a person, if they have one."""

    @property
    def key(self) -> str:
        """What tells readers apart."""
        return self.identity or self.name


COMMAND_LINE: Final = Reader("command line", "command line")
"""Whoever may run commands beside the database. Not the account's name: that may be a person's."""

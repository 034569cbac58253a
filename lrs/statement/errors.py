"""What is said of a statement that isn't one."""

from lrs.errors import SHOWN, shown


class Invalid(ValueError):
    """A statement breaks a rule: where (a path such as ``statements[3].result.duration``), and what would be right.

    Checks raise it with the last part of the path only; each parent adds its own part on the way up, so that no path
    is put together for a statement that is fine.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason

    def within(self, part: str) -> None:
        """Put one more part in front of the path."""
        if not self.path:
            self.path = part
        elif self.path.startswith("["):
            self.path = part + self.path
        else:
            self.path = f"{part}.{self.path}"


class TooMuch(Invalid):
    """What it says is right, but there is more of it than this server takes."""


def step_to(name: str) -> str:
    """Give what a property adds to a path."""
    return f".{name}" if name.isidentifier() and len(name) < SHOWN else f"[{shown(name)}]"

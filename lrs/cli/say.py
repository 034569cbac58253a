"""What is told the person at the terminal of programs that run."""

import sys
from contextlib import suppress


def say(line: str) -> None:
    """Tell the person at the terminal of what runs."""
    with suppress(OSError):  # who read it is gone, or the disk is full: what runs goes on
        print(f"lrs: {line}", file=sys.stderr, flush=True)

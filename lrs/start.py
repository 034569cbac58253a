"""The very start of a program, and its very end. Imports next to nothing: Ctrl-C may come while the rest is loaded."""

import os
import sys
from importlib import import_module

_STOPPED = 130
"""What shells say of who was ended by Ctrl-C."""


def lrs() -> None:
    """Run `lrs`."""
    run("lrs.cli.main")


def run(module: str) -> None:
    """Import a module, and run its ``main``."""
    _open_streams()
    try:
        import_module(module).main()
    except KeyboardInterrupt:
        sys.exit(_STOPPED)


def _open_streams() -> None:
    """Open standard streams that we were started without, in the programs that we start, too: nobody reads them."""
    # Else files and connections would get their numbers, and what others write there.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)

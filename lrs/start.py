"""The very start of a program, and its very end. Imports next to nothing: Ctrl-C may come while the rest is loaded."""

import gc
import os
import signal
import sys
from importlib import import_module

_COULD_NOT_RUN = 2
_STOPPED = 130
"""What shells say of who was ended by Ctrl-C."""
_TERMINATED = 128 + signal.SIGTERM
"""Likewise by SIGTERM."""


def lrs() -> None:
    """Run `lrs`."""
    run("lrs.cli.main")


def program(module: str, *arguments: str) -> list[str]:
    """Give what runs a module of ours: the installed one, whatever lies in the folder we were started in."""
    return [sys.executable, "-P", "-m", module, *arguments]


def run(module: str) -> None:
    """Import a module, and run its ``main``."""
    _open_streams()
    if os.getpid() == 1:
        # In a container of its own: the kernel keeps from process 1 what it has no handler for.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    # The default pace is meant for small programs: the collector would go through all that is loaded again and again.
    gc.set_threshold(20_000, 50, 1_000)
    try:
        import_module(module).main()
    except KeyboardInterrupt:
        sys.exit(_STOPPED)
    finally:
        _flush()
        gc.freeze()  # else a last collection goes through all of it, though the process ends anyway


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


def _flush() -> None:
    """Write what is printed but not yet written; the interpreter would show the inside of itself if it can't."""
    ended = sys.exception()
    try:
        sys.stdout.flush()
    except OSError as error:
        # What is left goes nowhere, so that the interpreter doesn't try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        told = isinstance(ended, SystemExit) and ended.code == _COULD_NOT_RUN
        if not told and not isinstance(error, BrokenPipeError):  # who reads no more wants to know nothing
            print(f"lrs: can't write to standard output: {error.strerror}", file=sys.stderr)
            sys.exit(_COULD_NOT_RUN)

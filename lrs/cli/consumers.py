"""Hands over to the program ``consumers``, which `lrs` doesn't import: it takes our place."""

import os
import sys
from collections.abc import Sequence

from lrs.start import program

COMMAND = program("consumers")
PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
"""Settings of a command whose arguments, --help among them, are none of our business."""


def become(*arguments: str | Sequence[str]) -> None:
    """Run it with these arguments in this process; never returns."""
    words = [word for one in arguments for word in ([one] if isinstance(one, str) else one)]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(COMMAND[0], [*COMMAND, *words])  # noqa: S606  # no shell wanted

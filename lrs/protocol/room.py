"""How many connections a process may have: each is an open file, and answering takes some as well."""

import resource
from contextlib import suppress
from typing import Final

_WANTED: Final = 65_536
"""Open files. What a process starts with, often 256 or 1,024, is meant for programs that know no better."""
_MACOS: Final = 10_240
"""OPEN_MAX of macOS, where setrlimit refuses more, though no limit is set."""
_RESERVED: Final = 512
"""For connections to the database, of which there are no more, and files."""


def make_room() -> int:
    """Raise the limit of open files as far as it goes without rights; give how many connections there is room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (_WANTED, _MACOS):
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                soft = wanted
    open_files = _WANTED if soft == resource.RLIM_INFINITY else soft
    return open_files - min(_RESERVED, open_files // 2)

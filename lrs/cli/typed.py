"""What to type at a terminal: our own command, as whoever reads it can run it."""

import os
import shlex
import shutil
import sysconfig
from pathlib import Path

_NAME = "lrs"
_DATA = "LRS_DATA"


def typed(*arguments: str) -> str:
    """Give the line that runs this command of ours in another terminal, in the same folder and on the same data."""
    line = shlex.join([_program(), *arguments])
    data = os.environ.get(_DATA)
    return f"{_DATA}={shlex.quote(data)} {line}" if data else line


def _program() -> str:
    own, found = Path(sysconfig.get_path("scripts"), _NAME), shutil.which(_NAME)
    if not own.exists() or (found and own.samefile(found)):
        return _NAME
    folder = Path.cwd()
    # From the folder that it is in, its name alone would be looked for on PATH.
    return str(own.relative_to(folder) if folder in own.parent.parents else own)

"""Draws in place of the library: a word is its own drawing, and one hangs. It is by itself, to be loaded in no time."""

import json
import os
import threading
from pathlib import Path


def draw(specification: str) -> str:
    """Give the specification's word; hang if it names a file, once that says which process does."""
    given = json.loads(specification)
    if "hangs" in given:
        Path(given["hangs"]).write_text(str(os.getpid()))
        threading.Event().wait()
    return str(given["word"])

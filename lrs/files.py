"""Files that are written all at once, or for ourselves alone."""

import os
from pathlib import Path
from typing import BinaryIO

_OURS = 0o600
_ANYBODY_S = 0o666  # less the umask


def open_private(path: Path) -> BinaryIO:
    """Open a file to write; one that isn't there yet is made for our account alone. Raises OSError."""
    return _opened(path, _OURS)


def write_durably(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file: after a crash it holds what it held before or the new text, which is on disk when this returns.

    Raises OSError.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _opened(draft, _OURS if private else _ANYBODY_S) as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _opened(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb")

"""Files that are written all at once, or for ourselves alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from lrs.errors import Malformed

_OURS = 0o600
_ANYBODY_S = 0o666  # less the umask


def open_private(path: Path) -> BinaryIO:
    """Open a file to write; one that isn't there yet is made for our account alone. Raises OSError."""
    return _opened(path, _OURS)


@contextmanager
def drafted(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, for our account alone, that takes the place of the one at the path when all is written.

    What was there before stays if anything is raised meanwhile; a link stays one. What is no file (a pipe, a terminal)
    is written to as it is. Raises Malformed if it can't be written.
    """
    try:
        target = path.resolve()
        if target.is_dir():
            raise Malformed(f"{path} is a folder: give a file's name")
        with open_private(target) if target.exists() and not target.is_file() else _replacing(target, _OURS) as file:
            yield file
    except OSError as error:
        raise Malformed(f"{path} can't be written: {error.strerror or error}") from None


def write_durably(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file: after a crash it holds what it held before or the new text, which is on disk when this returns.

    Raises OSError.
    """
    with _replacing(path, _OURS if private else _ANYBODY_S) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    # Of a name of its own, which nobody can have put there before, and no longer than any may be.
    draft = path.with_name(f".{path.name[:50]}.{token_hex(4)}")
    try:
        with _opened(draft, mode, os.O_EXCL) as file:
            yield file
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _opened(path: Path, mode: int, also: int = 0) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | also, mode), "wb")

"""Folders and files that only we, or the account of our servers, may read."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrs.local.account import Account
from lrs.local.problem import CannotStart


def private_folder(path: Path, account: Account | None = None) -> None:
    """Make a folder for its owner alone, or refuse one that is somebody else's (its name may be guessable)."""
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    owner = account.uid if account else os.geteuid()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), owner}:
        raise CannotStart(f"{path} belongs to somebody else: move it away")
    path.chmod(0o700)
    if account:
        account.own(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the data folder if need be and hold it for this process; the lock ends with the process, however it ends.

    Raises CannotStart, also of what can't be done with a file in the folder meanwhile.
    """
    try:
        # Others may pass: servers run as another account when we are root. What is inside is closed to them.
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        file = (folder / "lock").open("a+", encoding="ascii")
    except FileExistsError:
        raise CannotStart(f"{folder} is no folder: name one with LRS_DATA") from None
    except OSError as error:
        raise CannotStart(
            f"the data folder {folder} can't be used: {error.strerror} (LRS_DATA names another)"
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            # None yet, if it began just now.
            process = f" (process {number})" if (number := file.read().strip()) else ""
            raise CannotStart(
                f"`lrs up` is running on {folder} already{process}: stop that one, or name another folder with LRS_DATA"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        except OSError as error:
            if not isinstance(error.filename, str | Path) or not Path(error.filename).is_relative_to(folder):
                raise
            raise CannotStart(f"{error.filename} can't be used: {error.strerror}") from error

"""The account a server runs as when we are root: Postgres refuses root, and no server needs it."""

import os
import pwd
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self

from lrs.local.problem import CannotStart

_CANDIDATES = ("postgres", "nobody")
# Capabilities that let a process pass folders closed to its account, the weaker first (capabilities(7)).
_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE = 2, 1


class Account(NamedTuple):
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_servers(cls, folder: Path) -> Self | None:
        """Give the account that servers with their data in this folder run as; None: our own."""
        if os.geteuid() != 0:
            return None
        owner = folder.stat().st_uid if folder.exists() else 0
        if owner != 0:
            try:
                return cls._of(pwd.getpwuid(owner))
            except KeyError:
                raise CannotStart(
                    f"{folder} belongs to user id {owner}, and there is no such account here: "
                    "make one of that id, or give the folder and all in it to another"
                ) from None
        for name in _CANDIDATES:
            try:
                return cls._of(pwd.getpwnam(name))
            except KeyError:
                continue
        names = " or ".join(_CANDIDATES)
        raise CannotStart(f"Postgres does not run as root, and there is no account {names} to run it as")

    @classmethod
    def _of(cls, entry: pwd.struct_passwd) -> Self:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def own(self, folder: Path) -> None:
        """Give a folder of ours to the account."""
        os.chown(folder, self.uid, self.gid)

    def capability_to_reach(self, paths: Iterable[Path]) -> int | None:
        """Say which capability the account needs to reach all paths, None if none; raises CannotStart if we lack it.

        A capability instead of opening folders or copying programs: nothing on disk changes, and it ends with the
        process.
        """
        closed = next((path for path in paths if not self._reaches(path)), None)
        if closed is None:
            return None
        held = _held_capabilities()
        for capability in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
            if held >> capability & 1:
                return capability
        raise CannotStart(
            f"started by root, Postgres runs as {self.name}, who may not enter {closed}: "
            "run this as an ordinary user, or put it and LRS_DATA below folders that others may enter"
        )

    def _reaches(self, path: Path) -> bool:
        entered = all(self._may(folder, 0o1) for folder in path.resolve().parents)
        return entered and self._may(path, 0o1 if path.is_dir() else 0o4)

    def _may(self, path: Path, bit: int) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & bit << 6)
        if status.st_gid == self.gid:
            return bool(status.st_mode & bit << 3)
        return bool(status.st_mode & bit)


def _held_capabilities() -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:  # not Linux
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")), 0)

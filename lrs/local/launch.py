"""Becomes another program that ends when its parent ends, as another account if asked. Standard library only.

    python launch.py PARENT SIGNAL UID:GID|- CAPABILITY|- PROGRAM [ARGUMENT …]

A script of its own because what it does must happen between fork and exec, where a process with threads may not run
Python.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 4
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_LINUX_CAPABILITY_VERSION_3 = 0x20080522


def end_with(parent: int, signal_number: int) -> None:
    """Ask the kernel to send us a signal when the parent ends (Linux, prctl(2); elsewhere the next start cleans up)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def become(uid: int, gid: int, capability: int | None) -> None:
    """Give up root for an account, keeping at most one capability across exec (capabilities(7), ambient set)."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(gid)
    if capability is not None:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        # Else access(2) would leave the capability out for whoever isn't root; Postgres asks it about its own programs.
        # Where the kernel refuses this, only that is lost. No more is kept by it: what is comes from capset below.
        libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setuid(uid)
    if capability is None:
        return
    low, high = (1 << capability) & 0xFFFFFFFF, (1 << capability) >> 32
    header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)  # effective, permitted, inheritable; low words first
    if libc.capset(header, sets) or libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0):
        raise OSError(ctypes.get_errno(), "could not keep the capability to enter the folder")


def main(arguments: list[str]) -> None:
    """Do as the arguments say; never returns."""
    parent, signal_number, account, capability, *command = arguments
    if account != "-":
        uid, gid = account.split(":")
        become(int(uid), int(gid), None if capability == "-" else int(capability))
    end_with(int(parent), int(signal_number))  # after becoming: a change of user clears it
    os.execvp(command[0], command)  # noqa: S606  # no shell wanted


if __name__ == "__main__":
    main(sys.argv[1:])

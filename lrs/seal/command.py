"""The master key from a command, such as the client of a key management service."""

import shlex
import subprocess
from functools import cache
from typing import Final

PATIENCE: Final = 30.0
"""Seconds the command gets."""
_LONGEST: Final = 4_096
"""Bytes; more is no key but, say, a page of help."""
_WORDS: Final = 200
"""Characters shown of what the command says was wrong."""


@cache
def output_of(command: str) -> str:
    """Run a command, once in this process, and give what it prints; ValueError says what went wrong, in one line.

    No shell reads it: it is split into words as a shell would do. What it prints is never shown; what it says on stderr
    is, when it fails.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"it can't be split into words: {error}") from None
    if not words:
        raise ValueError("there is no command in it")
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise ValueError(f"{words[0]} did not end within {PATIENCE:.0f} seconds") from None
    except OSError as error:
        raise ValueError(f"{words[0]} can't be run: {error.strerror}") from None
    if done.returncode:
        raise ValueError(f"{words[0]} ended with {done.returncode}{_said(done.stderr)}")
    if len(done.stdout) > _LONGEST:
        raise ValueError(f"{words[0]} printed {len(done.stdout):,} bytes: {_WANTED}")
    try:
        return done.stdout.decode("ascii")
    except UnicodeDecodeError:
        raise ValueError(f"{words[0]} did not print text: {_WANTED}") from None


_WANTED = "print the key alone, as 64 hex digits or as base64"


def _said(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {''.join(one for one in last if one.isprintable())[:_WORDS]}" if last else ""

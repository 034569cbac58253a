"""A policy from a file."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from lrs.errors import Told
from schemas.policy import Policy


class BadPolicy(Told):
    """What was given is no policy; the message says where and why."""


def read_policy(file: str) -> Policy:
    """Give the policy in a JSON or TOML file, ``-`` for JSON on standard input; what it leaves out is as shipped."""
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        said = tomllib.loads(text.decode()) if file.endswith(".toml") else msgspec.json.decode(text)
        policy = msgspec.convert(said, Policy)
    except OSError as error:
        raise BadPolicy(f"{file} can't be read: {error.strerror}") from None
    except (ValueError, msgspec.MsgspecError) as error:
        raise BadPolicy(f"{file} is no policy: {error}") from None
    for path in _unknown(said, msgspec.to_builtins(policy), "$"):
        raise BadPolicy(f"{file} is no policy: there is nothing called {path}")
    return policy


def _unknown(said: Any, known: Any, path: str) -> list[str]:
    """Give where something is said that a policy doesn't know: a typing error would otherwise go unnoticed."""
    if isinstance(said, dict) and isinstance(known, dict):
        return [
            found
            for name, value in said.items()
            for found in (_unknown(value, known[name], f"{path}.{name}") if name in known else [f"{path}.{name}"])
        ]
    if isinstance(said, list) and isinstance(known, list):
        return [
            found
            for number, (one, other) in enumerate(zip(said, known, strict=True))
            for found in _unknown(one, other, f"{path}[{number}]")
        ]
    return []

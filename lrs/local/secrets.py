"""What a local server keeps for itself between starts: its master key and its first credential."""

import json
import secrets
import tomllib
from pathlib import Path
from typing import NamedTuple

from lrs.files import write_durably
from lrs.local.problem import CannotStart
from lrs.seal.master import KEY_BYTES

MASTER_KEY = "master.key"
"""Name of the local master key's file in the data folder."""
_UNTOLD = "master.key.untold"
"""Beside it until somebody was told to keep a copy of it."""


class Credential(NamedTuple):
    """A key and its secret; None if the secret isn't known here."""

    key: str
    secret: str | None


def master_key_file(folder: Path) -> Path:
    """Give the file of the local master key, made when the folder is new."""
    path = folder / MASTER_KEY
    if not path.exists():
        if (folder / "postgres" / "PG_VERSION").exists():
            raise CannotStart(f"{path} is missing: without the key they were written with, the data can't be read")
        write_durably(folder / _UNTOLD, "", private=True)
        write_durably(path, secrets.token_hex(KEY_BYTES) + "\n", private=True)
    return path


def is_untold(folder: Path) -> bool:
    """Whether nobody was told of the local master key yet, though it was made."""
    return (folder / _UNTOLD).exists()


def told(folder: Path) -> None:
    """Note that somebody was told of it."""
    (folder / _UNTOLD).unlink(missing_ok=True)


def kept_credential(folder: Path) -> Credential | None:
    """Give the credential kept for showing it at each start, if there is one."""
    try:
        kept = tomllib.loads((folder / "credential").read_text(encoding="utf-8"))
        return Credential(kept["key"], kept["secret"])
    except (OSError, ValueError, KeyError):
        return None


def keep_credential(folder: Path, credential: Credential) -> None:
    """Keep a credential that was made up here, for this machine alone."""
    write_durably(folder / "credential", as_toml(credential._asdict()), private=True)


def as_toml(values: dict[str, str]) -> str:
    """Write texts as TOML: its basic strings are JSON's."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())

"""Where settings come from: the environment, an optional TOML file, and a running `lrs up`."""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lrs.settings.described import CONFIG, PREFIX, variable
from lrs.settings.error import SettingsError
from lrs.settings.settings import FIELDS, MASTER, Settings
from lrs.settings.value import converted

RUNNING = Path("run") / "servers.toml"
"""Where, below the data folder, `lrs up` leaves the settings that reach its servers."""


def load(environment: Mapping[str, str] = os.environ, *, running: bool = True) -> Settings:
    """Read the settings: the environment over the file of LRS_CONFIG over the servers of a running `lrs up`, if wanted.

    Raises SettingsError at the first that is wrong.
    """
    file = environment.get(CONFIG)
    given = dict(_from_file(Path(file))) if file else {}
    given = _over(given, dict(_from_environment(environment)))
    settings = Settings(**given)
    if settings.secret and not settings.key:
        raise SettingsError("LRS_SECRET is given without LRS_KEY: set both, or neither")
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise SettingsError("LRS_OIDC_CLIENT_ID must be set with LRS_OIDC_ISSUER: our client id at the provider")
    if settings.public_url:
        from lrs.statement.formats import iri  # much to load, and few commands are given one

        if not iri(settings.public_url):  # it becomes part of the authority of statements
            raise SettingsError(
                f"LRS_PUBLIC_URL: expected a URL such as https://lrs.example.org, not {settings.public_url!r}"
            )
    servers = settings.data / RUNNING
    if running and not settings.database_url and _exists(servers):
        return Settings(**_over(dict(_from_file(servers)), given))
    return settings


def _over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the lower source says where the upper says nothing; where the master key is counts as one thing."""
    passed_over = MASTER if any(upper.get(name) for name in MASTER) else ()
    return {**{name: value for name, value in lower.items() if name not in passed_over}, **upper}


def _exists(servers: Path) -> bool:
    try:
        return servers.exists()
    except OSError as error:  # too long a name, or a folder that is closed to us
        raise SettingsError(f"LRS_DATA: {servers.parent.parent} can't be looked into: {error.strerror}") from None


def debugging() -> bool:
    """Whether errors are to show where in the program they arose. Settings that can't be read don't say so."""
    try:
        return load(running=False).debug
    except SettingsError:
        return False


def _from_file(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the settings file {path} can't be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"the settings file {path} is not TOML: {error}") from None
    for name, value in values.items():
        if name not in FIELDS:
            raise SettingsError(f"{name} in {path} is no setting{_nearest(name, FIELDS)}")
        yield name, converted(name, value, f"{name} in {path}")


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    names = {variable(name): name for name in FIELDS}
    for key, text in environment.items():
        if not key.startswith(PREFIX) or key == CONFIG:
            continue
        if key not in names:
            raise SettingsError(f"{key} is no setting{_nearest(key, [*names, CONFIG])}")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise SettingsError(f"{key}: expected text in UTF-8") from None
        if text:
            yield names[key], converted(names[key], text, key)


def _nearest(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), n=1, cutoff=0.75)
    return f": did you mean {close[0]}?" if close else "; `lrs settings` lists them"

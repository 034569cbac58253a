"""What must be there before the first request: tables, a store, its index, a credential."""

import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from lrs.cli.display import Display
from lrs.credential import Registry
from lrs.credential.first import First, ensure_first_credential, ensure_store
from lrs.credential.registry import Keep
from lrs.credential.secret import Secret
from lrs.errors import Malformed, Refused, Taken
from lrs.index.rebuild import renew
from lrs.index.version import VERSION, stale
from lrs.local.secrets import Credential, keep_credential, kept_credential
from lrs.log.connect import connect
from lrs.settings import Settings, SettingsError
from lrs.store.migrate import create_store, migrate
from lrs.store.opens import require_key


def make_tables(settings: Settings) -> list[str]:
    """Bring the database up to date, the default store included; gives what was done.

    Needs no master key; one that is set must open what is stored. Raises WrongMasterKey.
    """
    if settings.has_master:
        require_key(settings.database(), settings.master())
    applied = migrate(settings.database())
    if create_store(settings.database(), settings.store):
        applied.append(f"store {settings.store}")
    ensure_store(settings.database(), settings.store)
    return applied


def renew_indexes(settings: Settings, pause: Callable[[], None] = lambda: None) -> list[str]:
    """Rebuild every statement index that another version made; gives what was done.

    ``pause`` is called now and then; if it raises, the index that is at work stays as it was. Raises Refused.
    """
    url = settings.database()
    with connect(url, "migrate") as connection:
        schemas = stale(connection)
    if schemas and not settings.has_master:
        raise Refused(
            f"the statement index of {schemas[0]} was made by another version, and to rebuild it takes the master key: "
            "set LRS_MASTER_KEY, LRS_MASTER_KEY_FILE or LRS_MASTER_KEY_COMMAND"
        )
    for schema in schemas:
        print(
            f"lrs: the statement index of {schema} was made by another version: it is rebuilt first, which takes "
            "minutes for a million statements",
            file=sys.stderr,
            flush=True,
        )
        with Display(f"Rebuilding the index of {schema}") as display:

            def show(position: int, head: int, display: Display = display) -> None:
                pause()
                display.show_position(position, head)

            renew(url, schema, settings.master(), show)
    return [f"{schema}: statement index, version {VERSION}" for schema in schemas]


def given_credential(settings: Settings) -> list[str]:
    """See to it that the credential of the settings works, if one is given; gives what was done."""
    if not settings.key:
        return []
    with closing(_registry(settings)) as registry:
        first = _first(registry, settings)
    _tell_unheeded(first)
    return [f"credential {first.credential.key}: {first.done}"] if first.done else []


def local_credential(settings: Settings, folder: Path) -> Credential:
    """Give a credential that works, to show at each start: the given one, else one that is made up and kept."""
    with closing(_registry(settings)) as registry:
        kept = kept_credential(folder)
        if kept and not settings.secret and settings.key in {"", kept.key} and _works(registry, kept):
            return kept
        keep = partial(_keep, folder)
        first = _first(registry, settings, None if settings.secret else keep)
        _tell_unheeded(first)
        if first.credential.status != "active":
            if kept and _works(registry, kept):
                return kept
            first = ensure_first_credential(registry, settings.store, keep=keep)
        return Credential(first.credential.key, first.secret.reveal() if first.secret else None)


def _tell_unheeded(first: First) -> None:
    if first.unheeded:
        print(
            f"lrs: the credential with key {first.credential.key} {first.unheeded}: LRS_KEY and LRS_SECRET change "
            "nothing about that",
            file=sys.stderr,
            flush=True,
        )


def _registry(settings: Settings) -> Registry:
    return Registry(settings.database(), settings.master(), settings.base_url())


def _keep(folder: Path, key: str, secret: Secret) -> None:
    keep_credential(folder, Credential(key, secret.reveal()))


def _first(registry: Registry, settings: Settings, keep: Keep | None = None) -> First:
    try:
        return ensure_first_credential(
            registry, settings.store, key=settings.key or None, secret=settings.secret or None, keep=keep
        )
    except (Malformed, Taken) as error:
        raise SettingsError(f"LRS_KEY and LRS_SECRET: {error}") from None


def _works(registry: Registry, kept: Credential) -> bool:
    """Tell whether a kept credential is still what it was: it may have been revoked or given another secret."""
    found = registry.find(kept.key)
    return (
        found is not None
        and found.status == "active"
        and kept.secret is not None
        and registry.has_secret(kept.key, Secret(kept.secret))
    )

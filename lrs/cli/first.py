"""What must be there before the first request: tables, a store, a credential."""

from contextlib import closing, suppress
from pathlib import Path

from lrs.credential import NotMigrated, Registry
from lrs.credential.first import First, ensure_first_credential
from lrs.credential.secret import Secret
from lrs.local.secrets import Credential, keep_credential, kept_credential
from lrs.settings import Settings
from lrs.store.key_rotation import require_opens
from lrs.store.migrate import create_store, migrate


def make_tables(settings: Settings) -> list[str]:
    """Bring the database up to date, the default store included; gives what was done.

    Needs no master key; one that is set must open what is stored. Raises WrongMasterKey.
    """
    if settings.has_master:
        with suppress(NotMigrated):
            require_opens(settings.database(), settings.master())
    applied = migrate(settings.database())
    if create_store(settings.database(), settings.store):
        applied.append(f"store {settings.store}")
    return applied


def given_credential(settings: Settings) -> list[str]:
    """See to it that the credential of the settings works, if one is given; gives what was done."""
    if not settings.key:
        return []
    with closing(_registry(settings)) as registry:
        first = _first(registry, settings)
    return [f"credential {first.credential.key}: {first.done}"] if first.done else []


def local_credential(settings: Settings, folder: Path) -> Credential:
    """Give a credential that works, to show at each start: the given one, else one that is made up and kept."""
    with closing(_registry(settings)) as registry:
        kept = kept_credential(folder)
        if kept and not settings.secret and settings.key in {"", kept.key} and _works(registry, kept):
            return kept
        credential = _ensure(registry, settings)
        if credential.secret and not settings.secret:
            keep_credential(folder, credential)
        return credential


def _registry(settings: Settings) -> Registry:
    return Registry(settings.database(), settings.master(), settings.base_url())


def _ensure(registry: Registry, settings: Settings) -> Credential:
    first = _first(registry, settings)
    return Credential(first.credential.key, first.secret.reveal() if first.secret else None)


def _first(registry: Registry, settings: Settings) -> First:
    return ensure_first_credential(registry, settings.store, key=settings.key or None, secret=settings.secret or None)


def _works(registry: Registry, kept: Credential) -> bool:
    """Tell whether a kept credential is still what it was: it may have been revoked or given another secret."""
    found = registry.find(kept.key)
    return (
        found is not None
        and found.status == "active"
        and kept.secret is not None
        and registry.has_secret(kept.key, Secret(kept.secret))
    )

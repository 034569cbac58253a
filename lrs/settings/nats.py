"""How NATS is reached: turns the settings into what ``nats.connect`` takes."""

from pathlib import Path
from ssl import SSLContext, SSLError, create_default_context
from typing import Any
from urllib.parse import urlsplit

from lrs.settings.described import variable
from lrs.settings.error import SettingsError
from lrs.settings.settings import Settings

_SCHEMES = frozenset({"nats", "tls", "ws", "wss"})
_ENCRYPTED = ("tls://", "wss://")
_WAYS = ("nats_user", "nats_token", "nats_nkey_file", "nats_credentials_file")
"""How one says who one is, besides in the URL: by one of these."""


def nats_options(settings: Settings) -> dict[str, Any]:
    """Check the settings about NATS and give the arguments of ``nats.connect``. Raises SettingsError."""
    if not settings.nats_url:
        raise SettingsError(
            f"LRS_NATS_URL is not set, and no `lrs up` is running on the data folder {settings.data}: "
            "set one or start the other"
        )
    servers = [url.strip() for url in settings.nats_url.split(",") if url.strip()]
    if not servers or not all(map(_is_url, servers)):
        raise SettingsError("LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222")
    if settings.nats_password and not settings.nats_user:
        raise SettingsError("LRS_NATS_PASSWORD is set without LRS_NATS_USER: set that too")
    ways = [variable(name) for name in _WAYS if getattr(settings, name)]
    if len(ways) > 1:
        raise SettingsError(f"{' and '.join(ways)} are set: choose one way to say who we are at NATS")
    options = {
        "user": settings.nats_user,
        "password": settings.nats_password,
        "token": settings.nats_token,
        "nkeys_seed": _file(settings, "nats_nkey_file"),
        "user_credentials": _file(settings, "nats_credentials_file"),
        "tls": _tls(settings, servers),
    }
    return {"servers": servers, **{name: value for name, value in options.items() if value}}


def _tls(settings: Settings, servers: list[str]) -> SSLContext | None:
    trusted = _file(settings, "nats_ca_file")
    certificate = _file(settings, "nats_certificate_file")
    key = _file(settings, "nats_key_file")
    if not (trusted or certificate or key):
        return None
    if not all(url.startswith(_ENCRYPTED) for url in servers):
        raise SettingsError("certificates for NATS are set, but LRS_NATS_URL isn't encrypted: write tls://host:4222")
    if bool(certificate) != bool(key):
        raise SettingsError("LRS_NATS_CERTIFICATE_FILE and LRS_NATS_KEY_FILE belong together: set both or neither")
    try:
        context = create_default_context(cafile=trusted or None)
        if certificate:
            context.load_cert_chain(certificate, key)
    except SSLError as error:
        raise SettingsError(f"the certificates for NATS can't be used: {error.reason or error}") from None
    return context


def _file(settings: Settings, name: str) -> str:
    """Give the path that a setting names, if it names one; raises SettingsError if it can't be read."""
    path: str = getattr(settings, name)
    if path:
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise SettingsError(f"{variable(name)} ({path}) can't be read: {error.strerror}") from None
    return path


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False

"""The value of a setting, from the text or TOML that gives it."""

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from lrs import credential_key
from lrs.settings.error import SettingsError
from lrs.settings.settings import FIELDS, HINTS, SECRET
from lrs.store_name import RULE

_EXPECTED = {
    "store": f"expected {RULE}",
    "key": f"expected {credential_key.RULE}",
    "public_url": "expected a URL such as https://lrs.example.org",
    "checkpoint_webhook": "expected a URL such as https://audit.example.org/checkpoints",
    "checkpoint_subject": "expected letters, digits, _ and -, with dots between names, such as audit.checkpoints",
    "cors_origins": "expected origins such as https://content.example.org, without a path, with commas between; or *",
    "oidc_issuer": "expected an https URL such as https://login.example.org (http only on this machine)",
}
"""What is wanted where a pattern wouldn't tell."""
_WHOLE = re.compile(r"\s*-?\d+\s*", re.ASCII)


def converted(name: str, value: object, source: str) -> Any:
    """Give the value of a setting; ``source`` says where it stands. Raises SettingsError."""
    hint = HINTS[name]
    default = FIELDS[name].default
    if isinstance(value, str):
        if isinstance(default, tuple):
            value = [part.strip() for part in value.split(",") if part.strip()]
            if not value:
                raise SettingsError(f"{source}: expected something between the commas")
        elif isinstance(default, Path):
            try:
                return Path(value).expanduser()
            except RuntimeError:
                raise SettingsError(f"{source}: there is no home folder of {Path(value).parts[0]} here") from None
        elif type(default) is int and not _WHOLE.fullmatch(value):
            # Python and msgspec would take more for a number, as 1e3.
            raise SettingsError(f"{source}: {_expected(name)}, not {value!r}")
    try:
        return msgspec.convert(value, hint, strict=False)
    except msgspec.ValidationError:
        shown = "" if name in SECRET else f", not {value!r}"
        raise SettingsError(f"{source}: {_expected(name)}{shown}") from None


def _expected(name: str) -> str:
    field = FIELDS[name]
    kind = get_args(HINTS[name])[0]
    if isinstance(field.default, bool):
        return "expected true or false"
    if isinstance(field.default, int):
        meta = HINTS[name].__metadata__[0]
        return f"expected a whole number from {meta.ge}" + (f" to {meta.le}" if meta.le is not None else " up")
    if get_origin(kind) is Literal:
        return f"expected {' or '.join(map(str, get_args(kind)))}"
    if isinstance(field.default, tuple):
        return _EXPECTED.get(name, "expected a list of texts, or one text with commas between them")
    return _EXPECTED.get(name, "expected a text")

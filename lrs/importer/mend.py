"""What many exporters get wrong and can be put right without guessing. Only done to statements refused as they are."""

from typing import Any, NamedTuple

from msgspec import DecodeError, Raw, json

from lrs.importer.date import as_rfc3339
from lrs.statement import Version
from lrs.statement.check import check_timestamp

_fields = json.Decoder(dict[str, Raw]).decode
_items = json.Decoder(list[Raw]).decode
_encode = json.encode
_NULL = b"null"
_SUBSTATEMENT = b'"SubStatement"'


class Mended(NamedTuple):
    """A statement put right."""

    text: bytes
    nulls: int
    """Properties left out because they were null."""
    dates: list[tuple[str, str]]
    """Dates as they were, and as they are now."""


def mended(text: bytes, version: Version, *, keep_authority: bool) -> Mended | None:
    """Put a statement's JSON right where that is plain; None if there is nothing of it.

    Null properties outside extensions are left out, and dates written as xAPI asks. ``stored``, and the authority
    unless it is kept, are replaced anyway: they are no reason to refuse. All other values stay as they are written.
    """
    mender = _Mender(version)
    try:
        fields = mender.without_nulls(text)
        if not isinstance(fields, dict):
            return None
        mender.dates_of(fields)
        if _fields_of(fields.get("object")).get("objectType") == _SUBSTATEMENT:
            inner = _fields_of(fields["object"])
            mender.dates_of(inner)
            fields["object"] = _encode(_raw(inner))
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if "stored" in fields and not _is_moment(fields["stored"], version):
        del fields["stored"]
    if not keep_authority:
        fields.pop("authority", None)
    return Mended(_encode(_raw(fields)), mender.nulls, mender.dates)


class _Mender:
    def __init__(self, version: Version) -> None:
        self._version = version
        self.nulls = 0
        self.dates: list[tuple[str, str]] = []

    def without_nulls(self, text: bytes) -> Any:
        """Take a value apart: an object's fields, a list's items, JSON of anything else."""
        if text[:1] == b"{":
            fields = {name: bytes(value) for name, value in _fields(text).items()}
            kept = {name: value for name, value in fields.items() if value != _NULL}
            self.nulls += len(fields) - len(kept)
            return {name: value if name == "extensions" else self._whole(value) for name, value in kept.items()}
        if text[:1] == b"[":
            return [self._whole(bytes(item)) for item in _items(text)]
        return text

    def _whole(self, text: bytes) -> bytes:
        parts = self.without_nulls(text)
        return parts if isinstance(parts, bytes) else _encode(_raw(parts))

    def dates_of(self, fields: dict[str, bytes]) -> None:
        """Write the dates in a statement's fields as xAPI asks."""
        for name in ("timestamp", "stored"):
            value = fields.get(name)
            if value is None or _is_moment(value, self._version):
                continue
            old = json.decode(value, type=str) if value[:1] == b'"' else value.decode()
            new = as_rfc3339(old)
            if new is not None:
                fields[name] = _encode(new)
                self.dates.append((old, new))


def _fields_of(text: bytes | None) -> dict[str, bytes]:
    return {name: bytes(value) for name, value in _fields(text).items()} if text and text[:1] == b"{" else {}


def _raw(parts: Any) -> Any:
    if isinstance(parts, dict):
        return {name: Raw(value) for name, value in parts.items()}
    return [Raw(value) for value in parts]


def _is_moment(value: bytes, version: Version) -> bool:
    try:
        check_timestamp("stored", json.decode(value, type=str), version)
    except (ValueError, DecodeError):
        return False
    return True

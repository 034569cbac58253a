"""Query parameters, strictly: unknown ones, wrong case and repetitions are refused (1.0.3 Communication 3.2)."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from lrs.errors import shown
from lrs.problem import Problem
from lrs.statement import Version, formats, parse_actor
from schemas.xapi import Actor

Parameters = dict[str, str]

_DIGITS: Final = 18
"""Of a number; a larger one is more than anything here, and Python takes its time to read it."""
_BOOLEANS: Final = {"true": True, "false": False, "True": True, "False": False}


def parse(query: bytes, allowed: Collection[str]) -> Parameters:
    """Give the parameters of a query string."""
    if not query:
        return {}
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Problem(400, "the query string is not URL-encoded UTF-8") from None
    found: Parameters = {}
    for name, value in pairs:
        if name not in allowed:
            raise Problem(400, f"the query parameter {shown(name)} is not known here{_hint(name, allowed)}")
        if name in found:
            raise Problem(400, f"the query parameter {name} is given more than once")
        found[name] = value
    return found


def none(query: bytes) -> None:
    """Refuse any parameter."""
    parse(query, ())


def required(parameters: Parameters, name: str) -> str:
    """Give a parameter that must be there."""
    value = parameters.get(name)
    if value is None:
        raise Problem(400, f"the query parameter {name} is missing")
    return value


def boolean(parameters: Parameters, name: str) -> bool:
    """Give a parameter that is true or false; false if it isn't there. Python clients in use write True."""
    value = parameters.get(name, "false")
    if value not in _BOOLEANS:
        raise _wrong(name, value, "true or false")
    return _BOOLEANS[value]


def number(parameters: Parameters, name: str) -> int:
    """Give a parameter that is a whole number from 0; 0 if it isn't there."""
    value = parameters.get(name, "0")
    if not (value.isascii() and value.isdigit()):
        raise _wrong(name, value, "a whole number from 0")
    return int(value) if len(value) <= _DIGITS else 10**_DIGITS


def identifier(parameters: Parameters, name: str) -> UUID | None:
    """Give a parameter that is a UUID."""
    value = parameters.get(name)
    if value is None:
        return None
    if not formats.uuid(value):
        raise _wrong(name, value, "a UUID such as fdf39c3f-9b29-4b9d-8f5c-1f4d6a8f6d2a")
    return UUID(value)


def iri(parameters: Parameters, name: str) -> str | None:
    """Give a parameter that is an absolute IRI."""
    value = parameters.get(name)
    if value is not None and not formats.iri(value):
        raise _wrong(name, value, "an absolute IRI such as http://example.com/activity")
    return value


def moment(parameters: Parameters, name: str, version: Version) -> datetime | None:
    """Give a parameter that is a timestamp. A plus sign that arrives unencoded reads as a space; it is restored."""
    value = parameters.get(name)
    if value is None:
        return None
    try:
        return formats.timestamp(value.replace(" ", "+"), version)
    except ValueError as error:
        why = f" ({error})" if error.args else ""
        raise _wrong(name, value, f"{formats.TIMESTAMP[version]}{why}") from None


def actor(parameters: Parameters, name: str) -> Actor | None:
    """Give a parameter that is the JSON of an Agent or an identified Group."""
    value = parameters.get(name)
    return None if value is None else parse_actor(value, name)


def choice(parameters: Parameters, name: str, choices: Collection[str], default: str) -> str:
    """Give a parameter that is one of a few words."""
    value = parameters.get(name, default)
    if value not in choices:
        raise _wrong(name, value, f"one of {', '.join(choices)}")
    return value


def _wrong(name: str, value: str, wanted: str) -> Problem:
    return Problem(400, f"the query parameter {name} is {shown(value)}: it must be {wanted}")


def _hint(name: str, allowed: Collection[str]) -> str:
    if meant := next((one for one in allowed if one.lower() == name.lower()), None):
        return f": the case matters, it is {meant}"
    return f"; known: {', '.join(sorted(allowed))}" if allowed else ": this request takes none"

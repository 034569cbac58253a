"""The rules of retention, as people write them: JSON or TOML."""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from lrs.errors import Malformed
from lrs.statement.formats import iri

_LONGEST: Final = 36_600
"""Days; a hundred years are more than anybody means."""
_MOST: Final = 100
"""Rules, and values of one: more than anybody could oversee."""
_NAME_LENGTH: Final = 100
_LARGEST: Final = 1 << 20
"""Bytes of a file."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which statements are kept for how long. All that it says has to be so; of several values, one."""

    name: Annotated[str, Meta(description="What it is called in the record: one line of up to 100 characters")]
    days: Annotated[int, Meta(description="How long statements are kept, counted from when they were stored")]
    verbs: Annotated[tuple[str, ...], Meta(description="Only statements with one of these verbs; any if empty")] = ()
    activity_types: Annotated[
        tuple[str, ...],
        Meta(
            description="Only statements about an activity of one of these types, by the statement itself or by what "
            "is known of the activity; any if empty"
        ),
    ] = ()

    def covers(self, verb: str, types: Collection[str]) -> bool:
        """Tell whether a statement with this verb, about something of these types, is one of its."""
        return (not self.verbs or verb in self.verbs) and (
            not self.activity_types or not set(types).isdisjoint(self.activity_types)
        )


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a store. Statements that none covers are kept for ever; of several, whichever is first up counts."""

    rules: tuple[Rule, ...] = ()


def read_rules_file(path: Path) -> Rules:
    """Give the rules in a file. Raises Malformed."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise Malformed(f"{path} can't be read: {error.strerror}") from None
    return parse_rules(data, str(path), toml=path.suffix.lower() == ".toml")


def parse_rules(data: bytes, file: str, *, toml: bool = False) -> Rules:
    """Give the rules that a text says. Raises Malformed."""
    if len(data) > _LARGEST:
        raise Malformed(f"{file} is larger than {_LARGEST:,} bytes")
    try:
        said = tomllib.loads(data.decode("utf-8-sig")) if toml else msgspec.json.decode(data)
        rules = msgspec.convert(said, Rules)
    except UnicodeDecodeError:
        raise Malformed(f"{file} is not UTF-8") from None
    except RecursionError:
        raise Malformed(f"{file} is nested too deeply to be rules") from None
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = place.rstrip("`").lstrip(".")
        raise Malformed(f"{file}: {where}: {reason}" if where else f"{file}: {reason}") from None
    except ValueError as error:
        raise Malformed(f"{file} is not {'TOML' if toml else 'JSON'}: {error}") from None
    for where, reason in _problems(rules):
        raise Malformed(f"{file}: {where}: {reason}")
    return rules


def _problems(rules: Rules) -> Iterator[tuple[str, str]]:
    if len(rules.rules) > _MOST:
        yield "rules", f"there are {len(rules.rules)}: there may be {_MOST}"
    names: list[str] = []
    for place, rule in enumerate(rules.rules):
        where = f"rules[{place}]"
        if not rule.name or not rule.name.isprintable() or len(rule.name) > _NAME_LENGTH:
            yield f"{where}.name", f"{rule.name!r} can't be a name: write one line of up to {_NAME_LENGTH} characters"
        if rule.name in names:
            yield f"{where}.name", f"{rule.name!r} is the name of rules[{names.index(rule.name)}] too"
        names.append(rule.name)
        if not 1 <= rule.days <= _LONGEST:
            yield f"{where}.days", f"{rule.days} is not from 1 to {_LONGEST}"
        for what, iris in (("verbs", rule.verbs), ("activity_types", rule.activity_types)):
            if len(iris) > _MOST:
                yield f"{where}.{what}", f"there are {len(iris)}: there may be {_MOST}"
            for number, one in enumerate(iris):
                if not iri(one):
                    yield f"{where}.{what}[{number}]", f"{one!r} is no IRI with a scheme (https://…)"

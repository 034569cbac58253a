"""What is known of an activity: the definitions of all statements, merged in the log's order.

Each thing that is said counts as whoever said it last says it, and nothing depends on who said it first. So the order
in which definitions are merged matters, but not how they are bracketed, and what is left without some of them follows
from who else said the same (``lrs/index/hearing.py``).

Source: xAPI 1.0.3 Communication 2.5 (GET Activities returns the definition with names and descriptions in all
languages the LRS has) and Data 2.4.4.1 (which definitions an LRS may take over).
"""

from functools import lru_cache

from msgspec import Raw, Struct, json

from lrs.index.terms import context_activities
from schemas.xapi import Activity, ActivityDefinition, Statement, SubStatement


class _Parts(Struct, forbid_unknown_fields=False):
    name: dict[str, Raw] | None = None
    description: dict[str, Raw] | None = None
    extensions: dict[str, Raw] | None = None


_MERGED = ("name", "description", "extensions")
"""Properties whose parts are merged by themselves."""
_MOST_PARTS = 256
"""Languages, and extensions, that an activity has at most: those with the shortest names.

Who says something first can't count (see above), and a tool that makes up a name for each attempt puts its id in it.
"""
_parts = json.Decoder(_Parts)
_properties = json.Decoder(dict[str, Raw])
_encode = json.Encoder().encode
_encode_sorted = json.Encoder(order="deterministic").encode


_REMEMBERED = 4_096
_REMEMBERED_BYTES = 4_096
"""Longer definitions are merged each time, so that nobody can fill memory with them."""


def merge(known: bytes, new: bytes) -> bytes:
    """Merge two definitions (JSON): languages and extensions are added up, anything else is as the newer says."""
    if len(known) + len(new) <= _REMEMBERED_BYTES:
        return _remembered_merge(known, new)
    return _merge(known, new)


def _merge(known: bytes, new: bytes) -> bytes:
    merged = _properties.decode(known)
    newer = _properties.decode(new)
    known_parts, new_parts = _parts.decode(known), _parts.decode(new)
    merged.update(newer)
    for part in _MERGED:
        values = {**(getattr(known_parts, part) or {}), **(getattr(new_parts, part) or {})}
        if len(values) > _MOST_PARTS:
            values = {name: values[name] for name in sorted(values, key=_length_and_name)[:_MOST_PARTS]}
        if values:
            merged[part] = Raw(_encode_sorted(values))
    return _encode_sorted(merged)


def _length_and_name(name: str) -> tuple[int, str]:
    return len(name), name


_remembered_merge = lru_cache(_REMEMBERED)(_merge)


Leaf = tuple[str, str | None]
"""What is said by itself: a property, and (of those that are merged) that there is one, and each of its parts."""


def leaves(definition: bytes) -> set[Leaf]:
    """Give what a definition says."""
    parts = _parts.decode(definition)
    said: set[Leaf] = {(name, None) for name in _properties.decode(definition)}
    return said.union((part, key) for part in _MERGED for key in getattr(parts, part) or ())


def definitions(statement: Statement) -> list[tuple[str, bytes]]:
    """Give the activities a statement defines: IRI and definition (JSON)."""
    things: list[object] = [statement.object]
    inner = statement.object if isinstance(statement.object, SubStatement) else None
    if inner:
        things.append(inner.object)
    if statement.context:
        things += context_activities(statement.context)
    if inner and inner.context:
        things += context_activities(inner.context)
    return [
        (thing.id, _encode(thing.definition))
        for thing in things
        if isinstance(thing, Activity) and thing.definition and thing.definition != _EMPTY
    ]


_EMPTY = ActivityDefinition()

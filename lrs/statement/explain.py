"""What the JSON decoder found wrong, in words and with a path that a sender can act on."""

import re
from ast import literal_eval
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from msgspec import DecodeError, Raw, Struct, ValidationError, json, structs

from lrs.errors import shown
from lrs.statement.errors import Invalid, step_to
from lrs.statement.surrogates import half_in
from schemas.xapi import Activity, Actor, Statement, StatementRef, SubStatement

_PATHS = re.compile(r"(?: - at `\$[^`]{0,1000}`){1,8}\Z")
"""No more than objects with an objectType lie within each other; a sender's text may look like thousands of them."""
_LONGEST = 300
"""Characters of what the decoder says that are passed on: it quotes names, which may be of any length."""
_PATH = re.compile(r"`\$([^`]*)`")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[\.\.\.\]", re.ASCII)
_EXPECTED = re.compile(r"Expected `(.+)`, got `(.+)`")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_NO_CHOICE = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_FIRST = re.compile(r"(.+?\.contextActivities\.\w+)\[0\]", re.ASCII)
_WORDS = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null (xAPI has it only inside extensions)",
}
_OBJECTS: dict[str, type[Struct]] = {
    "Activity": Activity,
    "Agent": Actor,
    "Group": Actor,
    "StatementRef": StatementRef,
    "SubStatement": SubStatement,
}
_PERSON = {"mbox", "mbox_sha1sum", "openid", "account", "name", "member"}


def explained(error: Exception, body: bytes, root: str, kind: type[Struct] = Statement) -> Invalid:
    """Say what a decoding error means: ``root`` begins the path, ``kind`` is what one thing in the body should be."""
    if isinstance(error, UnicodeDecodeError):
        return Invalid(root, f"is not UTF-8: {error.reason} at byte {error.start}")
    if isinstance(error, RecursionError):
        return Invalid(root, "lists and objects go too deep")
    text = str(error)
    if not isinstance(error, ValidationError):
        if half := half_in(body, root):
            return half
        reason = text.removeprefix("JSON is malformed: ")
        return Invalid(root, f"is not valid JSON: {reason[:1].lower()}{reason[1:]}")
    found = _PATHS.search(text)
    # An error deeper than an object with an objectType has one path for each level, the innermost first.
    path = "".join(reversed(_PATH.findall(found[0]))) if found else ""
    return _Place(root, kind, body).walk(path).invalid(text[: found.start()] if found else text)


def as_sent(path: str, body: bytes, root: str) -> str:
    """Give the path that the sender has: a single context activity was made a list while decoding."""
    found = _FIRST.match(path)
    if found and isinstance(_Place(root, Statement, body).walk(found[1].removeprefix(root)).value, dict):
        return found[1] + path[found.end() :]
    return path


class _Place:
    """A place in a body: how it is called, the struct that belongs there and the value that is."""

    def __init__(self, root: str, kind: Any, body: bytes) -> None:
        self.path = root
        self.kind = kind
        self.objects: tuple[str, ...] = ()
        """What the object of a statement may be, when the path goes through one."""
        try:
            self.value = json.decode(body)
        except (DecodeError, RecursionError):
            self.value = None

    def walk(self, path: str) -> "_Place":
        """Follow a path as the decoder writes it."""
        for step in _STEP.finditer(path):
            if step[1]:
                self._property(step[1])
            elif step[2]:
                self._item(int(step[2]))
            else:
                self._entry()
        return self

    def invalid(self, reason: str) -> Invalid:
        """Say it in words."""
        if found := _MISSING.fullmatch(reason):
            return Invalid(f"{self.path}.{found[1]}", "is required")
        if found := _UNKNOWN.fullmatch(reason):
            return self._unknown(found[1])
        if found := _EXPECTED.fullmatch(reason):
            wanted = " or ".join(_WORDS.get(word, word) for word in found[1].split(" | "))
            whole = found[1] == "int" and found[2] == "float"
            sent = "one with a point or an exponent" if whole else _WORDS.get(found[2], found[2])
            return Invalid(self.path, f"must be {wanted}, not {sent}")
        if found := _NO_CHOICE.fullmatch(reason):
            # Of a property that is there twice the decoder may mean the first, which isn't here any more.
            sent = shown(literal_eval(found[1])) if len(found[1]) < _LONGEST else f"{found[1][:_LONGEST]}…"
            choices = _choices(self.kind) or self.objects or ("a value that xAPI names",)
            return Invalid(self.path, f"must be {_one_of(choices)}, not {sent}")
        return Invalid(self.path, f"{reason[:1].lower()}{reason[1:_LONGEST]}")

    def _property(self, name: str) -> None:
        self.path = f"{self.path}.{name}"
        kinds = {field.encode_name: field.type for struct in _structs(self.kind) for field in structs.fields(struct)}
        outer, self.kind = self.kind, kinds.get(name)
        self.value = self.value.get(name) if isinstance(self.value, dict) else None
        if self.kind is Raw and name == "object":
            self.objects = tuple(_OBJECTS) if outer is Statement else tuple(_OBJECTS)[:-1]
            kind = _object_type(self.value)
            self.kind = _OBJECTS[kind] if kind in self.objects else None

    def _item(self, place: int) -> None:
        self.path = f"{self.path}[{place}]"
        in_list = isinstance(self.value, list) and place < len(self.value)
        self.value = self.value[place] if in_list else None

    def _entry(self) -> None:
        """Find the entry of a map that isn't a string: the decoder doesn't name it."""
        entries = self.value.items() if isinstance(self.value, dict) else ()
        for key, value in entries:
            if not isinstance(value, str):
                self.path, self.value = f"{self.path}[{shown(key)}]", value
                return

    def _unknown(self, name: str) -> Invalid:
        path = self.path + step_to(name)
        known = [field.encode_name for struct in _structs(self.kind) for field in structs.fields(struct)]
        for right in known:
            if right.lower() == name.lower():
                return Invalid(path, f"is written {right!r}: upper and lower case matter")
        if Activity in _structs(self.kind) and name in _PERSON:
            return Invalid(path, "an object without objectType is an Activity: for a person set objectType to 'Agent'")
        return Invalid(path, f"is not a property here; these are: {', '.join(known)}")


def _structs(kind: Any) -> list[type[Struct]]:
    """Name the structs that may stand at a place, be it a union or a list of them."""
    if get_origin(kind) in (Union, UnionType, list):
        return list(dict.fromkeys(struct for part in get_args(kind) for struct in _structs(part)))
    return [kind] if isinstance(kind, type) and issubclass(kind, Struct) else []


def _choices(kind: Any) -> tuple[str, ...]:
    """Name the values an enumerated property takes."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for part in get_args(kind) for choice in _choices(part))


def _one_of(choices: tuple[str, ...]) -> str:
    *others, last = (repr(choice) for choice in choices)
    return f"{', '.join(others)} or {last}" if others else last


def _object_type(value: Any) -> str:
    kind = value.get("objectType", "Activity") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""

"""A look as people write it: TOML or JSON, checked before anybody has to look at it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import json

from lrs.dashboard.contrast import READABLE, is_colour, ratio
from lrs.dashboard.language import LANGUAGES, known_texts
from lrs.dashboard.look import DARK, LIGHT, Ground
from lrs.errors import Malformed
from schemas.look import Logo, Look

_KNOWN: Final = ("name", "accent", "accent_dark", "logo", "words")
_LONGEST_NAME: Final = 60
_LONGEST_WORD: Final = 300
_LARGEST_LOGO: Final = 48 << 10
_BLANK: Final = re.compile(r"%\(\w+\)\w")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HARM: Final = re.compile(
    rb"<script|<foreignObject|<!DOCTYPE|<!ENTITY|javascript:|\son\w+\s*=|href\s*=\s*[\"'](?!#|data:image/)|@import|url\(",
    re.IGNORECASE,
)


def read_look_file(path: Path) -> Look:
    """Give the look in a file; a logo in it is another file, beside it. Raises Malformed."""
    data = _read(path)
    try:
        toml = path.suffix.lower() == ".toml"
        said: Any = tomllib.loads(data.decode("utf-8-sig")) if toml else json.decode(data)
    except ValueError as error:
        raise Malformed(f"{path} is not {'TOML' if toml else 'JSON'}: {error}") from None
    if not isinstance(said, dict):
        raise Malformed(f"{path} must be an object with {', '.join(_KNOWN)}")
    if (unknown := next((name for name in said if name not in _KNOWN), None)) is not None:
        raise Malformed(f"{path}: {unknown} is no part of a look: there are {', '.join(_KNOWN)}")
    logo = _text(said, "logo")
    return Look(
        name=_name(said),
        accent=_accent(said, "accent", LIGHT),
        accent_dark=_accent(said, "accent_dark", DARK),
        logo=_logo(path.parent / logo) if logo else None,
        words=_words(said.get("words", {})),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed(f"{path} can't be read: {error.strerror}") from None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise Malformed(f"{name} must be text")
    return value


def _name(said: Mapping[str, Any]) -> str:
    name = _text(said, "name").strip() or Look().name
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise Malformed(f"name must be one line of up to {_LONGEST_NAME} characters")
    return name


def _accent(said: Mapping[str, Any], name: str, ground: Ground) -> str:
    colour = _text(said, name)
    if not colour:
        return ""
    if not is_colour(colour):
        raise Malformed(f"{name} is {colour!r}: write a colour as #0b6b5d")
    for where, other in ground.under(colour).items():
        if (found := ratio(colour, other)) < READABLE:
            raise Malformed(
                f"{name} {colour} with {where} ({other}) has a contrast of {found:.1f} to 1; to be read it needs "
                f"{READABLE} to 1 (WCAG 2.2, 1.4.3): {ground.readable(colour)} would do"
            )
    return colour.lower()


def _logo(path: Path) -> Logo:
    data = _read(path)
    if len(data) > _LARGEST_LOGO:
        raise Malformed(f"{path} has {len(data):,} bytes: a logo has up to {_LARGEST_LOGO:,}")
    if data.startswith(_PNG):
        return Logo("image/png", data)
    if b"<svg" not in data[:1000]:
        raise Malformed(f"{path} is neither a PNG nor an SVG")
    if (harm := _HARM.search(data)) is not None:
        raise Malformed(f"{path} holds {harm[0].decode(errors='replace').strip()!r}: a logo is only shapes and colours")
    return Logo("image/svg+xml", data)


def _words(said: Any) -> dict[str, dict[str, str]]:
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        raise Malformed('words must be texts by language: [words.nl] with "Follow-ups" = "…"')
    known = known_texts()
    for language, texts in said.items():
        if language not in LANGUAGES:
            raise Malformed(f"words.{language}: the languages are {', '.join(LANGUAGES)}")
        for text, instead in texts.items():
            where = f"words.{language}: {text!r}"
            if text not in known:
                raise Malformed(f"{where} is no text of the dashboard: write it as the English pages have it")
            if not isinstance(instead, str) or not instead or len(instead) > _LONGEST_WORD:
                raise Malformed(f"{where} must become a text of up to {_LONGEST_WORD} characters")
            if sorted(_BLANK.findall(instead)) != sorted(_BLANK.findall(text)):
                raise Malformed(
                    f"{where} has other blanks than {instead!r}: {', '.join(_BLANK.findall(text)) or 'none'}"
                )
    return said

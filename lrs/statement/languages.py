"""Choosing the language a reader asked for, for each map of words by itself (1.0.3 Communication 2.1.3)."""

import re

from schemas.xapi import LanguageMap

_RANGE = re.compile(r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[Qq]\s*=\s*([01](?:\.\d{0,3})?))?", re.ASCII)
REFUSED = "!"
"""Marks a language that a reader says they don't want (q=0)."""
_MOST = 20
"""Ranges of a header that count: each is tried on each map of an answer, and nobody reads more languages."""
_LONGEST = 200
"""Characters of a range, as of a tag."""


def accepted_languages(header: str | None) -> list[str]:
    """Read an Accept-Language header into ranges, the most wanted first (RFC 9110, 12.5.4).

    Ranges come in lower case; those refused (q=0) come last, marked ``!``. What isn't a range is passed over, and so is
    what comes after the first twenty, as a header that can't be read should not keep anybody from their statements.
    """
    wanted: list[tuple[float, str]] = []
    refused: list[str] = []
    for part in (header or "").split(",", _MOST)[:_MOST]:
        found = _RANGE.fullmatch(part.strip())
        if found is None or len(found[1]) > _LONGEST:
            continue
        quality = min(float(found[2] or "1"), 1.0)
        if quality > 0:
            wanted.append((quality, found[1].lower()))
        else:
            refused.append(REFUSED + found[1].lower())
    wanted.sort(key=lambda entry: -entry[0])
    return [range_ for _, range_ in wanted] + refused


def choose(words: LanguageMap, languages: list[str]) -> LanguageMap:
    """Keep the one language of a map that suits a reader best; a map is never emptied.

    A range matches a tag it equals or begins (``en`` matches ``en-GB``); a range that matches none is shortened from
    the right before the next counts (RFC 4647, 3.4: ``en-GB`` then finds ``en``, then another ``en-…``). If none
    helps, the map's first language counts.
    """
    if len(words) < 2:
        return words
    tags = {tag.lower(): tag for tag in words}
    refused = [entry.removeprefix(REFUSED).lower() for entry in languages if entry.startswith(REFUSED)]
    wanted = [entry.lower() for entry in languages if not entry.startswith(REFUSED)]
    named = [entry for entry in wanted if entry != "*"]
    allowed = [tag for tag in tags if not _matches_any(tag, refused) or _matches_any(tag, named)] or list(tags)
    tag = _first(allowed, wanted, named) or allowed[0]
    return {tags[tag]: words[tags[tag]]}


def _matches(tag: str, range_: str) -> bool:
    return tag == range_ or tag.startswith(f"{range_}-")


def _matches_any(tag: str, ranges: list[str]) -> bool:
    return any(_matches(tag, range_) for range_ in ranges)


def _first(tags: list[str], wanted: list[str], named: list[str]) -> str | None:
    """Find the tag that the first range with one matches; ``*`` stands for any language the others don't name."""
    for range_ in wanted:
        if range_ == "*":
            found = next((tag for tag in tags if not _matches_any(tag, named)), None)
        else:
            found = next((tag for short in _shortened(range_) for tag in tags if _matches(tag, short)), None)
        if found is not None:
            return found
    return None


def _shortened(range_: str) -> list[str]:
    parts = range_.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]

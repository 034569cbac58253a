"""Choosing the language a reader asked for, for each map of words by itself (1.0.3 Communication 2.1.3)."""

import re
from collections.abc import Mapping, Sequence

from schemas.xapi import LanguageMap

Languages = Mapping[str, float]
"""Ranges of languages in lower case and how much they are wanted, the most wanted first; 0 is not at all."""

_RANGE = re.compile(r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[Qq]\s*=\s*([01](?:\.\d{0,3})?))?", re.ASCII)
_MOST = 20
"""Ranges of a header that count: each is tried on each map of an answer, and nobody reads more languages."""
_LONGEST = 200
"""Characters of a range, as of a tag."""


def accepted_languages(header: str | None) -> Languages:
    """Read an Accept-Language header (RFC 9110, 12.5.4).

    What isn't a range is passed over, and so is what comes after the first twenty, as a header that can't be read
    should not keep anybody from their statements.
    """
    found: dict[str, float] = {}
    for part in (header or "").split(",", _MOST)[:_MOST]:
        match = _RANGE.fullmatch(part.strip())
        if match is not None and len(match[1]) <= _LONGEST:
            found.setdefault(match[1].lower(), min(float(match[2] or "1"), 1.0))
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def choose(words: LanguageMap, languages: Languages) -> LanguageMap:
    """Keep the one language of a map that suits a reader best; a map is never emptied.

    A tag is wanted as much as the longest range that it equals or begins with says (RFC 2616, 14.4: ``en`` counts for
    ``en-GB``, but not beside ``en-GB;q=0``), and ``*`` speaks for those that no other names. A range also finds what it
    is an extension of (RFC 4647, 3.4: ``nl-BE`` finds ``nl``). If nothing is found, another tag of a wanted language
    will do (``en-GB`` for ``en-US``), or else the map's first that isn't refused.
    """
    if len(words) < 2:
        return words
    tags = {tag.lower(): tag for tag in words}
    tag = tags[_best(list(tags), languages)]
    return {tag: words[tag]}


def _best(tags: Sequence[str], languages: Languages) -> str:
    named = {tag: _range_of(tag, languages) for tag in tags}
    allowed = [tag for tag in tags if (range_ := named[tag]) is None or languages[range_] > 0] or tags
    wanted = [range_ for range_, quality in languages.items() if quality > 0]
    for range_ in wanted:
        for tag in allowed:
            if named[tag] == range_:
                return tag
        if extended := [tag for tag in allowed if named[tag] is None and range_.startswith(f"{tag}-")]:
            return max(extended, key=len)
    for range_ in wanted:
        for short in _shortened(range_):
            for tag in allowed:
                if tag.startswith(f"{short}-"):
                    return tag
    return allowed[0]


def _range_of(tag: str, languages: Languages) -> str | None:
    """Give the range that speaks for a tag, if any does."""
    return next((short for short in (*_shortened(tag), "*") if short in languages), None)


def _shortened(tag: str) -> list[str]:
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]

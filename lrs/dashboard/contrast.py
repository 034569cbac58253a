"""Whether one colour can be read on another, by WCAG 2.2, 1.4.3 (contrast, minimum)."""

import re
from collections.abc import Callable, Iterable
from typing import Final

READABLE: Final = 4.5
"""Ratio that text must have at least, to what it stands on (1.4.3, level AA)."""
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Tell whether this is a colour as we write them: ``#0b6b5d``."""
    return _HEX.fullmatch(text) is not None


def ratio(one: str, other: str) -> float:
    """Give the contrast ratio of two colours: 1 (the same) to 21 (black and white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """Give a mix of two colours with so large a share of the first, as CSS mixes them in sRGB."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def readable(colour: str, grounds: Callable[[str], Iterable[str]], *, towards: str) -> str:
    """Give the colour, or the first on its way to another one that can be read on all that it then stands on."""
    for step in range(101):
        found = mixed(towards, colour, step / 100)
        if all(ratio(found, ground) >= READABLE for ground in grounds(found)):
            return found
    return towards


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Give the relative luminance, as WCAG 2.2 defines it."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

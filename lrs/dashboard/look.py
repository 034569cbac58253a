"""How a store's dashboard looks: the style that its colours make, and the looks of the stores that were seen."""

from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.dashboard.contrast import mixed, readable
from lrs.seal import Keyring
from schemas.configuration_event import LOOK_CHANGED, decode_configuration_event
from schemas.look import Look

_queries = sql.load(__package__)
_decode = json.Decoder(Look).decode
SHIPPED: Final = Look()


class Ground(NamedTuple):
    """What is under text: the shipped style's colours, which a store doesn't change."""

    paper: str
    surface: str
    ink: str
    """Of text on the accent."""
    far: str
    """The way to more contrast."""

    def wash(self, accent: str) -> str:
        """Give what marks the present page: a touch of the accent."""
        return mixed(accent, self.surface, 0.1)

    def under(self, accent: str) -> dict[str, str]:
        """Give what an accent is read on, or is read on it, by what that is."""
        return {
            "the page": self.paper,
            "panels": self.surface,
            "the mark of the present page": self.wash(accent),
            "text on buttons": self.ink,
        }

    def readable(self, accent: str) -> str:
        """Give the accent, or the next to it that can be read here."""
        return readable(accent, lambda found: self.under(found).values(), towards=self.far)


LIGHT: Final = Ground("#faf9f6", "#ffffff", "#ffffff", "#000000")
DARK: Final = Ground("#12161b", "#1a2027", "#06120f", "#ffffff")


def look_of(rows: Cursor[TupleRow], keyring: Keyring) -> Look:
    """Give the look of a store."""
    aggregate = keyring.digest("configuration", LOOK_CHANGED)
    row = rows.execute(_queries.last_look, {"id": aggregate}).fetchone()
    return SHIPPED if row is None else _decode(decode_configuration_event(bytes(row[0])).change)


def version_of(look: Look) -> str:
    """Give what changes when the look does, for the address of its style; empty: it is as shipped."""
    if not (look.accent or look.logo):
        return ""
    return blake2b(json.encode(look), digest_size=6).hexdigest()


def style(look: Look) -> str:
    """Give the style sheet of a store's colours."""
    if not look.accent:
        return ""
    dark = look.accent_dark or on_dark(look.accent)
    in_dark = _properties(dark, DARK)
    return (
        f":root{{{_properties(look.accent, LIGHT)}}}\n"
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{in_dark}}}}}\n'
        f'@media screen{{:root[data-theme="dark"]{{{in_dark}}}}}\n'
    )


def on_dark(accent: str) -> str:
    """Give an accent that can be read on dark pages, made of the one for light pages."""
    return DARK.readable(accent)


def _properties(accent: str, ground: Ground) -> str:
    said = {"accent": accent, "accent-ink": ground.ink, "wash": ground.wash(accent), "c1": accent}
    said |= {f"w{number}": mixed(accent, ground.surface, share) for number, share in enumerate(_SHARES, start=1)}
    return "".join(f"--{name}:{value};" for name, value in said.items())


_SHARES: Final = (0.3, 0.55, 0.8, 1.0)
"""How much of the accent is in the four shades of active weeks."""

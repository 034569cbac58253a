"""How a store's dashboard looks: its name, logo, colours and words."""

from msgspec import Struct


class Logo(Struct, frozen=True):
    """A picture."""

    media_type: str
    """``image/png`` or ``image/svg+xml``."""
    data: bytes


class Look(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The look of a store; what isn't given is as shipped."""

    name: str = "Vliegwiel"
    accent: str = ""
    """Colour of links, buttons and drawings on light pages (``#0b6b5d``); empty: the shipped one."""
    accent_dark: str = ""
    """The same on dark pages."""
    logo: Logo | None = None
    words: dict[str, dict[str, str]] = {}
    """By language (``en``, ``nl``): texts of the dashboard, and what stands in their place."""

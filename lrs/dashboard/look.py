"""How a store's dashboard looks: name, logo, colours, words of its own."""

from msgspec import Struct


class Look(Struct, frozen=True, kw_only=True):
    """The look of a store; what isn't given is as shipped."""

    name: str = "Vliegwiel"
    words: dict[str, dict[str, str]] = {}
    """By language: texts of the dashboard and what stands in their place."""


SHIPPED = Look()

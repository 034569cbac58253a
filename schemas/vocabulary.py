"""The vocabulary: which verbs and activity types mean which kind of learning act, and who says so."""

from msgspec import Struct

from schemas.act import ActKind


class VerbMeaning(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a verb means."""

    verb: str
    """IRI."""
    kind: ActKind | None
    """None: known, and no learning act (logged in, say)."""
    origin: str = ""
    """Where it is defined: ``ADL``, ``cmi5``, ``TinCan registry``, ``Activity Streams``, a profile's IRI, ``store``."""
    types: tuple[str, ...] = ()
    """Only with objects of these activity types; empty: with any. The narrower meaning wins."""


class VocabularyChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one event changes: meanings that a store adds or replaces, and those it takes back."""

    meanings: tuple[VerbMeaning, ...] = ()
    removed: tuple[str, ...] = ()
    """Verbs whose store-made meanings go; the shipped ones count again."""

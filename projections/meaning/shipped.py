"""The vocabulary that comes with the house: one file for each place where verbs are defined, in ``data/``.

A file names its ``origin`` and the ``source`` it was taken from, lists verbs by what they mean (``verbs``), what some
mean with certain types of object (``narrower``), and where learning with a type of activity happens (``sources``).
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct, convert

from schemas.act import ActKind, Source
from schemas.vocabulary import VerbMeaning

NO_ACT = "no act"
"""How the files call a verb that is known and no learning act."""


class _Narrower(Struct, forbid_unknown_fields=True):
    kind: str
    verbs: list[str]
    types: list[str]


class _File(Struct, forbid_unknown_fields=True):
    origin: str
    source: str
    also_written: dict[str, str] = {}
    """How IRIs of this origin begin, and how else they are written."""
    verbs: dict[str, list[str]] = {}
    narrower: list[_Narrower] = []
    sources: dict[Source, list[str]] = {}


@cache
def _files() -> tuple[_File, ...]:
    folder = files(__package__).joinpath("data")
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.iterdir(), key=lambda file: file.name)]
    return tuple(convert(tomllib.loads(text), _File) for text in texts)


@cache
def meanings() -> tuple[VerbMeaning, ...]:
    """Give every shipped meaning; a verb that is written in two ways has two."""
    return tuple(_meanings())


@cache
def sources() -> dict[str, Source]:
    """Give where learning happens, by IRI of an activity's type or of an activity that is a profile's category."""
    return {
        spelling: source
        for file in _files()
        for source, types in file.sources.items()
        for iri in types
        for spelling in _spellings(iri)
    }


def _meanings() -> Iterator[VerbMeaning]:
    for file in _files():
        for kind, verbs in file.verbs.items():
            for verb in verbs:
                for spelling in _spellings(verb):
                    yield VerbMeaning(verb=spelling, kind=_kind(kind), origin=file.origin)
        for narrower in file.narrower:
            types = tuple(spelling for iri in narrower.types for spelling in _spellings(iri))
            for verb in narrower.verbs:
                for spelling in _spellings(verb):
                    yield VerbMeaning(verb=spelling, kind=_kind(narrower.kind), origin=file.origin, types=types)


def _kind(name: str) -> ActKind | None:
    return None if name == NO_ACT else ActKind(name)


def _spellings(iri: str) -> Iterator[str]:
    yield iri
    for file in _files():
        for begin, other in file.also_written.items():
            if iri.startswith(begin):
                yield other + iri.removeprefix(begin)

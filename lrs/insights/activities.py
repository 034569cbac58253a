"""What activities are called, as all statements together say."""

from collections.abc import Iterable

from msgspec import Struct, json

from lrs.insights.snapshot import Snapshot


class _Definition(Struct, frozen=True):
    name: dict[str, str] = {}


_decode = json.Decoder(_Definition).decode


def names_of(snapshot: Snapshot, iris: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give the names of those of these activities that have one, by language."""
    wanted = sorted({iri for iri in iris if iri})
    found = snapshot.store.statements.definitions(snapshot.rows, wanted) if wanted else {}
    return {iri: names for iri, definition in found.items() if (names := _decode(definition).name)}

"""Definitions of activities, merged."""

import random
from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from lrs.index.definitions import leaves, merge

_map = st.dictionaries(st.sampled_from(["en", "nl", "x"]), st.integers(0, 2))
_definition = st.fixed_dictionaries(
    {},
    optional={"type": st.integers(0, 2), "name": _map, "description": _map, "extensions": _map, "choices": _map},
)
_definitions = st.lists(_definition.map(json.encode), min_size=1, max_size=6)


def merged(definitions: list[bytes]) -> bytes:
    return reduce(merge, definitions, b"{}")


@given(_definitions, _definitions)
def test_it_doesn_t_matter_how_the_order_is_bracketed(some: list[bytes], others: list[bytes]) -> None:
    assert merge(merged(some), merged(others)) == merged(some + others)


@given(_definitions)
def test_each_thing_is_as_it_was_said_last_whoever_said_it_first(definitions: list[bytes]) -> None:
    everything = merged(definitions)
    assert everything == merged([*sorted(definitions), *definitions])
    assert leaves(everything) == set().union(*map(leaves, definitions))
    last: dict[Any, Any] = {}
    for definition in map(json.decode, definitions):
        for name, value in definition.items():
            last[name] = {**last.get(name, {}), **value} if name in ("name", "description", "extensions") else value
    assert json.decode(everything) == last


def test_what_is_said_in_a_definition() -> None:
    definition = json.encode({"name": {"en": "a"}, "extensions": {}, "choices": {"x": {"y": 1}}})
    assert leaves(definition) == {("name", None), ("name", "en"), ("extensions", None), ("choices", None)}


def test_an_activity_has_the_extensions_with_the_shortest_names_in_whatever_order_they_come() -> None:
    keys = [f"http://example.org/attempts/{number}" for number in range(400)]
    chance = random.Random(0)
    said = [dict.fromkeys(chance.sample(keys, 40), n) for n in range(100)]
    definitions = [json.encode({"extensions": one}) for one in said]
    everything = merged(definitions)
    assert merge(merged(definitions[:40]), merged(definitions[40:])) == everything
    last = {key: n for one in said for key, n in one.items()}
    assert len(last) == 400
    assert json.decode(everything)["extensions"] == {key: last[key] for key in keys[:256]}

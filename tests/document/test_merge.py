"""Merging JSON objects."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.document.errors import NotMergeable
from lrs.document.merge import is_json, merge, read_object

text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(text, values, max_size=6)
indents = st.sampled_from([None, 0, 2])


def read(content: bytes, depth: int = 64) -> Any:
    return read_object(content, "the content", depth)


def merged(old: bytes, new: bytes) -> bytes:
    return merge(read(old), read(new))


@given(objects, objects, indents, st.booleans())
def test_the_top_level_is_merged_and_nothing_below(
    old: dict[str, Any],
    new: dict[str, Any],
    indent: int | None,
    ascii_only: bool,
) -> None:
    written = [json.dumps(one, indent=indent, ensure_ascii=ascii_only).encode() for one in (old, new)]
    assert json.loads(merged(*written)) == {**old, **new}


@given(objects)
def test_merging_again_changes_nothing(new: dict[str, Any]) -> None:
    written = json.dumps(new).encode()
    once = merged(b'{"a":1}', written)
    assert merged(once, written) == once


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_numbers_keep_every_digit(number: Decimal) -> None:
    written = f"{number:f}".encode()
    assert merged(b'{"kept":%b}' % written, b'{"new":%b}' % written) == b'{"kept":%b,"new":%b}' % (written, written)


def test_values_stay_the_bytes_they_were() -> None:
    old = b'{"a": 1.10, "b": {"x" : 12345678901234567890123, "y":1e-7}, "c":"\\u00e9 \xc3\xa9"}'
    assert merged(old, b'{"a":2.00}') == (
        b'{"a":2.00,"b":{"x" : 12345678901234567890123, "y":1e-7},"c":"\\u00e9 \xc3\xa9"}'
    )


@given(st.binary())
def test_bytes_are_an_object_or_refused(content: bytes) -> None:
    try:
        read(content)
    except NotMergeable:
        return
    assert isinstance(json.loads(content), dict)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"1",
        b"{",
        b'{"a":1}x',
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":"\xff"}',
        b"a=1",
    ],
)
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(NotMergeable, match="the content"):
        read(content)


def test_half_of_a_surrogate_pair_is_named() -> None:
    with pytest.raises(NotMergeable, match=r"the content\.a has half of a surrogate pair"):
        read(b'{"a":"x\\ud83dy"}')


@pytest.mark.parametrize("depth", [5, 64])
def test_depth_is_limited(depth: int) -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"

    assert read(nested(depth), depth)
    with pytest.raises(NotMergeable, match="deeper"):
        read(nested(depth + 1), depth)
    with pytest.raises(NotMergeable, match="deeper"):
        read(nested(100_000), depth)


def test_brackets_in_strings_and_beside_each_other_are_not_depth() -> None:
    assert read(b'{"a":"[[[[[[\\"[[[[", "b":[[],[],[],[]], "c":{}}', 3)


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_may_be_declared_with_parameters(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize("content_type", ["text/json", "application/jsonx", "application/ld+json", ""])
def test_other_types_are_not_json(content_type: str) -> None:
    assert not is_json(content_type)

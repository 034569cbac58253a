"""How deep JSON nests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from lrs.statement import is_deeper

VALUES = st.recursive(
    st.none() | st.text(alphabet='[]{}"\\a', max_size=6) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='[{"\\', max_size=3), inner, max_size=4)
    ),
    max_leaves=40,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES, st.integers(0, 6))
def test_it_is_deeper_than_a_limit_if_its_depth_is(value: Any, limit: int) -> None:
    assert is_deeper(json.encode(value), limit) == (depth(value) > limit)


@pytest.mark.parametrize("text", [b"[" * 64 + b"]" * 64, b'{"a":[' + b"[]," * 100_000 + b"1]}"])
def test_many_brackets_may_be_shallow(text: bytes) -> None:
    assert not is_deeper(text, 64)
    assert is_deeper(b"[" * 63 + text + b"]" * 63, 64)

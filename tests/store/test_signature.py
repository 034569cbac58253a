"""A signature never says that a statement lacks what it has, and mostly says that it lacks what it hasn't."""

import random

from hypothesis import given
from hypothesis import strategies as st

from lrs.index.signature import signature

TERMS = st.lists(st.binary(min_size=16, max_size=16), max_size=40)


@given(TERMS, TERMS)
def test_what_is_there_is_never_denied(some: list[bytes], others: list[bytes]) -> None:
    whole, part = signature([*some, *others]), signature(some)
    assert whole & part == part
    assert whole == part | signature(others)
    assert 0 <= whole < 1 << 63


def test_most_of_what_is_not_there_is_denied() -> None:
    chance = random.Random(1)
    statements = [signature(chance.randbytes(16) for _ in range(10)) for _ in range(200)]
    others = [signature([chance.randbytes(16)]) for _ in range(200)]
    taken_for = sum(whole & bits == bits for whole in statements for bits in others)
    assert taken_for < 200 * 200 / 10

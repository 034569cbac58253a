"""Sealing under a person's key, and under a key derived from it with a salt."""

from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import assume, given
from hypothesis import strategies as st

from lrs.seal import PersonKey
from lrs.seal.person import part_key

KEYS = st.binary(min_size=32, max_size=32)
SALTS = st.none() | st.binary(min_size=32, max_size=32)
CONTEXTS = st.binary(max_size=128)


def key_of(key: bytes) -> PersonKey:
    return PersonKey(UUID(int=1), UUID(int=2), key)


@given(KEYS, SALTS, CONTEXTS, st.binary(max_size=2_000))
def test_what_is_sealed_opens_with_the_same_key_salt_and_context(
    key: bytes, salt: bytes | None, context: bytes, plain: bytes
) -> None:
    sealed = key_of(key).seal(plain, context, salt)
    assert len(sealed) == 12 + len(plain) + 16
    assert key_of(key).unseal(sealed, context, salt) == plain


@given(st.tuples(KEYS, SALTS, CONTEXTS), st.tuples(KEYS, SALTS, CONTEXTS), st.sampled_from([0, 1, 2]))
def test_it_does_not_open_with_another_key_salt_or_context(
    one: tuple[bytes, bytes | None, bytes], two: tuple[bytes, bytes | None, bytes], differing: int
) -> None:
    assume(one[differing] != two[differing])
    key, salt, context = (two[n] if n == differing else one[n] for n in range(3))
    assert isinstance(key, bytes)
    assert isinstance(context, bytes)
    sealed = key_of(one[0]).seal(b"plain", one[2], one[1])
    with pytest.raises(InvalidTag):
        key_of(key).unseal(sealed, context, salt)


def test_the_derivation_is_as_it_is_written_down() -> None:
    """What was sealed once must be opened for ever: these bytes may not change."""
    context = UUID("6690e6c9-3ef0-4ed3-8b37-7f3964730bee").bytes + (2).to_bytes(4)
    derived = part_key(bytes(range(32)), bytes(range(32, 64)), context)
    assert derived.hex() == "1393f030ae0a49e191bf47b28a43292257b179e204a78a86e724da45bb83c732"

"""The master key: one, or several while they are rotated."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.seal import MasterKey, WrongMasterKey

KEYS = st.binary(min_size=32, max_size=32)
OLD, NEW = bytes(32), bytes(range(32))


def hexadecimal(key: bytes) -> str:
    return key.hex()


def urlsafe(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def standard(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.lists(KEYS, min_size=1, max_size=3), st.sampled_from([hexadecimal, urlsafe, standard]), st.text())
def test_all_keys_open_and_the_first_one_wraps(keys: list[bytes], written: object, label: str) -> None:
    assert callable(written)
    label = label.encode("utf-8", "replace").decode()
    master = MasterKey.parse("\n".join(map(written, keys)) + "\n")
    for key in keys:
        assert master.unwrap(MasterKey(key).wrap(b"a key", label), label) == b"a key"
    assert MasterKey(keys[0]).unwrap(master.wrap(b"a key", label), label) == b"a key"


@pytest.mark.parametrize("text", ["", " \n", "00", "zz" * 32, f"{'00' * 32},{'11' * 32}", f"{'00' * 32} and", "é" * 32])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a master key is 32 bytes, written as 64 hex digits or as base64$"):
        MasterKey.parse(text)


def test_what_the_first_wraps_is_left_as_it_is_and_what_others_wrap_is_wrapped_anew() -> None:
    master = MasterKey(NEW, OLD)
    assert master.rewrap(MasterKey(NEW).wrap(b"a key", "x"), "x") is None
    anew = master.rewrap(MasterKey(OLD).wrap(b"a key", "x"), "x")
    assert anew is not None
    assert MasterKey(NEW).unwrap(anew, "x") == b"a key"


@pytest.mark.parametrize(
    ("wrapped", "label"),
    [
        (MasterKey(b"x" * 32).wrap(b"a key", "x"), "x"),
        (MasterKey(NEW).wrap(b"a key", "x"), "y"),
        (b"", "x"),
        (b"too short", "x"),
    ],
    ids=["of another key", "of another label", "nothing", "too short"],
)
def test_what_none_wraps_is_an_error(wrapped: bytes, label: str) -> None:
    with pytest.raises(WrongMasterKey):
        MasterKey(NEW, OLD).unwrap(wrapped, label)
    with pytest.raises(WrongMasterKey):
        MasterKey(NEW, OLD).rewrap(wrapped, label)

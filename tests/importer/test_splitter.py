"""However a file comes in pieces, the items are the same."""

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.importer import Broken, split
from lrs.importer.scan import Nested

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\{}[],\n '), max_size=12)
_VALUES = st.recursive(_SCALARS | _TEXTS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=12)
_OBJECTS = st.dictionaries(_TEXTS, _VALUES, max_size=4)
_FLAT = st.dictionaries(_TEXTS, _SCALARS | _TEXTS | st.lists(_TEXTS))
_SPACES = st.sampled_from([None, 1, "\t"])
_BETWEEN = st.sampled_from(["", " ", "\n", "\r", "\r\n", "\ufeff", "\n\ufeff"])
_CUTS = st.lists(st.integers(min_value=1, max_value=40), min_size=1)


def _chunks(content: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        size = sizes[at % len(sizes)]
        yield content[at : at + size]
        at += size


def _texts(content: bytes, sizes: list[int] | None = None, longest: int = 1_000_000) -> list[bytes]:
    return [item.text for item in split(_chunks(content, sizes or [len(content) or 1]), longest)]


def _read(content: bytes, sizes: list[int]) -> list[Any]:
    return [json.loads(text) for text in _texts(content, sizes)]


@given(st.lists(_VALUES), _SPACES, _CUTS, st.booleans(), st.booleans())
def test_a_list_gives_its_items(
    values: list[Any], indent: Any, cuts: list[int], marked: bool, ascii_only: bool
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode()
    assert _read((b"\xef\xbb\xbf" if marked else b"") + text, cuts) == values


@given(st.lists(_OBJECTS, max_size=5), _CUTS, st.sampled_from(["\n", "\r\n", "\n\n \n"]), st.booleans())
def test_lines_give_their_values(values: list[Any], cuts: list[int], end: str, ended: bool) -> None:
    text = end.join(json.dumps(value, ensure_ascii=False) for value in values) + (end if ended else "")
    assert _read(text.encode(), cuts) == values


@given(st.lists(st.tuples(_OBJECTS, _BETWEEN), min_size=1, max_size=5), _CUTS)
def test_objects_with_anything_between_them_give_themselves(values: list[tuple[Any, str]], cuts: list[int]) -> None:
    text = "".join(json.dumps(value) + between for value, between in values).rstrip("\ufeff")
    assert _read(text.encode(), cuts) == [value for value, _ in values]


@given(st.lists(st.tuples(_VALUES.map(lambda value: [value]), _BETWEEN), min_size=1), _CUTS)
def test_lists_with_anything_between_them_give_their_items(values: list[tuple[Any, str]], cuts: list[int]) -> None:
    text = "".join(json.dumps(value) + between for value, between in values).rstrip("\ufeff")
    assert _read(text.encode(), cuts) == [value for [value], _ in values]


@given(st.lists(_OBJECTS, min_size=1, max_size=5), st.sampled_from([1, "\t"]), _CUTS)
def test_objects_over_several_lines_give_themselves(values: list[Any], indent: Any, cuts: list[int]) -> None:
    text = "\n".join(json.dumps(value, indent=indent) for value in [{"a": 1}, *values])
    assert _read(text.encode(), cuts) == [{"a": 1}, *values]


@given(st.binary(max_size=60).map(lambda tail: b'[{"a":1},' + tail) | st.binary(), _CUTS)
def test_anything_at_all_ends_in_items_or_broken_the_same_way(content: bytes, cuts: list[int]) -> None:
    def outcome(sizes: list[int]) -> tuple[list[bytes], str]:
        found: list[bytes] = []
        try:
            found.extend(item.text for item in split(_chunks(content, sizes), 1_000_000))
        except Broken as error:
            return found, str(error)
        return found, ""

    assert outcome(cuts) == outcome([len(content) or 1])


def test_bytes_and_numbers_stay_as_they_are_written() -> None:
    items = [b'{"n": 1.10e5 ,"m":12345678901234567890.5, "t":"\\u00e9\\/"}', '{"é": "\t"}'.encode()]
    assert _texts(b"[" + b" ,\n".join(items) + b"]", [7]) == items
    assert _texts(b"\n".join(items), [7]) == items


def test_items_know_their_line() -> None:
    assert [item.line for item in split([b'\n[{"a":\n1},\n{"b":2}]'], 100)] == [2, 4]
    assert [item.line for item in split([b'{"a":1}\n\n{"b":2}\n'], 100)] == [1, 3]
    assert [item.line for item in split([b'{"a":1}\r', b'\r{"b":2} {"c":3}\r{"d":4}'], 100)] == [1, 3, 3, 4]


def test_a_bad_line_is_an_item_of_its_own() -> None:
    assert _texts(b'{"a":1}\n{"a":\n{"a":2}\n') == [b'{"a":1}', b'{"a":', b'{"a":2}']
    assert _texts(b'{"a":\n{"a":2}\n') == [b'{"a":', b'{"a":2}']
    assert _texts(b'{"a":1}\n{"a":2} {"a"\n{"a":3}} {"a":4}') == [b'{"a":1}', b'{"a":2} {"a"', b'{"a":3}} {"a":4}']


def test_objects_on_one_line_need_not_be_in_memory_together() -> None:
    assert len(_texts(b'{"a":1}' * 1_000, [100], longest=100)) == 1_000


def test_nothing_is_looked_at_twice() -> None:
    value = Nested()
    for piece, scanned in [(b'{"a":"x', 7), (b"x" * 9, 9), (b"\\", 0), (b'\\"', 2), (b'"}, ', 2)]:
        assert value.scan(piece, 0) == (scanned, piece.startswith(b'"'))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a":1},\n{"a', "ends within the item that begins at line 2, byte 11"),
        (b'[{"a":1},\n', "ends at line 2, byte 11, before the list that begins at line 1, byte 1 does"),
        (b'[{"a":1}', "before the list"),
        (b"[", "before the list"),
        (b'[{"a":1}\n{"a":2}]', "at line 2, byte 10 the list should go on with a comma or end with ], not b'{'"),
        (b'[{"a":1},]', "at line 1, byte 10 a value should begin, not b']'"),
        (b'["a', "ends within the item that begins at line 1, byte 2"),
        (b"PK\x03\x04", "neither JSON lines nor a JSON list"),
        (b"\xff\xfe[\x00", "neither JSON lines nor a JSON list"),
        (b"[] x]", "at line 1, byte 5"),
    ],
)
def test_what_is_broken_is_said_with_its_place(content: bytes, message: str) -> None:
    for sizes in ([len(content)], [1]):
        with pytest.raises(Broken, match=message.replace("[", "\\[").replace("]", "\\]")):
            _texts(content, sizes)


@given(st.lists(_FLAT, min_size=1), st.booleans(), st.integers(min_value=4, max_value=60), _CUTS)
def test_what_is_larger_than_the_limit_is_passed_over(
    values: list[Any], lines: bool, longest: int, cuts: list[int]
) -> None:
    texts = [json.dumps(value).encode() for value in values]
    content = b"\n".join(texts) if lines else b"[" + b",\n".join(texts) + b"]"
    items = list(split(_chunks(content, cuts), longest))
    assert [item.text for item in items] == [text if len(text) <= longest else b"" for text in texts]
    assert [bool(item.too_large) for item in items] == [len(text) > longest for text in texts]
    assert [item.line for item in items] == list(range(1, len(values) + 1))


@pytest.mark.parametrize("large", [b'{"a":"%b\\"}{"}', b'{"a":{"b":[%b"]","\\\\"]}}'])
@pytest.mark.parametrize("form", [b'{"a":1}\n%b\n{"b":2}\n', b'[{"a":1},\n%b,\n{"b":2}]', b'{"a":1\n}\n%b{"b":2}'])
def test_of_what_is_too_large_the_place_is_told(form: bytes, large: bytes) -> None:
    content = form % (large % (b"1" * 500))
    for sizes in ([len(content)], [7], [1]):
        one, passed, two = split(_chunks(content, sizes), 100)
        assert json.loads(one.text) == {"a": 1}
        assert two.text == b'{"b":2}'
        begin = content.index(b'{"a":' + large[5:6])
        line = content.count(b"\n", 0, begin) + 1
        assert (passed.text, passed.line) == (b"", line)
        assert passed.too_large.startswith(f"the item that begins at line {line}, byte {begin + 1} is larger than 100 ")


@pytest.mark.parametrize("form", [b'{"a":1}\n{"a":"%b', b'[{"a":"%b', b'["%b', b"[[%b"])
def test_what_is_too_large_is_let_go_of_while_it_is_read(form: bytes) -> None:
    start, chunk = form.split(b"%b")[0], b"x" * 1_000
    sizes: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield start
        for _ in range(1_000):
            yield chunk
            sizes.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        with suppress(Broken):
            list(split(chunks(), 10_000))
    finally:
        tracemalloc.stop()
    assert len(sizes) == 1_000
    assert max(sizes) < 100_000


def test_a_word_larger_than_the_limit_is_passed_over() -> None:
    for sizes in ([10], [1_000]):
        one, two = split(_chunks(b"[" + b"1" * 500 + b',{"a":1}]', sizes), 100)
        assert one.too_large.startswith("the item that begins at line 1, byte 2 is larger than 100 bytes")
        assert (one.text, two.text) == (b"", b'{"a":1}')


def test_what_is_too_large_and_cut_off_is_said_with_its_place() -> None:
    with pytest.raises(Broken, match="ends within the item that begins at line 1, byte 2"):
        _texts(b'[{"a":"' + b"x" * 500, [10], longest=100)


def test_nothing_gives_nothing() -> None:
    assert _texts(b"") == _texts(b" \n\t") == _texts(b"\xef\xbb\xbf") == _texts(b"[]\n") == []

"""If-Match and If-None-Match."""

from hypothesis import given
from hypothesis import strategies as st

from lrs.document import Conditions

opaque = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'), max_size=40)
sha1s = st.text("0123456789abcdef", min_size=40, max_size=40)
tags = opaque.map(lambda text: f'"{text}"')
space = st.sampled_from(["", " ", "  ", "\t"])


@st.composite
def headers(draw: st.DrawFn, *members: st.SearchStrategy[str]) -> str:
    """Give a list of tags, in any spacing, with empty members as RFC 9110 5.6.1 has recipients take them."""
    items = draw(st.permutations([draw(member) for member in members] + draw(st.lists(st.just(""), max_size=2))))
    return ",".join(draw(space) + item + draw(space) for item in items)


def test_without_headers_anything_may_be_changed() -> None:
    assert not Conditions().stated()
    assert Conditions().hold(None)
    assert Conditions().hold('"a"')


def test_a_star_matches_whatever_is_there() -> None:
    assert Conditions(if_match="*").hold('"a"')
    assert Conditions(if_match=" * ").hold('"a"')
    assert not Conditions(if_match="*").hold(None)
    assert Conditions(if_none_match="*").hold(None)
    assert not Conditions(if_none_match="*").hold('"a"')


def test_a_quoted_star_is_a_tag() -> None:
    assert not Conditions(if_match='"*"').hold('"a"')
    assert Conditions(if_none_match='"*"').hold('"a"')


def test_an_empty_header_names_no_document() -> None:
    assert not Conditions(if_match="").hold('"a"')
    assert Conditions(if_none_match="").hold('"a"')


def test_both_headers_must_hold() -> None:
    assert not Conditions('"a"', '"a"').hold('"a"')
    assert Conditions('"a"', '"b"').hold('"a"')


@given(tags, st.data())
def test_a_tag_in_a_list_matches(tag: str, data: st.DataObject) -> None:
    header = data.draw(headers(st.just(tag), tags, tags))
    assert Conditions(if_match=header).hold(tag)
    assert not Conditions(if_none_match=header).hold(tag)


@given(st.lists(tags), st.data())
def test_a_tag_that_is_not_in_the_list_does_not_match(others: list[str], data: st.DataObject) -> None:
    tag = data.draw(tags.filter(lambda tag: tag not in others))
    header = ", ".join(others)
    assert not Conditions(if_match=header).hold(tag)
    assert Conditions(if_none_match=header).hold(tag)


@given(tags, st.data())
def test_a_weak_tag_matches_only_where_bytes_do_not_matter(tag: str, data: st.DataObject) -> None:
    header = data.draw(headers(st.just(f"W/{tag}")))
    assert not Conditions(if_match=header).hold(tag)
    assert not Conditions(if_none_match=header).is_new(tag)


@given(tags, st.data())
def test_nothing_matches_a_document_that_is_not_there(tag: str, data: st.DataObject) -> None:
    header = data.draw(headers(st.just(tag), tags))
    assert not Conditions(if_match=header).hold(None)
    assert Conditions(if_none_match=header).hold(None)


@given(sha1s)
def test_a_hash_without_quotes_is_understood(sha1: str) -> None:
    assert Conditions(if_match=sha1).hold(f'"{sha1}"')
    assert not Conditions(if_match=sha1[1:]).hold(f'"{sha1}"')


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    Conditions(header, header).hold('"a"')

"""Reading Accept headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.accept import accepted


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("", [""]),
        ("*/*", ["*/*"]),
        ("text/html, application/json;q=0.9", ["text/html", "application/json"]),
        ("Text/HTML;level=1; Q=0.1 , application/json", ["application/json", "text/html"]),
        ("application/json;q=0, text/plain;q=nonsense, text/html", ["text/html"]),
        ("text/plain;q=1e999, text/html;q=inf, a/b;q=nan", ["text/plain", "text/html"]),
    ],
)
def test_what_is_liked_best_comes_first(header: str, kinds: list[str]) -> None:
    assert accepted(header) == kinds


@given(st.text(alphabet=st.sampled_from('texhtml/*;q=0.1e9,ap \tinf"\xff-+'), max_size=60))
def test_any_header_is_read(header: str) -> None:
    assert all(kind == kind.lower().strip() for kind in accepted(header))


def test_no_more_is_read_than_any_program_sends() -> None:
    assert len(accepted("a," * 30_000)) < 1_000

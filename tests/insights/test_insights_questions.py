"""Questions that are not as they should be."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insights.house import PATHS, TRAINING, House, reason


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("/follow-ups", "teem=sales", "'teem' is not known here"),
        ("/follow-ups", "Team=sales", "the case matters, it is team"),
        ("/follow-ups", "team=sales&team=ops", "more than once"),
        ("/follow-ups", "status=late", "one of open, due, overdue"),
        ("/follow-ups", "sort=name", "one of completed, -completed"),
        ("/follow-ups", "limit=0", "from 1 to 500"),
        ("/follow-ups", "limit=501", "from 1 to 500"),
        ("/follow-ups", "limit=all", "whole number"),
        ("/follow-ups", "person=me", "a UUID"),
        ("/follow-ups", "due_before=tomorrow", "a time such as"),
        ("/follow-ups", "due_before=2026-01-31T09:00:00", "a time such as"),
        ("/follow-ups", "changed_since=-1", "a position"),
        ("/follow-ups", "training=%00", "1 to 2000 characters"),
        ("/follow-ups", "format=xml", "one of json, csv"),
        ("/follow-ups", "%ff=1", "not URL-encoded UTF-8"),
        ("/follow-ups", "as_of=yesterday", "a position of the log, or a time"),
        ("/follow-ups", "as_of=0001-01-01T00:00:00%2B14:00", "in 1970 or later"),
        ("/follow-ups", "as_of=0001-01-01T00:00:00Z", "in 1970 or later"),
        ("/follow-ups", "as_of=9999-12-31T23:59:59-14:00", "lies in the future"),
        ("/follow-ups", "as_of=0", "begin at 1"),
        ("/follow-ups", "as_of=99999999999999999999", "begin at 1"),
        ("/follow-ups", "as_of=4000000", "the log ends at position"),
        ("/follow-ups", "as_of=2999-01-01T00:00:00Z", "lies in the future"),
        ("/follow-ups", "wait_for=4000000", "the log ends at position"),
        ("/follow-ups", "wait_for=soon", "a position"),
        ("/streaks", "standing=asleep", "one of none, running"),
        ("/follow-ups/figures", "by=person", "one of training, team, manager"),
        ("/follow-ups/figures", "by=team&manager=68542a32-c08f-4b09-be15-92ad5c14b4a2", "no other filters"),
        ("/follow-ups/figures", "team=a&manager=68542a32-c08f-4b09-be15-92ad5c14b4a2", "no other filters"),
        ("/follow-ups/figures", "status=overdue", "not known here"),
        ("/people", "sort=age", "one of name, -name"),
        ("/positions", "as_of=1", "this request takes none"),
        ("/changes", "projection=made_up", "one of follow_up"),
        ("/changes", "since=x", "a position"),
        ("/people/68542a32-c08f-4b09-be15-92ad5c14b4a2", "format=csv", "not known here"),
    ],
)
def test_wrong_questions_get_the_reason(busy: House, path: str, query: str, words: str) -> None:
    with busy.person("eve", "lnd") as eve:
        assert words in reason(eve.get(f"{path}?{query}"))


_NAMES = (
    *(
        "team",
        "manager",
        "person",
        "training",
        "step",
        "status",
        "due_before",
        "changed_since",
        "as_of",
        "limit",
        "sort",
    ),
    *("cursor", "format", "least", "standing", "by", "verb", "seen_since", "name", "parent"),
)
_VALUES = st.one_of(
    st.sampled_from(
        ["sales", "1", "-1", "due", "-name", "json", "csv", "2026-01-01T00:00:00Z", str(uuid4()), TRAINING]
    ),
    st.integers().map(str),
    st.text(max_size=20),
    st.datetimes().map(str),
)


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=3))
def test_no_parameters_break_it(busy: House, path: str, query: dict[str, str]) -> None:
    with busy.person("eve", "lnd") as eve:
        encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in query.items()}
        assert eve.get(path, params=encoded).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/people/x",
        "/people/%00",
        "/teams/%00",
        "/teams/%ff",
        "/teams/a%2Fb",
        "/follow-ups/x/y",
        "/nothing",
        "/statements/1",
    ],
)
def test_addresses_of_nothing(busy: House, path: str) -> None:
    with busy.person("eve", "lnd") as eve:
        assert reason(eve.get(path), 404)

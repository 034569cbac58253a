"""What is made of a statement as another store or tool writes it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec import json as msgspec_json

from lrs.importer.content_id import content_id
from lrs.importer.date import as_rfc3339
from lrs.importer.intake import Intake, Taken, version_of
from lrs.importer.tally import Tally
from lrs.importer.wrapper import unwrapped
from lrs.statement import Invalid, Limits
from lrs.statement.formats import timestamp
from tests.importer.given import statement

_TALLY = Tally()


def _taken(made: dict[str, Any], tally: Tally = _TALLY, *, keep_authority: bool = False) -> Taken:
    return _taken_from(json.dumps(made).encode(), tally, keep_authority=keep_authority)


def _taken_from(text: bytes, tally: Tally = _TALLY, *, keep_authority: bool = False) -> Taken:
    return Intake(Limits(), tally, keep_authority=keep_authority).take(text, 1)


def _as_json(made: Any) -> Any:
    return msgspec_json.decode(msgspec_json.encode(_taken(made).statement))


@pytest.mark.parametrize(
    ("written", "rewritten"),
    [
        ("2021-11-29 23:09:00", "2021-11-29T23:09:00Z"),
        ("2021-11-29 23:09:00.123456789 UTC", "2021-11-29T23:09:00.123456789Z"),
        ("2021-11-29T23:09:00+0100", "2021-11-29T23:09:00+01:00"),
        ("2021-11-29 23:09:00+01", "2021-11-29T23:09:00+01:00"),
        ("2021-11-29 23:09 GMT", "2021-11-29T23:09:00Z"),
        ("2021-11-29T23:09:00-00:00", "2021-11-29T23:09:00Z"),
        ("2021-11-29T23:09:00,5Z", "2021-11-29T23:09:00.5Z"),
        ("20211129T230900Z", "2021-11-29T23:09:00Z"),
        ("1638227340", "2021-11-29T23:09:00Z"),
        ("1638227340867", "2021-11-29T23:09:00.867Z"),
        ("1638227340.867219", "2021-11-29T23:09:00.867219Z"),
        ("2021-11-29", None),
        ("29/11/2021 23:09:00", None),
        ("Mon, 29 Nov 2021 23:09:00 GMT", None),
        ("2021-13-29 23:09:00", None),
        ("2021-11-29 25:09:00", None),
        ("163822734", None),
        ("", None),
    ],
)
def test_dates(written: str, rewritten: str | None) -> None:
    assert as_rfc3339(written) == rewritten


@given(st.datetimes(), st.integers(min_value=-23 * 60, max_value=23 * 60).map(lambda m: timedelta(minutes=m)))
def test_rewriting_a_date_keeps_the_moment(naive: Any, offset: timedelta) -> None:
    minutes = abs(offset) // timedelta(minutes=1)
    zone = f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"
    rewritten = as_rfc3339(f"{naive.isoformat(sep=' ', timespec='microseconds')} {zone}")
    assert rewritten
    assert timestamp(rewritten, "2.0.0").utcoffset() == offset
    assert timestamp(rewritten, "2.0.0").replace(tzinfo=None) == naive


def test_dates_are_only_rewritten_where_xapi_refuses_them() -> None:
    tally = Tally()
    for version, written in [("1.0.3", "2021-11-29T23:09:00+0100"), ("2.0.0", "2021-11-29T23:09:00+01:00")]:
        assert _taken(statement(version=version, timestamp=written), tally).statement.timestamp == written
    assert tally.dates == 0
    inner = {**statement(id=None, timestamp="2021-11-29 23:09:00"), "objectType": "SubStatement"}
    found = _as_json(statement(object=inner, version="2.0.0", timestamp=1638227340867))
    assert found["timestamp"] == "2021-11-29T23:09:00.867Z"
    assert found["object"]["timestamp"] == "2021-11-29T23:09:00Z"
    with pytest.raises(Invalid, match=r"statement\.timestamp: 'yesterday'"):
        _taken(statement(timestamp="yesterday"))


def test_nulls_are_left_out_but_in_extensions() -> None:
    made = statement(
        result={"score": None, "duration": None, "extensions": {"http://example.org/x": None}},
        context={"contextActivities": {"parent": [{"id": "http://example.org/p", "definition": None}]}},
    )
    made["stored"] = None
    tally = Tally()
    found = _taken(made, tally).statement
    assert json.loads(msgspec_json.encode(found.result)) == {"extensions": {"http://example.org/x": None}}
    assert b"definition" not in msgspec_json.encode(found.context)
    assert tally.nulls == 4


def test_mending_one_thing_leaves_all_numbers_as_they_are() -> None:
    text = json.dumps(statement(timestamp="2021-11-29 23:09:00", result={"score": {"raw": "N"}, "response": None}))
    text = text.replace('"N"', "1.2300000000000000000000000001")
    found = Intake(Limits(), Tally(), keep_authority=False).take(text.encode(), 1)
    assert b'"raw":1.2300000000000000000000000001' in msgspec_json.encode(found.statement)


def test_the_first_reason_that_is_left_is_given() -> None:
    with pytest.raises(Invalid, match=r"statement\.verb\.id"):
        _taken(statement(verb={"id": "did"}, timestamp="2021-11-29 23:09:00", result=None))


def test_each_goes_by_the_rules_of_its_own_version() -> None:
    agents = {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:b@example.org"}}]}
    assert _taken(statement(context=agents)).version == "2.0.0"
    assert _taken(statement(context=agents, version="2.0.0")).version == "2.0.0"
    with pytest.raises(Invalid, match=r"came with xAPI 2\.0"):
        _taken(statement(context=agents, version="1.0.3"))
    assert _taken(statement()).version == "1.0.3"
    assert version_of(b'{"version":null}') == "1.0.3"
    with pytest.raises(Invalid, match="version"):
        _taken(statement(version="0.95"))


@pytest.mark.parametrize("more", [{}, {"result": None}, {"timestamp": "2021-11-29 23:09:00"}])
def test_mending_takes_none_of_two(more: dict[str, Any]) -> None:
    """2.0 has a property that is said twice refused (IEEE 9274.1.1, 4.2.1), also where there is something to mend."""
    text = json.dumps(statement(version="2.0.0", **{"timestamp": "2021-11-29T23:09:00Z", **more}))
    twice = text.replace('"verb":', '"verb": {"id": "http://example.org/undid"}, "verb":', 1).encode()
    with pytest.raises(Invalid, match="is there more than once") as refused:
        _taken_from(twice)
    assert refused.value.path == "statement.verb"
    assert _taken_from(twice.replace(b'"2.0.0"', b'"1.0.3"')).statement.verb.id == "http://example.org/did"


def test_what_is_no_utf_8_is_refused_for_that_before_it_is_mended() -> None:
    text = json.dumps(statement(version="2.0.0", result=None, context={"extensions": {"http://example.org/x": "?"}}))
    nulled = text.replace('"version"', '"result": null, "version"').encode()
    with pytest.raises(Invalid, match="UTF-8"):
        _taken_from(nulled.replace(b'"?"', b'"\xff"'))


@pytest.mark.parametrize("depth", [200, 950, 5_000])
def test_what_is_nested_too_deeply_is_refused_for_that_before_it_is_mended(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    text = json.dumps(statement(version="2.0.0", result={"extensions": {"http://example.org/deep": "DEEP"}}))
    with pytest.raises(Invalid, match="deep"):
        _taken_from(text.replace('"DEEP"', deep).encode())


def test_an_id_follows_from_the_content() -> None:
    made = statement(id=None)
    tally = Tally()
    first = _taken(made, tally)
    again = content_id(json.dumps(dict(reversed(made.items())), indent=2).encode())
    assert first.id == again == first.id
    assert first.statement.id == str(first.id)
    assert _taken({**made, "timestamp": "2021-11-29T23:09:01Z"}).id != first.id
    assert content_id(b'{"a":1.00000000000000000001}') != content_id(b'{"a":1.00000000000000000002}')
    assert tally.given_id == 1


def test_the_id_of_a_content_never_changes() -> None:
    assert str(content_id(b'{"b": [1.0, "\xc3\xa9"], "a": null}')) == "cdc87c08-8872-5d0c-9489-acf4fc4af594"


def test_the_timestamp_is_when_the_source_stored_it_if_there_is_none() -> None:
    tally = Tally()
    assert _taken(statement(timestamp=None, stored="2021-11-29 23:09:00"), tally).statement.timestamp is not None
    found = _as_json(statement(timestamp=None, stored="2021-11-29T23:09:00.5Z", version="2.0.0"))
    assert found["timestamp"] == "2021-11-29T23:09:00.5Z"
    assert _taken(statement(timestamp=None), tally).statement.timestamp is UNSET
    assert (tally.timed_by_source, tally.timed_by_import) == (1, 1)


def test_what_is_replaced_anyway_is_no_reason_to_refuse() -> None:
    made = statement(stored="long ago", authority={"objectType": "Group", "mbox": "mailto:all@example.org"})
    assert _taken(made)
    with pytest.raises(Invalid, match="authority"):
        _taken(made, keep_authority=True)


def test_wrappers_are_taken_off() -> None:
    one, two = b'{"actor": 1.0}', b'{"actor":2}'
    assert unwrapped(one) == [one]
    assert unwrapped(b'{"more":"/x", "statements":[%b , %b]}' % (one, two)) == [one, two]
    assert unwrapped(b'{"_id":{"$oid":"1"},"statement":%b,"hash":"x"}' % one) == [one]
    assert unwrapped(b'{"line":1,"reason":"x","statement":%b}' % one) == [one]
    for strange in (b'{"statement":', b"[1]", b"1", b'{"statements":1}', b"{}"):
        assert unwrapped(strange) == [strange]


def test_mended_text_of_refused_lines_is_taken() -> None:
    inner = json.dumps(statement())
    line = {"line": 3, "reason": "statement: is not valid JSON", "text": inner}
    assert unwrapped(json.dumps(line).encode()) == [inner.encode()]
    # Of somebody else's, or with nothing in it, it is what it is.
    for other in ({**line, "text": ""}, {**line, "text": 7}, {"reason": "so", "text": inner}, {"text": inner}):
        assert unwrapped(json.dumps(other).encode()) == [json.dumps(other).encode()]
    assert unwrapped(json.dumps({"statement": {"a": 1}, "text": 7}).encode()) == [b'{"a": 1}']


def test_dots_come_back_in_the_keys_of_a_learning_locker_export() -> None:
    inner = b'{"http://a&46;b/\\"x&46;": "keep &46; here" , "c":["d&46;"]}'
    assert unwrapped(b'{"statement":%b}' % inner) == [b'{"http://a.b/\\"x.": "keep &46; here" , "c":["d&46;"]}']

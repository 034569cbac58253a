"""What must hold of any statement, and of anything that isn't one."""

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.statement import (
    UNDATED,
    Invalid,
    Version,
    canonical,
    ids,
    join,
    parse,
    parse_actor,
    prepare,
    read,
    same,
    with_stored,
)
from lrs.statement.cut import CUT, encode
from tests.statement.given import AUTHORITY, LIMITS, parsed, wire
from tests.statement.strategies import JSON, STATEMENTS

VERSIONS: tuple[Version, ...] = ("1.0.3", "2.0.0")
_some = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@_some
@given(STATEMENTS)
def test_valid_statements_are_taken_and_kept(statement: dict[str, Any]) -> None:
    kept = json.loads(encode(parsed(statement)))
    for name, value in statement.items():
        if name not in ("object", "context"):
            assert kept[name] == value


@_some
@given(STATEMENTS)
def test_cut_and_join_give_the_statement_back(statement: dict[str, Any]) -> None:
    done = prepare(parsed(statement), authority=AUTHORITY, version="2.0.0")
    people = [mention.text for mention in done.mentions]
    whole = join(done.text, people)
    assert whole == encode(done.statement)
    assert all(CUT not in person for person in people)
    assert all(mention.identity != done.actor for mention in done.mentions)
    again = prepare(read(whole), authority=AUTHORITY, version="2.0.0")
    assert again == done


@_some
@given(STATEMENTS)
def test_what_is_given_back_is_a_statement_and_the_same(statement: dict[str, Any]) -> None:
    done = prepare(parsed(statement), authority=AUTHORITY, version="2.0.0")
    whole = join(done.text, [mention.text for mention in done.mentions])
    returned = parsed(with_stored(whole, "2026-03-01T12:00:00.000Z"))
    if done.statement.timestamp != UNDATED:
        assert same(returned, done.statement, "1.0.3")
    assert same(parsed(statement), returned, "1.0.3")
    parsed(ids(returned), "2.0.0")
    parsed(canonical(returned, {"nl": 1}, {}), "2.0.0")


@_some
@given(STATEMENTS, STATEMENTS, st.randoms(use_true_random=False))
def test_same_is_reflexive_and_symmetric(a: dict[str, Any], b: dict[str, Any], random: Any) -> None:
    one, other = parsed(a), parsed(b)
    assert same(one, copy.deepcopy(one), "1.0.3")
    assert same(one, other, "1.0.3") == same(other, one, "1.0.3")
    changed = parsed(_changed_where_it_does_not_matter(a, random))
    assert same(one, changed, "1.0.3")
    assert same(changed, one, "1.0.3")


@_some
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_what_is_said_twice_is_refused_in_2_0_alone(statement: dict[str, Any], random: Any) -> None:
    said_twice = json.dumps(_marked(statement, random)).replace(json.dumps(_MARK) + ":", '"id":"x:y","id":')
    with suppress(Invalid):  # what came with 2.0
        assert parsed(said_twice, "1.0.3") == parsed(statement, "1.0.3")
    with pytest.raises(Invalid, match=r"id: is there more than once"):
        parsed(said_twice)


_MARK = "\ud83d\udccc"


def _marked(statement: dict[str, Any], random: Any) -> dict[str, Any]:
    """Mark one of the ids of its verb, object and activities around it."""
    holders = [statement["verb"]]
    if "id" in statement["object"]:
        holders.append(statement["object"])
    chosen = random.choice(holders)
    return {
        name: {_MARK if key == "id" else key: inner for key, inner in value.items()} if value is chosen else value
        for name, value in statement.items()
    }


def _changed_where_it_does_not_matter(value: Any, random: Any, name: str = "") -> Any:
    """Shuffle keys and members, drop what the record store sets, change the display of verbs and definitions."""
    if isinstance(value, dict):
        entries = list(value.items())
        random.shuffle(entries)
        if name == "":
            entries = [(key, part) for key, part in entries if key not in ("id", "stored", "version", "authority")]
        whole = {key: _changed_where_it_does_not_matter(part, random, key) for key, part in entries}
        if name == "verb":
            whole["display"] = {"nl": "anders"}
        return whole
    if name == "member":
        return random.sample(value, len(value))
    return value


def _refused(body: bytes, version: Version) -> Invalid | None:
    try:
        for statement in parse(body, version, LIMITS):
            prepare(statement, authority=AUTHORITY, version=version)
    except Invalid as error:
        return error
    return None


def _attempt(body: bytes) -> None:
    for version in VERSIONS:
        if (error := _refused(body, version)) is not None:
            assert error.path.startswith("statement")
            assert error.reason
            assert str(error) == f"{error.path}: {error.reason}"
    with suppress(Invalid):
        parse_actor(body)


@_some
@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    _attempt(body)


@_some
@given(JSON)
def test_any_json(body: Any) -> None:
    _attempt(wire(json.dumps(body)))


@_some
@given(STATEMENTS, st.data())
def test_statements_with_something_put_in(statement: dict[str, Any], data: st.DataObject) -> None:
    """Put any JSON anywhere in a statement: it is taken or refused, never anything else."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, part in entries:
            places.append((value, key))
            walk(part)

    body = copy.deepcopy(statement)
    walk(body)
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(JSON)
    _attempt(wire(json.dumps(data.draw(st.sampled_from([body, [body], [statement, body]])))))


@_some
@given(STATEMENTS, st.integers(0, 10_000), st.binary(max_size=4))
def test_statements_with_bytes_replaced(statement: dict[str, Any], place: int, bytes_: bytes) -> None:
    body = wire(statement)
    at = place % len(body)
    _attempt(body[:at] + bytes_ + body[at + len(bytes_) :])

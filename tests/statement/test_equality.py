"""When two statements are the same one, rule by rule."""

import copy
from typing import Any

import pytest

from lrs.statement import prepare, same
from tests.statement.given import (
    ANN,
    ATTACHMENT,
    AUTHORITY,
    BOB,
    CAS,
    COURSE,
    ID,
    OTHER_ID,
    VERB,
    a_statement,
    a_substatement,
    parsed,
)

_TEAM = {"objectType": "Group", "member": [ANN, BOB]}
_X = "http://example.com/x"
_LEAST = '{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"x:v"},"object":{"id":"x:o"},'


def _both(a: dict[str, Any] | str, b: dict[str, Any] | str) -> bool:
    """Compare both ways round, and each with itself."""
    one, other = parsed(a, "1.0.3"), parsed(b, "1.0.3")
    assert same(one, copy.deepcopy(one), "1.0.3")
    assert same(other, copy.deepcopy(other), "1.0.3")
    assert same(one, other, "1.0.3") == same(other, one, "1.0.3")
    return same(one, other, "1.0.3")


def _result(**properties: Any) -> dict[str, Any]:
    return a_statement(result=properties)


def _context(**properties: Any) -> dict[str, Any]:
    return a_statement(context=properties)


def _score(raw: str) -> str:
    return f'{_LEAST}"result":{{"score":{{"raw":{raw}}}}}}}'


def _extension(value: str) -> str:
    return f'{_LEAST}"context":{{"extensions":{{"x:e":{value}}}}}}}'


_Pair = tuple[dict[str, Any] | str, dict[str, Any] | str]
_SAME: dict[str, _Pair] = {
    "leap second": (
        a_statement(timestamp="2016-12-31T23:59:60.0001Z"),
        a_statement(timestamp="2017-01-01T00:59:60+01:00"),
    ),
    "huge exponents": (_extension("1e99999999999999999999"), _extension("1E99999999999999999999")),
    "what the LRS assigns": (
        a_statement(),
        a_statement(
            id=ID, authority=ANN, version="1.0.0", stored="2020-01-01T00:00:00Z", timestamp="2020-01-01T00:00:00Z"
        ),
    ),
    "authority": (a_statement(authority=ANN), a_statement(authority=BOB)),
    "stored": (a_statement(stored="2020-01-01T00:00:00Z"), a_statement(stored="2021-01-01T00:00:00Z")),
    "version": (a_statement(version="1.0.0"), a_statement(version="1.0.3")),
    "case of id": (a_statement(id=ID), a_statement(id=ID.upper())),
    "time zone": (a_statement(timestamp="2020-01-01T12:00:00Z"), a_statement(timestamp="2020-01-01T13:00:00+01:00")),
    "fraction": (a_statement(timestamp="2020-01-01T12:00:00Z"), a_statement(timestamp="2020-01-01T12:00:00.000Z")),
    "truncated": (
        a_statement(timestamp="2020-01-01T12:00:00.1239Z"),
        a_statement(timestamp="2020-01-01T12:00:00.123Z"),
    ),
    "rounded": (a_statement(timestamp="2020-01-01T12:00:00.1239Z"), a_statement(timestamp="2020-01-01T12:00:00.124Z")),
    "display": (a_statement(), a_statement(verb=VERB | {"display": {"en": "done"}})),
    "definition": (a_statement(), a_statement(object=COURSE | {"definition": {"name": {"en": "Course"}}})),
    "objectType of an activity": (a_statement(), a_statement(object=COURSE | {"objectType": "Activity"})),
    "objectType of an agent": (a_statement(), a_statement(actor=ANN | {"objectType": "Agent"})),
    "domain": (a_statement(actor={"mbox": "mailto:a@b.c"}), a_statement(actor={"mbox": "mailto:a@B.C"})),
    "sha1": (a_statement(actor={"mbox_sha1sum": "a" * 40}), a_statement(actor={"mbox_sha1sum": "A" * 40})),
    "members": (a_statement(actor=_TEAM), a_statement(actor={"objectType": "Group", "member": [BOB, ANN]})),
    "context activity alone": (
        _context(contextActivities={"parent": COURSE}),
        _context(contextActivities={"parent": [COURSE]}),
    ),
    "context activities": (
        _context(contextActivities={"other": [COURSE, {"id": _X}]}),
        _context(contextActivities={"other": [{"id": _X}, COURSE | {"definition": {"type": _X}}]}),
    ),
    "language": (_context(language="en-US"), _context(language="en-us")),
    "registration": (_context(registration=ID), _context(registration=ID.upper())),
    "reference": (
        a_statement(object={"objectType": "StatementRef", "id": ID}),
        a_statement(object={"objectType": "StatementRef", "id": ID.upper()}),
    ),
    "hundredths": (_result(duration="P1DT12H36M0.12567S"), _result(duration="P1DT12H36M0.12S")),
    "no hundredths": (_result(duration="PT5S"), _result(duration="PT5.001S")),
    "number": (_score("1"), _score("1.0")),
    "exponent": (_score("100"), _score("1E2")),
    "number in extension": (_extension("[1.50]"), _extension("[15e-1]")),
    "order of keys": (_extension('{"a":1,"b":[]}'), _extension('{ "b": [], "a": 1 }')),
    "escapes": (_extension('"é"'), _extension('"\\u00e9"')),
    "out of range": (_extension("1e99999999999999999999"), _extension(" 1e99999999999999999999")),
    "sha2": (
        a_statement(attachments=[ATTACHMENT]),
        a_statement(attachments=[ATTACHMENT | {"sha2": str(ATTACHMENT["sha2"]).upper()}]),
    ),
    "substatement": (
        a_statement(object=a_substatement(timestamp="2020-01-01T12:00:00Z")),
        a_statement(object=a_substatement(timestamp="2020-01-01T12:00:00.000+00:00", verb=VERB | {"display": {}})),
    ),
}


@pytest.mark.parametrize("name", _SAME)
def test_same(name: str) -> None:
    assert _both(*_SAME[name])


_DIFFERENT: dict[str, _Pair] = {
    "leap second": (
        a_statement(timestamp="2016-12-31T23:59:59Z"),
        a_statement(timestamp="2016-12-31T23:59:60Z"),
    ),
    "number and string": (_extension("1e99999999999999999999"), _extension('"1e99999999999999999999"')),
    "actor": (a_statement(), a_statement(actor=BOB)),
    "name": (a_statement(), a_statement(actor=ANN | {"name": "Ann"})),
    "names": (a_statement(actor=ANN | {"name": "Ann"}), a_statement(actor=ANN | {"name": "Anna"})),
    "account": (
        a_statement(actor=CAS),
        a_statement(actor={"account": {"homePage": "https://lms.example.com", "name": "Cas"}}),
    ),
    "local part": (a_statement(actor={"mbox": "mailto:a@b.c"}), a_statement(actor={"mbox": "mailto:A@b.c"})),
    "agent or group": (a_statement(), a_statement(actor=ANN | {"objectType": "Group"})),
    "members": (a_statement(actor=_TEAM), a_statement(actor={"objectType": "Group", "member": [ANN, BOB, BOB]})),
    "verb": (a_statement(), a_statement(verb={"id": _X})),
    "object": (a_statement(), a_statement(object={"id": _X})),
    "kind of object": (a_statement(), a_statement(object={"objectType": "StatementRef", "id": ID})),
    "person as object": (
        a_statement(object={"objectType": "Agent", **ANN}),
        a_statement(object={"objectType": "Agent", **BOB}),
    ),
    "id": (a_statement(id=ID), a_statement(id=OTHER_ID)),
    "timestamp": (a_statement(timestamp="2020-01-01T12:00:00Z"), a_statement(timestamp="2020-01-01T12:00:00.001Z")),
    "result": (a_statement(), a_statement(result={"success": True})),
    "success": (_result(success=True), _result(success=False)),
    "response": (_result(response="a"), _result(response="A")),
    "duration": (_result(duration="PT1M"), _result(duration="PT60S")),
    "hundredths": (_result(duration="PT0.12S"), _result(duration="PT0.13S")),
    "score": (_score("1"), _score("1.0000000000000000000000000001")),
    "extension": (_extension("1"), _extension("2")),
    "one or true": (_extension("1"), _extension("true")),
    "zero or false": (_extension("[0]"), _extension("[false]")),
    "true or what stands for it": (_extension("true"), _extension('["bool",true]')),
    "null or nothing": (_extension("[null]"), _extension("[]")),
    "order in an extension": (_extension("[1,2]"), _extension("[2,1]")),
    "number or string": (_extension("1"), _extension('"1"')),
    "extension or none": (_result(extensions={_X: 1}), _result(extensions={_X: 1, "x:y": 1})),
    "context": (a_statement(), _context(platform="web")),
    "platform": (_context(platform="web"), _context(platform="Web")),
    "instructor": (_context(instructor=ANN), _context(instructor=BOB)),
    "context activity": (
        _context(contextActivities={"parent": COURSE}),
        _context(contextActivities={"grouping": COURSE}),
    ),
    "attachments": (a_statement(), a_statement(attachments=[ATTACHMENT])),
    "attachment": (
        a_statement(attachments=[ATTACHMENT]),
        a_statement(attachments=[ATTACHMENT | {"display": {"en": "Other"}}]),
    ),
    "substatement": (a_statement(object=a_substatement()), a_statement(object=a_substatement(verb={"id": _X}))),
    "time of substatement": (
        a_statement(object=a_substatement(timestamp="2020-01-01T12:00:00Z")),
        a_statement(object=a_substatement(timestamp="2020-01-01T12:00:01Z")),
    ),
    "time of one substatement": (
        a_statement(object=a_substatement(timestamp="2020-01-01T12:00:00Z")),
        a_statement(object=a_substatement()),
    ),
}


@pytest.mark.parametrize("name", _DIFFERENT)
def test_different(name: str) -> None:
    assert not _both(*_DIFFERENT[name])


def test_relevant_types_are_a_set() -> None:
    def people(*types: str) -> dict[str, Any]:
        return _context(contextAgents=[{"objectType": "contextAgent", "agent": BOB, "relevantTypes": types}])

    assert same(parsed(people("x:a", "x:b")), parsed(people("x:b", "x:a")), "1.0.3")
    assert not same(parsed(people("x:a")), parsed(people("x:b")), "1.0.3")


def test_a_repeated_request_is_the_same() -> None:
    sent = a_statement(id=ID, context={"instructor": BOB})
    done = prepare(parsed(sent), authority=AUTHORITY, version="2.0.0")
    assert same(parsed(sent), done.statement, "1.0.3")
    assert same(done.statement, parsed(sent), "1.0.3")


@pytest.mark.parametrize(
    "other",
    [
        {"id": OTHER_ID},
        {"timestamp": "2020-01-01T00:00:00Z"},
        {"attachments": [{**ATTACHMENT, "fileUrl": _X}]},
        {"object": a_substatement(timestamp="2020-01-01T00:00:00Z")},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_2_0_leaves_out(other: dict[str, Any]) -> None:
    about = a_substatement() if "object" in other else COURSE
    one = a_statement(id=ID, timestamp="2026-03-01T12:00:00Z", object=about)
    a, b = parsed(one), parsed({**one, **other})
    assert same(a, b, "2.0.0")
    assert same(b, a, "2.0.0")
    assert not same(a, b, "1.0.3")


def test_what_was_said_counts_in_2_0_too() -> None:
    assert not same(parsed(_result(response="a")), parsed(_result(response="b")), "2.0.0")
    assert not same(parsed(_result(response="a")), parsed(_result(response="A")), "2.0.0")

"""What is accepted, what is refused, and the words and path of each refusal."""

from typing import Any

import pytest

from lrs.statement import Invalid, Limits, TooMuch, Version, identity, parse, parse_actor
from lrs.statement.cut import encode
from lrs.statement.formats import IRI
from schemas.xapi import Activity, ContextActivities, SubStatement
from tests.statement.given import (
    ANN,
    ATTACHMENT,
    BOB,
    CAS,
    COURSE,
    DEE,
    ID,
    LIMITS,
    OTHER_ID,
    VERB,
    VOIDED,
    a_statement,
    a_substatement,
    parsed,
    refusal,
    wire,
)
from tests.statement.refusals import GROUP, NO_IRI, ONE_OF, REF, REFUSED, TEAM

_ACCEPTED: dict[str, dict[str, Any]] = {
    "least": a_statement(),
    "id": a_statement(id=ID),
    "account": a_statement(actor=CAS),
    "openid": a_statement(actor=DEE),
    "sha1": a_statement(actor={"mbox_sha1sum": "a" * 40}),
    "anonymous group": a_statement(actor=GROUP),
    "identified group": a_statement(actor=TEAM),
    "identified group with members": a_statement(actor=TEAM | {"member": [ANN]}),
    "identified group with no members": a_statement(actor=TEAM | {"member": []}),
    "object agent": a_statement(object={"objectType": "Agent", **BOB}),
    "object group": a_statement(object=GROUP),
    "object reference": a_statement(object=REF),
    "object activity by name": a_statement(object={"objectType": "Activity", **COURSE}),
    "substatement": a_statement(object=a_substatement(timestamp="2099-01-01T00:00:00Z")),
    "voiding": a_statement(verb=VOIDED, object=REF),
    "languages": a_statement(verb=VERB | {"display": {"en-US": "completed", "x-house": ""}}),
    "empty display": a_statement(verb=VERB | {"display": {}}),
    "null in extension": a_statement(result={"extensions": {"http://example.com/x": None}}),
    "empty extensions": a_statement(result={"extensions": {}}),
    "score": a_statement(result={"score": {"scaled": -1, "raw": 0, "min": 0, "max": 1e2}}),
    "no points": a_statement(result={"score": {"min": 0, "raw": 0, "max": 0}}),
    "raw alone": a_statement(result={"score": {"raw": -5}}),
    "result": a_statement(result={"success": True, "completion": False, "response": "", "duration": "P4W"}),
    "registration": a_statement(context={"registration": ID, "language": "nl", "statement": REF}),
    "instructor group": a_statement(context={"instructor": GROUP, "team": TEAM}),
    "platform": a_statement(context={"platform": "web", "revision": "2"}),
    "context activities": a_statement(context={"contextActivities": {"parent": COURSE, "other": [COURSE, COURSE]}}),
    "interaction": a_statement(
        object=COURSE
        | {
            "definition": {
                "interactionType": "choice",
                "correctResponsesPattern": ["a"],
                "choices": [{"id": "a"}, {"id": "b", "description": {"en": "B"}}],
            }
        }
    ),
    "choices with true-false": a_statement(
        object=COURSE | {"definition": {"interactionType": "true-false", "choices": [{"id": "true"}]}}
    ),
    "attachment": a_statement(attachments=[ATTACHMENT | {"fileUrl": "https://example.com/f"}]),
    "version 1.0": a_statement(version="1.0"),
    "version 1.0.9": a_statement(version="1.0.9"),
    "version 1.0.3-rc1": a_statement(version="1.0.3-rc1"),
    "authority of two": a_statement(authority=GROUP),
    "stored": a_statement(stored="2011-07-15T00:00:00.000Z"),
}


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("name", _ACCEPTED)
def test_accepted(name: str, version: Version) -> None:
    assert refusal(_ACCEPTED[name], version) == ""


@pytest.mark.parametrize(("statement", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refused(statement: dict[str, Any], words: str) -> None:
    assert refusal(statement) == words
    # The same in a batch, behind one that is fine.
    assert refusal([a_statement(), statement]) == words.replace("statement", "statements[1]", 1)


def test_refused_inside_a_substatement() -> None:
    for statement, words in REFUSED[3:10]:
        inner = a_substatement(actor=statement["actor"])
        assert refusal(a_statement(object=inner)) == words.replace("statement.", "statement.object.", 1)


_ROOTS: list[tuple[str | bytes, str]] = [
    ("", "statement: is not valid JSON: input data was truncated"),
    ("nope", "statement: is not valid JSON: invalid character (byte 4)"),
    ("5", "statement: must be an object, not a whole number"),
    ("null", "statement: must be an object, not null (xAPI has it only inside extensions)"),
    ("[5]", "statements[0]: must be an object, not a whole number"),
    (b'{"a\xff": 1}', "statement: is not UTF-8: invalid start byte at byte 3"),
    (b'{"actor": "\\ud8"}', "statement: is not valid JSON: invalid character in unicode escape"),
    ("[", "statements: is not valid JSON: input data was truncated"),
    (wire(a_statement()) + b"x", "statement: is not valid JSON: trailing characters (byte 133)"),
]


@pytest.mark.parametrize(("body", "words"), _ROOTS)
def test_refused_as_a_whole(body: str | bytes, words: str) -> None:
    assert refusal(body).partition(" (byte")[0] == words.partition(" (byte")[0]


def test_byte_order_mark_is_passed_over() -> None:
    assert refusal(b"\xef\xbb\xbf" + wire(a_statement())) == ""


def test_empty_batch_is_no_error() -> None:
    assert parse(b" [] ", "2.0.0", LIMITS) == []


def test_single_takes_no_list() -> None:
    assert refusal([a_statement()], single=True) == "statement: must be one statement (an object) here, not a list"
    assert refusal(a_statement(), single=True) == ""


def test_duplicate_id_in_a_batch() -> None:
    batch = [a_statement(id=ID), a_statement(), a_statement(id=OTHER_ID), a_statement(id=ID.upper())]
    assert refusal(batch) == f"statements[3].id: {ID.upper()} occurs twice in this request"
    assert refusal(batch[:3]) == ""


def test_limits() -> None:
    limits = Limits(batch=2, depth=3, attachments=1)
    assert refusal([a_statement()] * 2, limits=limits) == ""
    assert (
        refusal([a_statement()] * 3, limits=limits)
        == "statements: 3 in one request are more than this server takes (2)"
    )
    two = a_statement(attachments=[ATTACHMENT, ATTACHMENT])
    assert refusal(two, limits=limits) == "statement.attachments: 2 are more than this server takes (1)"


@pytest.mark.parametrize(
    ("value", "fine"),
    [
        ("[[[1]]]", True),
        ("[[[[1]]]]", False),
        ('{"a":{"b":{"c":[]}}}', False),
        ("[[],[],[],[],[]]", True),
        ('"[[[[[[["', True),
        (r'["[[[[\"[[[", "\\", [[]]]', True),
        (r'["\\", [[[]]]]', False),
        ("[[], [[[]]]]", False),
    ],
)
def test_depth_of_extension_values(value: str, fine: bool) -> None:
    body = wire(a_statement())[:-1] + b', "context": {"extensions": {"http://example.com/x": %b}}}' % value.encode()
    words = "statement.context.extensions['http://example.com/x']: lists and objects go deeper than this server's 3"
    assert refusal(body, limits=Limits(depth=3)) == ("" if fine else words)


@pytest.mark.parametrize("nested", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_too_deep_to_read(nested: str) -> None:
    body = wire(a_statement())[:-1] + b', "context": {"extensions": {"http://example.com/x": %b}}}' % nested.encode()
    assert refusal(body) == "statement: lists and objects go too deep"


def test_too_deep_group() -> None:
    body = '{"actor":' + '{"member":[' * 5000 + "]}" * 5000 + "}"
    assert refusal(body) == "statement: lists and objects go too deep"


def test_long_values_are_shortened() -> None:
    words = refusal(a_statement(verb={"id": "x" * 100_000}))
    assert words.endswith(f"… (100000 characters) is not {IRI}")
    assert len(words) < 250


def test_context_people_came_with_2_0() -> None:
    agents = {
        "contextAgents": [{"objectType": "contextAgent", "agent": BOB, "relevantTypes": ["http://example.com/t"]}]
    }
    groups = {"contextGroups": [{"objectType": "contextGroup", "group": TEAM}]}
    for context, name in ((agents, "contextAgents"), (groups, "contextGroups")):
        assert refusal(a_statement(context=context), "2.0.0") == ""
        words = f"statement.context.{name}: came with xAPI 2.0: this request is version 1.0.3"
        assert refusal(a_statement(context=context), "1.0.3") == words


NO_TYPES = "must not be empty: name at least one type, or leave it out"


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (
            {"contextAgents": [{"objectType": "contextAgent", "agent": {}}]},
            f"statement.context.contextAgents[0].agent: {ONE_OF}",
        ),
        (
            {"contextAgents": [{"objectType": "contextAgent", "agent": TEAM}]},
            "statement.context.contextAgents[0].agent.objectType: must be 'Agent' here, not 'Group'",
        ),
        (
            {"contextAgents": [{"objectType": "agent", "agent": BOB}]},
            "statement.context.contextAgents[0].objectType: must be 'contextAgent', not 'agent'",
        ),
        ({"contextAgents": [{"agent": BOB}]}, "statement.context.contextAgents[0].objectType: is required"),
        (
            {"contextAgents": [{"objectType": "contextAgent", "agent": BOB, "relevantTypes": []}]},
            f"statement.context.contextAgents[0].relevantTypes: {NO_TYPES}",
        ),
        (
            {"contextGroups": [{"objectType": "contextGroup", "group": BOB}]},
            "statement.context.contextGroups[0].group.objectType: must be 'Group' here",
        ),
        (
            {"contextGroups": [{"objectType": "contextGroup", "group": TEAM, "relevantTypes": ["abc"]}]},
            f"statement.context.contextGroups[0].relevantTypes[0]: 'abc' {NO_IRI}",
        ),
    ],
)
def test_context_people(context: dict[str, Any], words: str) -> None:
    assert refusal(a_statement(context=context)) == words


def test_versions_a_request_may_carry() -> None:
    assert refusal(a_statement(version="2.0.0"), "2.0.0") == ""
    words = "statement.version: '2.0.0' is not 1.0.0, or a later patch (a number) of that"
    assert refusal(a_statement(version="2.0.0"), "1.0.3") == words


def test_timestamps_by_version() -> None:
    basic = a_statement(timestamp="20260301T120000Z")
    assert refusal(basic, "1.0.3") == ""
    assert refusal(basic, "2.0.0").startswith("statement.timestamp: '20260301T120000Z' is not an RFC 3339 date")
    leap = "which only the last minute of a month in UTC may have"
    for version in ("1.0.3", "2.0.0"):
        for right in ("2015-06-30T23:59:60Z", "2015-07-01T01:59:60.9+02:00", "2016-12-31T12:59:60-11:00"):
            assert refusal(a_statement(timestamp=right), version) == ""
        for wrong in ("2015-06-15T10:00:60Z", "2015-06-30T23:59:60+02:00", "9999-12-31T23:59:60Z"):
            assert refusal(a_statement(timestamp=wrong), version).endswith(leap), wrong
    mixed = a_statement(timestamp="2026-03-01T120000Z")
    assert refusal(mixed, "1.0.3").startswith("statement.timestamp: '2026-03-01T120000Z' mixes ISO 8601's two forms")


def test_single_context_activity_becomes_a_list() -> None:
    context = parsed(a_statement(context={"contextActivities": {"parent": COURSE}})).context
    assert context
    assert context.context_activities == ContextActivities(parent=[Activity(COURSE["id"])])


def test_what_is_wrong_with_a_context_activity_has_the_path_it_was_sent_at() -> None:
    alone, listed, untyped = (
        a_statement(context={"contextActivities": {"other": other}})
        for other in ({"id": "x"}, [{"id": "x"}], {"id": 5})
    )
    around = "context.contextActivities.other"
    for body, path in (
        (alone, f"statement.{around}.id"),
        (listed, f"statement.{around}[0].id"),
        (untyped, f"statement.{around}.id"),
        (a_statement(object=a_substatement(context=alone["context"])), f"statement.object.{around}.id"),
        ([a_statement(), alone], f"statements[1].{around}.id"),
        ([a_statement(), listed], f"statements[1].{around}[0].id"),
    ):
        assert refusal(body).partition(":")[0] == path


def test_the_last_of_equal_keys_counts_in_1_0_3() -> None:
    statement = parsed('{"actor":{"mbox":"x"},' + wire(a_statement()).decode()[1:], "1.0.3")
    assert statement.actor.mbox == ANN["mbox"]
    inner = parsed(a_statement(object=a_substatement())).object
    assert isinstance(inner, SubStatement)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Agent", "Activity", "must be 'Activity', not 'Agent'"),
        ("Activity", "Group", "must be 'Agent' or 'Group', not 'Activity'"),
        ("it's\n`", "Activity", "must be 'Activity', not " + repr("it's\n`")),
        ("x" * 101, "Activity", f"must be 'Activity', not '{'x' * 100}'… (101 characters)"),
    ],
)
def test_of_two_object_types_the_one_that_is_wrong_is_named(version: Version, first: str, last: str, said: str) -> None:
    body = wire(a_statement(object={"objectType": first, "object_type": last, **COURSE}))
    refused = refusal(body.replace(b"object_type", b"objectType"), version)
    assert refused == f"statement.object.objectType: {said}"


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (a_statement(result={"response": "abc\ud83d"}), ".result.response"),
        (a_statement(result={"response": "abc\ud83d, and so on"}), ".result.response"),
        (a_statement(result={"response": "\ud83dé"}), ".result.response"),
        (a_statement(context={"team": TEAM | {"member": [ANN, {"name": "\ud83d"}]}}), ".context.team.member[1].name"),
        (a_statement(result={"extensions": {"x:a": [{"b c": "\ud83d"}]}}), ".result.extensions['x:a'][0]['b c']"),
        (a_statement(verb=VERB | {"display": {"\ud83d": ""}}), ".verb.display['\\ud83d']"),
    ],
)
def test_half_a_surrogate_pair(statement: dict[str, Any], where: str) -> None:
    said = r"has half of a surrogate pair (\ud83d): no character, and not to be written in UTF-8"
    assert refusal(statement) == f"statement{where}: {said}"
    assert refusal([a_statement(), statement]) == f"statements[1]{where}: {said}"
    assert refusal(a_statement(result={"response": "abc\ud83d\ude00"})) == ""


def test_half_a_surrogate_pair_in_what_is_no_json_at_all() -> None:
    half = r'"\ud83d"'
    for text in (half[:-1], f"{{{half}:{half}", f"[{half},{'1' * 5_000}]", "[" * 5_000 + half):
        assert refusal(text).startswith("statement")


def test_numbers_and_extensions_stay_as_written() -> None:
    written = '{"score":{"raw":1.10,"max":12345678901234567890.5},"extensions":{"http://example.com/x":[ 1E+2, {} ]}}'
    body = wire(a_statement())[:-1].decode() + f', "result": {written}}}'
    assert written.encode() in encode(parsed(body))


def test_exponents_out_of_range() -> None:
    body = wire(a_statement()).decode()[:-1] + ', "result": {"score": {"raw": 1e99999999999999999999}}}'
    words = "statement.result.score.raw: `1e99999999999999999999` has an exponent out of all range"
    assert refusal(body) == words


def test_parse_actor() -> None:
    assert identity(parse_actor('{"mbox": "mailto:Ann@Example.COM"}')) == "mbox:mailto:Ann@example.com"
    for text, words in (
        ("", "agent: is not valid JSON: input data was truncated"),
        ("[]", "agent: must be an object, not a list"),
        ("{}", f"agent: {ONE_OF}"),
        ('{"mbox": 5}', "agent.mbox: must be a string, not a whole number"),
        ('{"Mbox": "mailto:a@b.c"}', "agent.Mbox: is written 'mbox': upper and lower case matter"),
        ("\ud800", "agent: is not UTF-8: invalid continuation byte at byte 0"),
    ):
        with pytest.raises(Invalid) as caught:
            parse_actor(text)
        assert str(caught.value) == words
    with pytest.raises(Invalid, match=r"^authority\.mbox: 'x' is not"):
        parse_actor(b'{"mbox": "x"}', "authority")


def test_a_statement_mentions_no_more_people_than_the_limit() -> None:
    limits = Limits(people=4)
    group = {"objectType": "Group", "member": [ANN, BOB, CAS]}
    around = {"contextAgents": [{"objectType": "contextAgent", "agent": BOB}]}
    taken = encode(a_statement(object=group))
    assert parse(taken, "2.0.0", limits)
    for refused in (
        a_statement(object=group, context={"instructor": BOB}),
        a_statement(object=group, context=around),
        a_statement(object=a_substatement(actor=ANN, object=group)),
    ):
        with pytest.raises(Invalid, match=r"^statement: mentions 5 persons and groups; this server takes 4"):
            parse(encode(refused), "2.0.0", limits)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ('"id":"x:v","id"', "statement.verb.id"),
        ('"id":"x:v","i\\u0064"', "statement.verb.id"),
        ('"id" :"x:v","display":{"en":"\\":\\\\","EN":"","en":"b"},"id"', "statement.verb.id"),
        ('"display":{"en":"a","en":"b"},"id"', "statement.verb.display.en"),
        ('"display":{"en-GB":"a","en-GB":"b"},"id"', "statement.verb.display['en-GB']"),
    ],
)
def test_what_is_there_twice(name: str, where: str) -> None:
    body = wire(a_statement(verb={"id": "x:v"})).decode().replace('"id": "x:v"', name + ':"x:v"', 1)
    body = body.replace('"id":"x:v"', name + ':"x:v"', 1) if name not in body else body
    assert refusal(body) == f"{where}: is there more than once: an object has each property once"
    assert refusal(body, "1.0.3") == ""


def test_what_is_there_twice_is_found_in_extensions_but_not_within_them() -> None:
    def twice(extensions: str) -> str:
        return refusal(wire(a_statement(context={"extensions": 0})).decode().replace(": 0}", f": {extensions}}}"))

    assert twice('{"x:a":1,"x:a":2}') == (
        "statement.context.extensions['x:a']: is there more than once: an object has each property once"
    )
    assert twice('{"x:a":{"b":1,"b":2}}') == ""
    assert twice(f'{{"x:a":{{"b":1,"b":{"1" * 5_000}}}}}') == ""


def test_text_that_looks_like_the_decoder_s_paths_is_read_in_no_time() -> None:
    for path in (" - at `$.a`", "` - at `$" + ".a" * 1000, " - at `$.a"):
        assert len(refusal(a_statement(**{path * 2_000 + "z": 1}))) < 5_000


def test_more_lists_than_anybody_needs() -> None:
    assert "more lists and objects" in refusal(b"[" + b"[]," * 1_000_000 + b"[]]")


def test_a_map_has_at_most_a_thousand_languages() -> None:
    words = {f"x-{number}": "" for number in range(1_000)}
    assert refusal(a_statement(verb=VERB | {"display": words})) == ""
    with pytest.raises(TooMuch, match="1001 languages are more than this server takes"):
        parsed(a_statement(verb=VERB | {"display": {**words, "en": ""}}))

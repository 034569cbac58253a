"""The formats ids and canonical, and choosing a language."""

import json
from typing import Any

import pytest

from lrs.statement import accepted_languages, canonical, ids, with_stored
from lrs.statement.languages import choose
from tests.statement.given import ANN, ATTACHMENT, BOB, CAS, COURSE, VERB, a_statement, a_substatement, parsed
from tests.statement.test_prepare import prepared

_WORDS = {"en-GB": "colour", "en-US": "color", "nl": "kleur"}
_TEAM = {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com", "member": [ANN | {"name": "Ann"}]}
_DEFINED = COURSE | {"objectType": "Activity", "definition": {"name": _WORDS, "extensions": {"x:y": 1.10}}}


def _ids(**properties: Any) -> Any:
    return json.loads(ids(parsed(a_statement(**properties))))


def test_ids_of_the_usual() -> None:
    given = {"result": {"response": "x"}, "attachments": [ATTACHMENT], "timestamp": "2026-03-01T12:00:00Z"}
    bare = _ids(
        actor={"objectType": "Agent", "name": "Ann", **ANN}, verb=VERB | {"display": _WORDS}, object=_DEFINED, **given
    )
    assert bare == {"actor": ANN, "verb": VERB, "object": COURSE, **given}


def test_ids_of_groups() -> None:
    assert _ids(actor=_TEAM)["actor"] == {"objectType": "Group", "mbox": "mailto:team@example.com"}
    anonymous = {"objectType": "Group", "name": "Us", "member": [ANN | {"name": "Ann"}, CAS | {"objectType": "Agent"}]}
    assert _ids(actor=anonymous)["actor"] == {"objectType": "Group", "member": [ANN, CAS]}


def test_ids_of_a_person_as_object() -> None:
    person = {"objectType": "Agent", "name": "Bob", **BOB}
    assert _ids(object=person)["object"] == {"objectType": "Agent", **BOB}


def test_ids_of_a_context() -> None:
    context = {
        "platform": "web",
        "instructor": BOB | {"name": "Bob"},
        "team": _TEAM,
        "contextActivities": {"parent": _DEFINED, "other": [_DEFINED, COURSE]},
        "contextAgents": [{"objectType": "contextAgent", "agent": BOB | {"name": "Bob"}, "relevantTypes": ["x:y"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": _TEAM}],
    }
    group = {"objectType": "Group", "mbox": "mailto:team@example.com"}
    assert _ids(context=context)["context"] == {
        "platform": "web",
        "instructor": BOB,
        "team": group,
        "contextActivities": {"parent": [COURSE], "other": [COURSE, COURSE]},
        "contextAgents": [{"objectType": "contextAgent", "agent": BOB, "relevantTypes": ["x:y"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": group}],
    }


def test_ids_of_a_substatement_and_authority() -> None:
    inner = a_substatement(actor=_TEAM, verb=VERB | {"display": _WORDS}, object=_DEFINED)
    bare = _ids(object=inner, authority=ANN | {"name": "Ann"})
    group = {"objectType": "Group", "mbox": "mailto:team@example.com"}
    assert bare["object"] == {"objectType": "SubStatement", "actor": group, "verb": VERB, "object": COURSE}
    assert bare["authority"] == ANN


def test_formats_keep_what_the_store_said() -> None:
    done = prepared(a_statement())
    whole = with_stored(done.text, "2026-03-01T12:00:00.000Z")
    for text in (ids(parsed(whole)), canonical(parsed(whole), {}, {})):
        assert json.loads(text)["stored"] == "2026-03-01T12:00:00.000Z"
        assert json.loads(text)["timestamp"] == "2026-03-01T12:00:00.000Z"


def test_canonical_leaves_the_statement_alone() -> None:
    statement = parsed(a_statement(object=_DEFINED, verb=VERB | {"display": _WORDS}))
    before = repr(statement)
    canonical(statement, {"nl": 1}, {})
    ids(statement)
    assert repr(statement) == before


def test_canonical_uses_the_definitions_of_the_store() -> None:
    interaction = {
        "name": _WORDS,
        "description": {"nl": "Kies een kleur", "fr": "Choisissez"},
        "interactionType": "choice",
        "choices": [{"id": "a", "description": _WORDS}, {"id": "b"}],
    }
    statement = parsed(
        a_statement(
            verb=VERB | {"display": _WORDS},
            object=a_substatement(object=COURSE),
            context={"contextActivities": {"parent": COURSE, "other": [{"id": "x:y"}]}},
            actor=ANN | {"name": "Ann"},
            attachments=[ATTACHMENT | {"display": _WORDS}],
        )
    )
    text = json.loads(canonical(statement, {"nl": 1}, {COURSE["id"]: json.dumps(interaction).encode()}))
    shown = COURSE | {
        "definition": {
            "name": {"nl": "kleur"},
            "description": {"nl": "Kies een kleur"},
            "interactionType": "choice",
            "choices": [{"id": "a", "description": {"nl": "kleur"}}, {"id": "b"}],
        }
    }
    assert text["object"]["object"] == shown
    assert text["context"]["contextActivities"] == {"parent": [shown], "other": [{"id": "x:y"}]}
    assert text["verb"]["display"] == {"nl": "kleur"}
    assert text["actor"] == ANN | {"name": "Ann"}
    assert text["attachments"][0]["display"] == _WORDS


def test_canonical_without_a_known_definition() -> None:
    text = canonical(parsed(a_statement(object=_DEFINED)), {"en-us": 1}, {})
    assert b'"definition":{"name":{"en-US":"color"},"extensions":{"x:y":1.1}}' in text


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        (None, []),
        ("", []),
        ("nl", [("nl", 1)]),
        ("da, en-GB;q=0.8, en;q=0.7", [("da", 1), ("en-gb", 0.8), ("en", 0.7)]),
        ("en;q=0.5,nl;q=0.9, *;q=0.1", [("nl", 0.9), ("en", 0.5), ("*", 0.1)]),
        ("en; q=1.000 , de ;q=0.5", [("en", 1), ("de", 0.5)]),
        ("en;q=0, nl", [("nl", 1), ("en", 0)]),
        ("*;q=0.000", [("*", 0)]),
        ("en;q=x, ???, nl, en_US", [("nl", 1)]),
        ("a,b;q=1", [("a", 1), ("b", 1)]),
        ("nl;q=0.2, nl", [("nl", 0.2)]),
    ],
)
def test_accepted_languages(header: str | None, languages: list[tuple[str, float]]) -> None:
    assert list(accepted_languages(header).items()) == languages


def test_only_so_many_languages_are_wanted() -> None:
    header = ",".join(f"en-{number:04}" for number in range(30))
    assert list(accepted_languages(header)) == [f"en-{number:04}" for number in range(20)]
    assert list(accepted_languages("x" + "-a" * 100 + ",nl")) == ["nl"]


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        (None, "en-GB"),
        ("nl", "nl"),
        ("NL", "nl"),
        ("en-US, nl", "en-US"),
        ("en", "en-GB"),
        ("en-us", "en-US"),
        ("fr, nl;q=0.1", "nl"),
        ("fr", "en-GB"),
        ("nl-BE", "nl"),
        ("en-AU", "en-GB"),
        ("nl-BE, en-US;q=0.1", "nl"),
        ("*", "en-GB"),
        ("en-GB;q=0.1, *;q=0.9", "en-US"),
        ("en;q=0", "nl"),
        ("en;q=0, en-US", "en-US"),
        ("en;q=0, nl;q=0", "en-GB"),
        # RFC 2616, 14.4: the longest range that matches a tag says how much it is wanted.
        ("en, en-GB;q=0", "en-US"),
        ("en, en-GB;q=0, en-US;q=0, nl;q=0.5", "nl"),
        ("en;q=0.9, en-GB;q=0.1, en-US;q=0.1, nl;q=0.5", "nl"),
        ("*;q=0.5, en;q=0.1", "nl"),
        ("*, nl;q=0", "en-GB"),
        ("*;q=0, nl-BE", "en-GB"),
        # Another tag of a language comes after all that were named.
        ("en-AU, nl;q=0.9", "nl"),
        ("en-AU, nl;q=0", "en-GB"),
        ("nl-BE-x-a, en", "nl"),
    ],
)
def test_choose(header: str | None, tag: str) -> None:
    assert choose(_WORDS, accepted_languages(header)) == {tag: _WORDS[tag]}


def test_choose_never_empties() -> None:
    assert choose({}, {"nl": 1}) == {}
    assert choose({"fr": "x"}, {"nl": 1, "fr": 0}) == {"fr": "x"}

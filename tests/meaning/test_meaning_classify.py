"""What an act takes over from its statement, and that any valid statement can be classified."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw, structs

from lrs.statement.formats import timestamp
from projections.meaning import Glance, classify, glance
from schemas.act import ActKind, Source
from tests.meaning.given import ADL, OURS, SHIPPED, STORED, TYPES, a_message, act_of, itself, learner, meant
from tests.statement.given import ANN, BOB, CAS, COURSE, ID, OTHER_ID, VOIDED, a_statement, a_substatement
from tests.statement.strategies import JSON, STATEMENTS

ANN_ID, BOB_ID, CAS_ID = (
    learner("mbox:mailto:ann@example.com"),
    learner("mbox:mailto:bob@example.com"),
    learner("account:https://lms.example.com cas"),
)
CHECKED_IN = {"id": f"{OURS}/verbs/checked-in"}
SHARED = {"id": f"{ADL}shared"}


def extended(**ours: Any) -> dict[str, Any]:
    return {"extensions": {f"{OURS}/extensions/{name}": value for name, value in ours.items()}}


def test_an_act_says_who_when_and_what() -> None:
    act = act_of(a_statement(id=ID, timestamp="2026-03-01T23:30:00-01:30"))
    assert (act.statement, act.position, act.actor, act.concerns) == (UUID(ID), 7, ANN_ID, ())
    assert (act.at, act.stored) == (datetime(2026, 3, 2, 1, tzinfo=UTC), STORED)
    assert (act.activity, act.activity_type, act.verb) == (COURSE["id"], "", f"{ADL}completed")


def test_without_a_timestamp_it_happened_when_it_was_stored() -> None:
    message = a_message(a_statement())
    assert b'"timestamp":"2026-03-02T09:30:00.005Z"' in bytes(message.statement)
    undated = structs.replace(
        message, statement=Raw(bytes(message.statement).replace(b"2026-03-02T09:30:00.005Z", b"", 1))
    )
    for one in (message, undated):
        act = classify(one, SHIPPED, itself, ())
        assert act is not None
        assert act.at == STORED


def test_the_result_is_taken_over() -> None:
    score = {"raw": 15, "min": 10, "max": 20}
    act = act_of(a_statement(result={"score": score, "success": True, "completion": True, "duration": "PT1H30M"}))
    assert (act.score, act.success, act.completion, act.seconds) == (0.5, True, True, 5400)
    assert act.kind is ActKind.COMPLETED


def test_whoever_completes_without_success_failed() -> None:
    assert act_of(a_statement(result={"success": False})).kind is ActKind.FAILED
    answered = a_statement(verb={"id": f"{ADL}answered"}, result={"success": False})
    assert act_of(answered).kind is ActKind.PRACTISED


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"completion": True}, ActKind.PROGRESSED),
        ({"completion": True, "score": {"scaled": 1}}, ActKind.COMPLETED),
        ({"completion": True, "success": False}, ActKind.FAILED),
        ({"completion": False, "success": True}, ActKind.PROGRESSED),
        ({"success": False}, ActKind.PROGRESSED),
    ],
)
def test_a_session_with_the_outcome_of_an_attempt_completed(result: dict[str, Any], kind: ActKind) -> None:
    assert act_of(a_statement(verb={"id": f"{ADL}terminated"}, result=result)).kind is kind


def test_context_activities_come_in_the_order_of_their_relation_each_once() -> None:
    around = {
        "other": {"id": "https://example.com/d"},
        "category": [{"id": "https://example.com/c"}],
        "grouping": [{"id": "https://example.com/b"}, {"id": "https://example.com/a"}],
        "parent": [{"id": "https://example.com/a"}],
    }
    act = act_of(a_statement(context={"contextActivities": around, "registration": OTHER_ID.upper()}))
    assert act.within == tuple(f"https://example.com/{one}" for one in "abcd")
    assert act.registration == UUID(OTHER_ID)


def test_a_check_in_concerns_the_person() -> None:
    act = act_of(a_statement(verb=CHECKED_IN, object={"objectType": "Agent", **BOB}))
    assert (act.kind, act.actor, act.concerns) == (ActKind.CHECKED_IN, ANN_ID, (BOB_ID,))
    assert (act.activity, act.activity_type, act.source) == ("", "", Source.COLLEAGUES)


def test_members_of_a_group_and_people_around_are_concerned_but_not_the_authority() -> None:
    group = {"objectType": "Group", "member": [ANN, BOB]}
    act = act_of(a_statement(actor=group, context={"instructor": CAS}))
    assert act.concerns == tuple(sorted((ANN_ID, BOB_ID, CAS_ID)))
    assert act.actor not in act.concerns


def test_linked_learners_are_one_person() -> None:
    def person_of(one: UUID) -> UUID:
        return ANN_ID if one in {ANN_ID, CAS_ID} else one

    statement = a_statement(
        actor=CAS, verb=CHECKED_IN, object={"objectType": "Agent", **BOB}, context={"instructor": ANN}
    )
    act = classify(a_message(statement), SHIPPED, person_of, [ANN_ID])
    assert act is not None
    assert (act.actor, act.concerns) == (ANN_ID, (BOB_ID,))


def test_whose_statement_it_refers_to_is_concerned() -> None:
    reference = {"objectType": "StatementRef", "id": OTHER_ID.upper()}
    message = a_message(a_statement(verb={"id": "http://activitystrea.ms/like"}, object=reference))
    act = classify(message, SHIPPED, itself, [BOB_ID, ANN_ID])
    assert act is not None
    assert (act.kind, act.refers, act.concerns) == (ActKind.LIKED, (UUID(OTHER_ID),), (BOB_ID,))


def test_references_are_the_objects_first_then_the_contexts() -> None:
    here = {"objectType": "StatementRef", "id": ID}
    there = {"objectType": "StatementRef", "id": OTHER_ID}
    both = a_statement(object=here, context={"statement": there})
    assert act_of(both).refers == glance(a_message(both)).refers == (UUID(ID), UUID(OTHER_ID))
    same = a_statement(object=here, context={"statement": here})
    assert act_of(same).refers == (UUID(ID),)
    assert act_of(a_statement(context={"statement": there})).refers == (UUID(OTHER_ID),)


def test_a_glance_tells_what_is_voided() -> None:
    reference = {"objectType": "StatementRef", "id": ID}
    voiding = a_statement(verb=VOIDED, object=reference)
    assert glance(a_message(voiding)) == Glance(UUID(ID), (UUID(ID),))
    assert meant(voiding) is None
    assert glance(a_message(a_statement(object=reference))) == Glance(None, (UUID(ID),))
    assert glance(a_message(a_statement(result={"response": '"StatementRef"'}))) == Glance(None, ())
    assert glance(a_message(a_statement())) == Glance(None, ())


def test_a_substatement_is_not_asserted() -> None:
    inner = a_substatement(object={"id": "https://example.com/talk", "definition": {"type": f"{TYPES}meeting"}})
    act = act_of(a_statement(verb={"id": f"{OURS}/verbs/planned-follow-up"}, object=inner))
    assert (act.kind, act.activity, act.activity_type) == (
        ActKind.PLANNED,
        "https://example.com/talk",
        f"{TYPES}meeting",
    )
    assert act.source is Source.COLLEAGUES
    unknown = act_of(a_statement(verb={"id": "https://example.com/foretold"}, object=inner))
    assert unknown.kind is ActKind.UNKNOWN


def test_our_extensions_are_taken_over() -> None:
    context = extended(follows="https://example.com/course", audience="team", source="on the job")
    act = act_of(a_statement(verb={"id": f"{OURS}/verbs/reflected"}, context=context))
    assert (act.follows, act.visible, act.source) == ("https://example.com/course", True, Source.ON_THE_JOB)


@pytest.mark.parametrize(
    ("verb", "audience", "visible"),
    [
        (SHARED, None, True),
        (SHARED, "self", False),
        (SHARED, "manager", False),
        (SHARED, "organisation", True),
        (SHARED, "nobody knows", False),
        (SHARED, ["team"], True),
        (None, None, False),
        (None, "everyone", True),
    ],
)
def test_who_could_see_it(verb: Any, audience: Any, visible: bool) -> None:
    context = None if audience is None else extended(audience=audience)
    assert act_of(a_statement(verb=verb or {"id": f"{ADL}completed"}, context=context)).visible is visible


@pytest.mark.parametrize("value", [None, 7, ["x"], {"id": "x"}, True])
def test_extensions_that_are_no_words_say_nothing(value: Any) -> None:
    act = act_of(a_statement(context=extended(follows=value, audience=value, source=value)))
    assert (act.follows, act.visible, act.source) == ("", False, Source.UNKNOWN)


def test_what_was_forgotten_and_what_is_no_statement_mean_nothing() -> None:
    message = a_message(a_statement())
    assert classify(structs.replace(message, statement=Raw()), SHIPPED, itself, ()) is None
    assert classify(structs.replace(message, learner=None), SHIPPED, itself, ()) is None


_MEANINGS = SHIPPED.meanings()
_VERBS = st.sampled_from([*{one.verb: 0 for one in _MEANINGS if one.verb != VOIDED["id"]}, "https://example.com/own"])
_TYPES = st.sampled_from(["", *{type_: 0 for one in _MEANINGS for type_ in one.types if ":" in type_}])
_CLOCKS = st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.5-12:00", "2016-12-31T23:59:60Z"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), STATEMENTS)
def test_any_valid_statement_can_be_classified(data: st.DataObject, statement: dict[str, Any]) -> None:
    statement["verb"] = {"id": data.draw(_VERBS)}
    if statement["object"].get("objectType") in {None, "Activity"} and (type_ := data.draw(_TYPES)):
        statement["object"]["definition"] = {"type": type_}
    if data.draw(st.booleans()):
        statement["timestamp"] = data.draw(_CLOCKS)
    if data.draw(st.booleans()):
        statement.setdefault("context", {})["extensions"] = extended(follows=data.draw(JSON), audience=data.draw(JSON))[
            "extensions"
        ]
    message = a_message(statement)
    act = classify(message, SHIPPED, itself, [BOB_ID])
    seen = glance(message)
    if act is None:
        return
    assert act.at.tzinfo is UTC
    assert act.actor not in act.concerns
    assert act.refers == seen.refers
    assert seen.voids is None
    assert act.score is None or -1 <= act.score <= 1
    moment = timestamp(statement["timestamp"]) if "timestamp" in statement else STORED
    if 1901 < moment.year < 2998:
        assert abs(act.at - moment) < timedelta(microseconds=1)

"""Which verbs nobody gave a meaning, and how often they come."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack, structs
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.replay.tables import Tables
from projections.unknown_verbs import PROJECTION
from projections.unknown_verbs.fold import EXAMPLES, UnknownVerbs, fold
from projections.unknown_verbs.read import Query, UnknownVerb, place, unknown_verbs
from projections.unknown_verbs.rows import rows
from schemas.act import ActKind, LearningAct
from schemas.policy import Policy
from tests.meaning.given import PEOPLE, act_of, learner
from tests.statement.given import BOB, a_statement

FATIMA, JORIS = UUID(int=1), UUID(int=2)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PITCHED, DANCED = "https://example.org/verbs/pitched", "https://example.org/verbs/danced"
EVENT = "http://activitystrea.ms/schema/1.0/event"


def an_act(position: int, verb: str = PITCHED, type_: str = "", hours: int = 0, **more: Any) -> LearningAct:
    act = LearningAct(
        statement=uuid5(PEOPLE, str(position)),
        position=position,
        at=MONDAY + timedelta(hours=hours),
        stored=MONDAY,
        kind=ActKind.UNKNOWN,
        verb=verb,
        actor=FATIMA,
        activity_type=type_,
    )
    return structs.replace(act, **more)


def folded(*acts: LearningAct, who: UUID = FATIMA) -> UnknownVerbs:
    return reduce(lambda state, act: fold(state, who, act), acts, UnknownVerbs())


def rows_of(*acts: LearningAct, who: UUID = FATIMA) -> list[tuple[Any, ...]]:
    return list(rows(folded(*acts, who=who), who, Policy(), None)["unknown_verbs"])


def test_statements_count_by_verb_and_type() -> None:
    acts = [an_act(1, hours=5), an_act(2, hours=1), an_act(3, type_=EVENT), an_act(4, verb=DANCED)]
    one, two, three, four = (act.statement for act in acts)
    assert rows_of(*acts) == [
        (FATIMA, DANCED, "", 1, MONDAY, MONDAY, [four]),
        (FATIMA, PITCHED, "", 2, MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=5), [two, one]),
        (FATIMA, PITCHED, EVENT, 1, MONDAY, MONDAY, [three]),
    ]


def test_known_verbs_and_acts_of_others_do_not_count() -> None:
    state = folded(an_act(1, kind=ActKind.SHARED), an_act(2, actor=JORIS, concerns=(FATIMA,)))
    assert state == UnknownVerbs()


def test_the_newest_statements_are_the_examples() -> None:
    acts = [an_act(position) for position in range(1, EXAMPLES + 3)]
    assert rows_of(*acts)[0][-1] == [act.statement for act in reversed(acts[-EXAMPLES:])]


_ACTS = st.builds(
    an_act, st.just(0), st.sampled_from([PITCHED, DANCED]), st.sampled_from(["", EVENT]), st.integers(0, 99)
)


@given(st.lists(_ACTS, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_acts_does_not_matter(acts: list[LearningAct], random: Any) -> None:
    numbered = [
        structs.replace(act, position=place, statement=uuid5(PEOPLE, str(place))) for place, act in enumerate(acts)
    ]
    shuffled = random.sample(numbered, len(numbered))
    assert rows_of(*numbered) == rows_of(*shuffled)
    state = folded(*shuffled)
    assert msgpack.decode(msgpack.encode(state), type=UnknownVerbs) == state == folded(*numbered)


def test_a_state_that_is_folded_on_stays_as_it_was() -> None:
    before = folded(an_act(1))
    kept = msgpack.encode(before)
    fold(before, FATIMA, an_act(2))
    assert msgpack.encode(before) == kept


def test_a_statement_with_a_verb_nobody_knows_is_counted_for_its_actor() -> None:
    act = act_of(a_statement(verb={"id": PITCHED}, object={"objectType": "Agent", **BOB}))
    ann, bob = learner("mbox:mailto:ann@example.com"), learner("mbox:mailto:bob@example.com")
    assert [row[:4] for row in rows_of(act, who=ann)] == [(ann, PITCHED, "", 1)]
    assert rows_of(act, who=bob) == []


@pytest.fixture
def filled(cursor: Cursor[TupleRow]) -> Cursor[TupleRow]:
    """Tables of two learners."""
    theirs = [an_act(position, hours=position, type_=EVENT) for position in (1, 2, 3)]
    his = [structs.replace(an_act(position, hours=position), actor=JORIS) for position in (4, 5)]
    his += [
        structs.replace(an_act(6, DANCED, hours=6), actor=JORIS),
        structs.replace(an_act(7, type_=EVENT, hours=7), actor=JORIS),
    ]
    made = {who: rows(folded(*acts, who=who), who, Policy(), None) for who, acts in ((FATIMA, theirs), (JORIS, his))}
    assert not Tables(PROJECTION).write_rows(cursor, made)
    return cursor


def at(hours: int) -> datetime:
    return MONDAY + timedelta(hours=hours)


def test_reading_gives_those_with_most_statements_first(filled: Cursor[TupleRow]) -> None:
    ids = {position: uuid5(PEOPLE, str(position)) for position in range(8)}
    assert unknown_verbs(filled, Query(), limit=10) == [
        UnknownVerb(PITCHED, EVENT, 4, at(1), at(7), [ids[7], ids[3]], 2),
        UnknownVerb(PITCHED, "", 2, at(4), at(5), [ids[5]], 1),
        UnknownVerb(DANCED, "", 1, at(6), at(6), [ids[6]], 1),
    ]


def test_pages_follow_each_other(filled: Cursor[TupleRow]) -> None:
    assert_pages_follow(filled, Query())
    whole = unknown_verbs(filled, Query(), limit=10)
    assert all(one.statements >= other.statements for one, other in pairwise(whole))


def assert_pages_follow(filled: Cursor[TupleRow], query: Query) -> None:
    whole = unknown_verbs(filled, query, limit=10)
    places = [None, *(place(one, query) for one in whole)]
    pages = [unknown_verbs(filled, query, after=after, limit=1) for after in places]
    assert pages == [*([one] for one in whole), []]


def test_those_of_few_come_last_in_no_order_of_their_counts(filled: Cursor[TupleRow]) -> None:
    query = Query(least=2)
    assert [one.verb for one in unknown_verbs(filled, query, limit=10)] == [PITCHED, DANCED, PITCHED]
    assert_pages_follow(filled, query)
    assert [one.people for one in unknown_verbs(filled, query._replace(few=False), limit=10)] == [2]


def test_filters_restrict(filled: Cursor[TupleRow]) -> None:
    def found(query: Query) -> list[tuple[str, str, int]]:
        return [(one.verb, one.activity_type, one.statements) for one in unknown_verbs(filled, query, limit=10)]

    assert found(Query(learners=[FATIMA])) == [(PITCHED, EVENT, 3)]
    assert found(Query(learners=[])) == []
    assert found(Query(verb=DANCED)) == [(DANCED, "", 1)]
    assert found(Query(seen_since=at(6))) == [(PITCHED, EVENT, 4), (DANCED, "", 1)]


def test_an_iri_may_be_longer_than_an_index_entry(cursor: Cursor[TupleRow]) -> None:
    long = "https://example.org/" + "".join(str(number) for number in range(3000))
    assert not Tables(PROJECTION).write_rows(cursor, {FATIMA: rows(folded(an_act(1, long)), FATIMA, Policy(), None)})
    assert [one.verb for one in unknown_verbs(cursor, Query(), limit=1)] == [long]

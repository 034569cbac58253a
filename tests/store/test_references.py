"""Statements that target others, and voiding (xAPI 1.0.3 Communication 2.1.3, Data 2.3.2)."""

from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from lrs.batched import batched
from lrs.index.targets import LONGEST_CHAIN
from lrs.store import Store
from tests.store.given import append, found, ids, iri, ref, statement, uuid, voiding, who


async def test_a_filter_finds_the_statements_that_target_what_it_matches(store: Store) -> None:
    target = statement("bea", "quiz")
    comment = statement("cas", ref(target))
    await append(store, target)
    await append(store, comment)
    assert await found(store, agent=who("bea")) == ids(comment, target)
    assert await found(store, activity=iri("quiz")) == ids(comment, target)
    assert await found(store, agent=who("cas")) == ids(comment)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
async def test_references_are_followed_through_each_other_in_whatever_order_they_arrive(
    store: Store, order: tuple[int, ...], together: bool
) -> None:
    target = statement("bea", "quiz")
    comment = statement("cas", ref(target))
    reply = statement("dan", ref(comment))
    made = [target, comment, reply]
    if together:
        await append(store, *(made[n] for n in order))
    else:
        for n in order:
            await append(store, made[n])
    assert set(await found(store, agent=who("bea"))) == set(ids(*made))
    assert set(await found(store, agent=who("cas"))) == set(ids(comment, reply))


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("together", [150, 40])
async def test_a_long_chain_is_followed_so_far_and_no_further(store: Store, way: int, together: int) -> None:
    chain = [statement("bea", "quiz")]
    while len(chain) < LONGEST_CHAIN + 50:
        chain.append(statement("cas", ref(chain[-1])))
    for some in batched(chain[::way], together):
        await append(store, *some)
    assert set(await found(store, agent=who("bea"), limit=1000)) == set(ids(*chain[: LONGEST_CHAIN + 1]))


async def test_filters_must_match_the_same_statement_not_one_here_and_one_there(store: Store) -> None:
    target = statement("bea", "quiz", verb={"id": "http://e.org/verbs/passed"})
    comment = statement("cas", ref(target), verb={"id": "http://e.org/verbs/commented"})
    await append(store, target, comment)
    assert await found(store, agent=who("bea"), verb="http://e.org/verbs/passed") == ids(comment, target)
    assert await found(store, agent=who("bea"), verb="http://e.org/verbs/commented") == []


async def test_statements_that_target_each_other_are_found_once(store: Store) -> None:
    first, second = str(uuid4()), str(uuid4())
    one = statement("bea", ref(second), id=first)
    two = statement("cas", ref(first), id=second)
    await append(store, one)
    await append(store, two)
    for name in ("bea", "cas"):
        assert await found(store, agent=who(name)) == [second, first]


async def test_since_and_limit_apply_to_the_statement_that_is_returned(store: Store) -> None:
    target = statement("bea")
    await append(store, target)
    recorded = await store.statement(uuid(target))
    assert recorded is not None
    comment = statement("cas", ref(target))
    await append(store, comment)
    assert await found(store, agent=who("bea"), since=recorded.stored) == ids(comment)
    assert await found(store, agent=who("bea"), limit=1) == ids(comment)


@pytest.mark.parametrize("order", ["before", "after", "together", "together reversed"])
async def test_a_voided_statement_is_found_by_no_filter_but_its_voider_is(store: Store, order: str) -> None:
    one = statement("bea", "quiz")
    void = voiding(one)
    steps: dict[str, list[list[dict[str, Any]]]] = {
        "before": [[void], [one]],
        "after": [[one], [void]],
        "together": [[one, void]],
        "together reversed": [[void, one]],
    }
    for step in steps[order]:
        await append(store, *step)
    assert await found(store) == ids(void)
    assert await found(store, agent=who("bea")) == ids(void)
    assert await found(store, activity=iri("quiz")) == ids(void)
    assert await store.statement(uuid(one)) is None
    voided = await store.voided(uuid(one))
    assert voided is not None
    assert str(voided.id) == one["id"]
    assert await store.voided(uuid(void)) is None
    assert await store.statement(uuid(void)) is not None


async def test_a_voiding_statement_can_not_be_voided(store: Store) -> None:
    one = statement("bea")
    void = voiding(one)
    again = voiding(void)
    await append(store, one)
    await append(store, void)
    await append(store, again)
    assert await store.voided(uuid(void)) is None
    assert await store.voided(uuid(one)) is not None
    assert await found(store) == ids(again, void)


async def test_who_targets_a_voided_statement_is_still_found_by_what_it_said(store: Store) -> None:
    one = statement("bea", "quiz")
    comment = statement("cas", ref(one))
    await append(store, one, comment)
    void = voiding(one)
    await append(store, void)
    assert await found(store, agent=who("bea")) == ids(void, comment)

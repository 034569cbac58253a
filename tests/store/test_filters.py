"""What each filter finds (xAPI 1.0.3 Communication 2.1.3)."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import json

from lrs.log.work import Conflict
from lrs.store import Store
from tests.store.given import (
    VERB,
    activity,
    append,
    found,
    ids,
    iri,
    page_of,
    person,
    ref,
    statement,
    uuid,
    who,
)


@pytest.mark.parametrize(
    ("made", "direct"),
    [
        (statement("bea"), True),
        (statement("ann", person("bea")), True),
        (statement("ann", {"objectType": "Group", "member": [person("bea")]}), True),
        ({**statement(), "actor": {"objectType": "Group", "member": [person("cas"), person("bea")]}}, True),
        ({**statement(), "actor": {"objectType": "Group", "mbox": "mailto:bea@example.org"}}, True),
        (statement(context={"instructor": person("bea")}), False),
        (statement(context={"team": {"objectType": "Group", "member": [person("bea")]}}), False),
        (
            statement(
                context={
                    "contextAgents": [
                        {"objectType": "contextAgent", "agent": person("bea"), "relevantTypes": ["http://e.org/t"]}
                    ]
                }
            ),
            False,
        ),
        (
            statement(
                "ann",
                {"objectType": "SubStatement", "actor": person("bea"), "verb": {"id": VERB}, "object": activity("x")},
            ),
            False,
        ),
        (
            statement(
                "ann",
                {
                    "objectType": "SubStatement",
                    "actor": person("cas"),
                    "verb": {"id": VERB},
                    "object": activity("x"),
                    "context": {"instructor": person("bea")},
                },
            ),
            False,
        ),
    ],
)
async def test_agent_finds_actor_and_object_and_related_agents_finds_the_rest(
    store: Store, made: dict[str, Any], direct: bool
) -> None:
    await append(store, made, statement("zoe"))
    assert await found(store, agent=who("bea")) == (ids(made) if direct else [])
    assert await found(store, agent=who("bea"), related_agents=True) == ids(made)


async def test_related_agents_finds_the_authority(store: Store) -> None:
    one = statement()
    await append(store, one)
    authority = "account:https://lrs.example tool"
    assert await found(store, agent=authority) == []
    assert await found(store, agent=authority, related_agents=True) == ids(one)


@pytest.mark.parametrize("relation", ["parent", "grouping", "category", "other"])
async def test_related_activities_finds_the_context(store: Store, relation: str) -> None:
    one = statement(about="lesson", context={"contextActivities": {relation: [activity("course")]}})
    await append(store, one, statement(about="other"))
    assert await found(store, activity=iri("course")) == []
    assert await found(store, activity=iri("course"), related_activities=True) == ids(one)
    assert await found(store, activity=iri("lesson"), related_activities=True) == ids(one)


async def test_filters_combine(store: Store) -> None:
    registration = str(uuid4())
    right = statement("bea", "quiz", context={"registration": registration})
    await append(
        store,
        right,
        statement("bea", "quiz"),
        statement("ann", "quiz", context={"registration": registration}),
        statement("bea", "quiz", context={"registration": registration}, verb={"id": "http://example.org/other"}),
        statement("bea", "lesson", context={"registration": registration}),
    )
    filters = {"agent": who("bea"), "verb": VERB, "activity": iri("quiz"), "registration": UUID(registration)}
    assert await found(store, **filters) == ids(right)
    assert await found(store, **filters, related_agents=True, related_activities=True) == ids(right)


@pytest.mark.parametrize("seed", range(3))
async def test_two_filters_find_what_each_finds(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    names, registrations = [f"p{number}" for number in range(6)], [str(uuid4()) for _ in range(6)]
    made = [
        statement(
            chance.choice(names),
            chance.choice(names),
            verb={"id": f"http://example.org/{chance.choice(names)}"},
            context={
                "registration": chance.choice(registrations),
                "instructor": person(chance.choice(names)),
                "contextActivities": {"other": [activity(name) for name in chance.sample(names, chance.randrange(6))]},
            },
        )
        for _ in range(150)
    ]
    await append(store, *made)
    filters: list[tuple[str, dict[str, Any]]] = [
        *(("agent", {"agent": who(name)}) for name in names),
        *(("agent", {"agent": who(name), "related_agents": True}) for name in names),
        *(("activity", {"activity": iri(name)}) for name in names),
        *(("activity", {"activity": iri(name), "related_activities": True}) for name in names),
        *(("verb", {"verb": f"http://example.org/{name}"}) for name in names),
        ("verb", {"verbs": [f"http://example.org/{name}" for name in names[:3]]}),
        *(("registration", {"registration": UUID(one)}) for one in registrations),
    ]
    alone = [await found(store, **one, limit=1000) for _, one in filters]
    for (kind, one), first in zip(filters, alone, strict=True):
        for (other_kind, other), second in zip(filters, alone, strict=True):
            if kind < other_kind:
                both = [id_ for id_ in first if id_ in second]
                assert await found(store, **one, **other, limit=1000) == both
                assert await found(store, **one, **other, limit=1000, ascending=True) == both[::-1]


async def test_pages_follow_on_each_other_both_ways(store: Store) -> None:
    made = [statement() for _ in range(25)]
    await append(store, *made)
    for ascending, expected in ((True, ids(*made)), (False, ids(*made)[::-1])):
        seen: list[str] = []
        after = None
        while True:
            page = await page_of(store, limit=10, ascending=ascending, after=after)
            seen += [str(recorded.id) for recorded in page.statements]
            after = page.after
            if after is None:
                break
            await append(store, statement("later", "elsewhere"))
        assert seen[:25] == expected if ascending else seen == expected or seen[-25:] == expected


async def test_since_is_exclusive_and_until_inclusive(store: Store) -> None:
    made = [statement() for _ in range(5)]
    for one in made:
        await append(store, one)
    stored = [recorded.stored for recorded in (await page_of(store, ascending=True)).statements]
    assert await found(store, since=stored[1], ascending=True) == ids(*made[2:])
    assert await found(store, until=stored[1], ascending=True) == ids(*made[:2])
    assert await found(store, since=stored[0], until=stored[3], ascending=True) == ids(*made[1:4])
    assert await found(store, since=stored[4]) == []
    assert await found(store, until=stored[0] - timedelta(microseconds=1)) == []


async def test_mine_restricts_to_an_authority(store: Store) -> None:
    one = statement()
    await append(store, one)
    assert await found(store, mine="account:https://lrs.example tool") == ids(one)
    assert await found(store, mine="account:https://lrs.example other") == []


async def test_definitions_are_merged_across_statements(store: Store) -> None:
    await append(store, statement(about=activity("c", name={"en": "Course"}, type="http://e.org/t")))
    await append(store, statement(about=activity("c", name={"nl": "Cursus"}, moreInfo="http://e.org/info")))
    await append(store, statement(about=activity("c", name={"en": "Ignored"})), defines=False)
    definition = (await store.definitions([iri("c")]))[iri("c")]
    assert definition == (
        b'{"moreInfo":"http://e.org/info","name":{"en":"Course","nl":"Cursus"},"type":"http://e.org/t"}'
    )


async def test_mine_does_not_give_others_statements_that_target_mine(store: Store) -> None:
    mine = statement()
    await append(store, mine)
    others = statement("eve", ref(mine))
    await append(store, others, authority="other")
    assert await found(store, mine="account:https://lrs.example tool") == ids(mine)
    assert await found(store, mine="account:https://lrs.example tool", verb=VERB) == ids(mine)
    assert await found(store, mine="account:https://lrs.example other") == ids(others)


async def test_a_timestamp_that_was_left_out_is_when_it_was_stored(store: Store) -> None:
    one = statement()
    await append(store, one)
    recorded = await store.statement(uuid(one))
    assert recorded is not None
    read = json.decode(recorded.text)
    assert read["timestamp"] == read["stored"]
    await append(store, {**one, "timestamp": read["stored"]}, version="1.0.3")
    with pytest.raises(Conflict):
        await append(store, {**one, "timestamp": "2020-01-01T00:00:00Z"}, version="1.0.3")


@pytest.mark.parametrize("ascending", [True, False])
async def test_a_page_is_full_at_a_number_of_bytes_and_the_rest_follows(store: Store, ascending: bool) -> None:
    made = [statement(result={"response": "x" * 3_000_000}) for _ in range(5)]
    for one in made:
        await append(store, one)
    seen, sizes, after = [], [], None
    while True:
        page = await page_of(store, limit=100, ascending=ascending, after=after)
        seen += [str(recorded.id) for recorded in page.statements]
        sizes.append(len(page.statements))
        after = page.after
        if after is None:
            break
    assert seen == (ids(*made) if ascending else ids(*made)[::-1])
    assert sizes == [3, 2]

"""What is known of activities once statements are forgotten is what the others say, and few of them are asked."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest
from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.audit.erasure import Erasures
from lrs.index.forgetting import Forgetting, Gone
from lrs.index.hearing import Foreseen
from lrs.log.reader import Reader
from lrs.store import Store
from tests.audit.erasure.given import Home, erase
from tests.audit.retention.given import Keeper, rule
from tests.store.given import VERB, activity, append, iri, statement, voiding

VIEWED = iri("viewed")


@pytest.fixture
async def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[Any]]], None]:
    """Does something once it is foreseen what will be left, before the store's lock is taken; once."""
    foresee = Forgetting.foresee
    loop = asyncio.get_running_loop()
    waiting: list[Callable[[], Awaitable[Any]]] = []

    def foresee_and_do(self: Forgetting, cursor: Cursor[TupleRow], unreadable: list[Gone]) -> Foreseen:
        foreseen = foresee(self, cursor, unreadable)
        if waiting:
            asyncio.run_coroutine_threadsafe(_awaited(waiting.pop()()), loop).result()
        return foreseen

    monkeypatch.setattr(Forgetting, "foresee", foresee_and_do)
    return waiting.append


async def _awaited(something: Awaitable[Any]) -> None:
    await something


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many events are read back at their positions, to foresee and to forget."""
    counts = {"foresee": 0, "forget": 0}
    doing: list[str] = []
    at = Reader.at

    def counted(self: Reader, cursor: Cursor[TupleRow], positions: Collection[int], **how: Any) -> Any:
        if doing:
            counts[doing[-1]] += len(positions)
        return at(self, cursor, positions, **how)

    monkeypatch.setattr(Reader, "at", counted)
    for name in counts:
        monkeypatch.setattr(Forgetting, name, _noting(doing, name, getattr(Forgetting, name)))
    return counts


def _noting(doing: list[str], name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def noting(*given: Any) -> Any:
        doing.append(name)
        try:
            return method(*given)
        finally:
            doing.pop()

    return noting


def about(site: dict[str, Any], actor: str = "bea", **more: Any) -> dict[str, Any]:
    return statement(actor, "lesson", context={"contextActivities": {"grouping": [site]}}, **more)


def viewed(site: dict[str, Any], actor: str = "ann") -> dict[str, Any]:
    return about(site, actor, verb={"id": VIEWED})


async def test_a_language_that_came_later_costs_no_more_than_a_few_pages(
    store: Store, keeper: Keeper, home: Home, heard: dict[str, int]
) -> None:
    english, dutch = activity("site", name={"en": "Site"}), activity("site", name={"nl": "Site"})
    await append(store, *(viewed(english) for _ in range(5)), *(about(english) for _ in range(200)))
    await append(store, *(about(dutch) for _ in range(400)))
    keeper.set(rule(verbs=(VIEWED,)))
    await asyncio.to_thread(keeper.run)
    assert heard == {"foresee": 4, "forget": 0}
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode({"name": {"en": "Site", "nl": "Site"}})}
    assert home.differences() == []


async def test_what_nobody_else_says_is_found_out_before_the_lock(
    store: Store, keeper: Keeper, home: Home, heard: dict[str, int]
) -> None:
    await append(store, viewed(activity("site", name={"fy": "Side"})))
    await append(store, *(about(activity("site", name={"nl": "Site"})) for _ in range(100)))
    keeper.set(rule(verbs=(VIEWED,)))
    await asyncio.to_thread(keeper.run)
    assert heard["forget"] == 0
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode({"name": {"nl": "Site"}})}
    assert home.differences() == []


async def test_what_was_said_before_somebody_s_last_word_is_what_counts_without_them(
    store: Store, keeper: Keeper, home: Home
) -> None:
    await append(store, about(activity("site", name={"en": "Site"}), "ann"))
    await append(store, about(activity("site", name={"en": "Site", "nl": "Plek"})))
    await append(store, about(activity("site", name={"nl": "Ann's"}), "ann"))
    await append(store, *(about(activity("site", type=iri("lms"))) for _ in range(3)))
    await asyncio.to_thread(erase, Erasures(keeper.log), "ann@example.org")
    known = json.decode((await store.definitions([iri("site")]))[iri("site")])
    assert known["name"] == {"en": "Site", "nl": "Plek"}
    assert home.differences() == []


async def test_what_comes_before_the_lock_counts(
    store: Store, keeper: Keeper, home: Home, between: Callable[[Callable[[], Awaitable[Any]]], None]
) -> None:
    await append(store, viewed(activity("site", name={"fy": "Side"})), about(activity("site", name={"nl": "Site"})))
    between(lambda: append(store, about(activity("site", name={"nl": "Nieuw", "de": "Ort"}))))
    keeper.set(rule(verbs=(VIEWED,)))
    await asyncio.to_thread(keeper.run)
    known = {"name": {"de": "Ort", "nl": "Nieuw"}}
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode(known)}
    assert home.differences() == []


async def test_what_goes_before_the_lock_doesn_t(
    store: Store, keeper: Keeper, home: Home, between: Callable[[Callable[[], Awaitable[Any]]], None]
) -> None:
    await append(store, viewed(activity("site", name={"fy": "Side"})))
    await append(
        store, about(activity("site", name={"fy": "Side"})), about(activity("site", name={"nl": "Site"}), "cas")
    )
    between(lambda: asyncio.to_thread(erase, Erasures(keeper.log), "bea@example.org"))
    keeper.set(rule(verbs=(VIEWED,)))
    await asyncio.to_thread(keeper.run)
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode({"name": {"nl": "Site"}})}
    assert home.differences() == []


async def test_who_is_erased_may_go_on_until_the_lock(
    store: Store, keeper: Keeper, home: Home, between: Callable[[Callable[[], Awaitable[Any]]], None]
) -> None:
    await append(
        store, about(activity("site", name={"nl": "Site"}), "ann"), about(activity("site", name={"en": "Site"}))
    )
    between(lambda: append(store, about(activity("site", name={"en": "Ann's", "fy": "Side"}), "ann")))
    await asyncio.to_thread(erase, Erasures(keeper.log), "ann@example.org")
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode({"name": {"en": "Site"}})}
    assert home.differences() == []


async def test_what_an_activity_had_no_room_for_is_there_once_there_is(
    store: Store, keeper: Keeper, home: Home
) -> None:
    theirs = {iri(f"attempts/{number:03}"): number for number in range(256)}
    await append(
        store,
        viewed(activity("site", extensions=theirs)),
        about(activity("site", extensions={iri("attempts/xxxx"): 1})),
    )
    assert await store.definitions([iri("site")]) == {iri("site"): json.encode({"extensions": theirs})}
    keeper.set(rule(verbs=(VIEWED,)))
    await asyncio.to_thread(keeper.run)
    assert await store.definitions([iri("site")]) == {
        iri("site"): json.encode({"extensions": {iri("attempts/xxxx"): 1}})
    }
    assert home.differences() == []


def _definition(chance: random.Random) -> dict[str, Any]:
    """Something of all that may be said, each in two ways; rarely what hardly anybody says, and sometimes nothing."""
    tongues = chance.sample(["en", "nl", "de"], chance.randrange(3)) + ["fy"] * (chance.random() < 0.05)
    keys = chance.sample([iri("k1"), iri("k2")], chance.randrange(2)) + [iri("rare")] * (chance.random() < 0.05)
    said = {
        "name": {tongue: f"name {chance.randrange(2)}" for tongue in tongues},
        "extensions": {key: chance.randrange(2) for key in keys},
        "type": iri(f"type{chance.randrange(2)}"),
    }
    return {name: said[name] for name in chance.sample(sorted(said), chance.randrange(4))}


def _history(chance: random.Random, length: int) -> list[dict[str, Any]]:
    """Statements about two activities, voided ones among them, some before they are there."""
    made: list[dict[str, Any]] = []
    for _ in range(length):
        thing = activity(f"a{chance.randrange(2)}", **_definition(chance))
        more = {"verb": {"id": chance.choice([VERB, VIEWED])}}
        actor = f"p{chance.randrange(6)}"
        one = about(thing, actor, **more) if chance.random() < 0.5 else statement(actor, thing, **more)
        made.append(one)
        if chance.random() < 0.3:
            made.insert(chance.randrange(len(made) + 1), voiding(one, f"p{chance.randrange(6)}"))
    return made


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_left_is_what_a_rebuild_gives(
    store: Store,
    keeper: Keeper,
    home: Home,
    seed: int,
    between: Callable[[Callable[[], Awaitable[Any]]], None],
) -> None:
    chance = random.Random(seed)
    history = _history(chance, 150)

    async def some() -> None:
        size = chance.randrange(1, 40)
        if history:
            await append(store, *history[:size], defines=chance.random() < 0.8)
            del history[:size]

    async def somebody_goes() -> None:
        who = f"p{chance.randrange(6)}@example.org"
        if home.rows("SELECT FROM learners WHERE digest = %s", store.keys.digest("identity", f"mbox:mailto:{who}")):
            await asyncio.to_thread(erase, Erasures(keeper.log), who)

    while history:
        await some()
        if chance.random() < 0.5:
            between(some)
        elif chance.random() < 0.3:
            between(somebody_goes)
        if chance.random() < 0.5:
            keeper.set(rule(verbs=(chance.choice([VERB, VIEWED]),)))
            await asyncio.to_thread(keeper.run)
        else:
            await somebody_goes()
        assert home.differences() == []

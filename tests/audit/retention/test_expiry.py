"""Forgetting statements by rules: the log stays, and everything told from it follows."""

import asyncio
import hashlib
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import json

from lrs.audit.erasure import Erasures
from lrs.audit.retention import Busy, Retention, Rules
from lrs.errors import ChangedMeanwhile
from lrs.index.version import StaleIndex
from lrs.log.work import Conflict
from lrs.store import Store
from schemas.erasure import STATEMENTS_EXPIRED, decode_erased
from tests.audit.erasure.given import Home, erase
from tests.audit.retention.given import LATER, Keeper, rule
from tests.store.given import (
    VERB,
    activity,
    append,
    found,
    ids,
    iri,
    leave_as_another_version,
    person,
    prepared,
    ref,
    statement,
    uuid,
    voiding,
    who,
)
from tests.store.test_rebuild import _history
from tests.store.test_salts import append_as_before_salts

VIEWED = iri("viewed")
VIDEO, COURSE = iri("video"), iri("course")


def viewed(actor: str = "ann", about: Any = "course", **more: Any) -> dict[str, Any]:
    return statement(actor, about, verb={"id": VIEWED}, **more)


async def test_without_rules_everything_is_kept(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, statement())
    assert keeper.run(LATER + timedelta(days=100_000)).statements == 0
    assert len(home.log()) == 1


async def test_what_is_old_enough_goes_and_the_log_is_as_it_was(store: Store, keeper: Keeper, home: Home) -> None:
    old = statement("ann", context={"instructor": person("cas")})
    await append(store, old)
    await append(store, new := statement("ann"))
    keeper.set(rule(days=30))
    stored = home.value("SELECT stored FROM stored_events WHERE notification_id = 1")
    before = home.log()
    assert keeper.run(stored + timedelta(days=30) - timedelta(microseconds=1)).statements == 0
    expired = keeper.run(stored + timedelta(days=30))
    assert (expired.statements, expired.rules, expired.complete) == (1, {"old": 1}, True)
    assert home.log()[:-1] == before
    assert await store.statement(uuid(old)) is None
    assert await found(store) == ids(new)
    assert await found(store, agent=who("cas"), related_agents=True) == []
    with pytest.raises(Conflict):
        await append(store, old)
    assert home.rows("SELECT position FROM statement_salts") == [(2,)]
    assert home.differences() == []
    assert keeper.run(stored + timedelta(days=30)).statements == 0


async def test_the_log_says_what_went_and_nothing_of_what_it_was(store: Store, keeper: Keeper, home: Home) -> None:
    one, two = viewed("ann"), viewed("bea", context={"instructor": person("cas")})
    await append(store, one, statement(), two)
    keeper.set(rule("views", verbs=(VIEWED,)))
    keeper.run()
    topic, state = home.rows("SELECT topic, state FROM stored_events ORDER BY notification_id DESC LIMIT 1")[0]
    erased = decode_erased(state)
    assert topic == STATEMENTS_EXPIRED
    assert (erased.statements, erased.counts, erased.by) == ((1, 3), {"views": 2}, "test")
    assert (erased.learners, erased.keys) == ((), ())
    names = {"ann", "bea", "cas"}
    digests = [store.keys.digest("identity", who(name)) for name in names]
    learners = [learner for (learner,) in home.rows("SELECT learner FROM learners WHERE digest = ANY(%s)", digests)]
    assert set(erased.touched) == {learner.bytes for learner in learners}
    assert b"example.org" not in state


async def test_by_verb(store: Store, keeper: Keeper, home: Home) -> None:
    one, other = viewed(), statement()
    await append(store, one, other)
    keeper.set(rule(verbs=(VIEWED, iri("else"))))
    assert keeper.run().statements == 1
    assert await found(store) == ids(other)
    assert home.differences() == []


async def test_by_activity_type_as_said_or_as_known_by_now(store: Store, keeper: Keeper, home: Home) -> None:
    said = statement("ann", activity("a1", type=VIDEO))
    by_others = statement("bea", activity("a2"))
    said_without_being_believed = statement("cas", activity("a3", type=VIDEO))
    other = statement("ann", activity("a4", type=COURSE))
    nothing = statement("ann", person("bea"))
    await append(store, said, by_others, other, nothing)
    await append(store, said_without_being_believed, defines=False)
    await append(store, late := statement("dan", activity("a2", type=VIDEO)))
    keeper.set(rule(activity_types=(VIDEO,)))
    looked = keeper.look(rule(activity_types=(VIDEO,)))
    assert looked.rules[0].samples == [uuid(one) for one in (said, by_others, said_without_being_believed, late)]
    assert keeper.run().statements == 4
    assert await found(store) == ids(nothing, other)
    assert await store.definitions([iri("a1"), iri("a2"), iri("a4")]) == {iri("a4"): json.encode({"type": COURSE})}
    assert home.differences() == []


async def test_all_that_a_rule_says_has_to_be_so_and_the_first_rule_counts(store: Store, keeper: Keeper) -> None:
    both, verb, neither = viewed(about=activity("v", type=VIDEO)), viewed(), statement()
    await append(store, both, verb, neither)
    keeper.set(rule("video views", verbs=(VIEWED,), activity_types=(VIDEO,)), rule("views", verbs=(VIEWED,)))
    assert keeper.run().rules == {"video views": 1, "views": 1}
    assert await found(store) == ids(neither)


async def test_a_look_tells_what_a_run_does_and_changes_nothing(store: Store, keeper: Keeper, home: Home) -> None:
    await append_as_before_salts(store, statement("eve"))
    statements = [viewed(f"p{number}") for number in range(12)]
    await append(store, *statements, statement())
    rules = (rule("views", verbs=(VIEWED,)), rule("courses", 500))
    before = home.log()
    looked = keeper.look(*rules)
    views, courses = looked.rules
    month = f"{datetime.now(UTC):%Y-%m}"
    assert (views.statements, views.months, views.samples) == (12, {month: 12}, [uuid(one) for one in statements[:10]])
    assert (courses.statements, courses.months, courses.samples) == (0, {}, [])
    assert (looked.statements, looked.without_salt) == (12, 1)
    assert home.log() == before
    keeper.set(*rules)
    assert keeper.run().rules == {"views": 12}


async def test_an_attachment_goes_with_its_statement(store: Store, keeper: Keeper, home: Home) -> None:
    content = b"a certificate"
    attachment: dict[str, Any] = {
        "usageType": iri("certificate"),
        "display": {"en": "certificate"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
    }
    one, two = viewed(attachments=[attachment]), statement(attachments=[attachment])
    contents = {attachment["sha2"]: content}
    await store.append(prepared(one, two), defines=True, contents=contents)
    keeper.set(rule(verbs=(VIEWED,)))
    keeper.run()
    assert home.rows("SELECT position FROM attachments") == [(2,)]
    assert await store.attachments([1, 2]) == contents


async def test_who_points_at_what_went_stays_and_is_found_by_itself_only(
    store: Store, keeper: Keeper, home: Home
) -> None:
    aim = viewed("ann")
    between = viewed("bea", ref(aim))
    pointing = statement("cas", ref(between))
    await append(store, aim, between, pointing)
    assert await found(store, agent=who("ann")) == ids(pointing, between, aim)
    keeper.set(rule(verbs=(VIEWED,)))
    keeper.run()
    assert await found(store) == ids(pointing)
    assert await found(store, agent=who("ann")) == []
    assert await found(store, agent=who("cas")) == ids(pointing)
    assert home.differences() == []


@pytest.mark.parametrize("late", [False, True])
async def test_what_was_voided_stays_so_when_what_voids_it_goes(
    store: Store, keeper: Keeper, home: Home, late: bool
) -> None:
    one = statement("ann")
    void = voiding(one)
    await append(store, *([void] if late else [one, void]))
    keeper.set(rule("voids", verbs=(void["verb"]["id"],)))
    assert keeper.run().statements == 1
    if late:
        await append(store, one)
    assert await store.statement(uuid(one)) is None
    assert await store.voided(uuid(one)) is not None
    assert await found(store) == []
    assert home.differences() == []


async def test_who_voided_what_went_stays(store: Store, keeper: Keeper, home: Home) -> None:
    one = statement("ann")
    void = voiding(one)
    await append(store, one, void)
    keeper.set(rule(verbs=(VERB,)))
    assert keeper.run().statements == 1
    assert await store.voided(uuid(one)) is None
    assert await found(store) == ids(void)
    assert await found(store, agent=who("ann")) == []
    assert home.differences() == []


async def test_what_was_said_of_an_activity_is_what_is_left(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, viewed("ann", activity("a", name={"en": "old", "nl": "oud"}, type=VIDEO)))
    await append(store, statement("bea", activity("a", name={"en": "new"})))
    keeper.set(rule(verbs=(VIEWED,)))
    keeper.run()
    assert await store.definitions([iri("a")]) == {iri("a"): json.encode({"name": {"en": "new"}})}
    assert home.differences() == []


@pytest.mark.parametrize("seed", range(4))
async def test_live_equals_rebuilt_whatever_goes_and_comes(store: Store, keeper: Keeper, home: Home, seed: int) -> None:
    chance = random.Random(seed)
    history = _history(seed, 60)
    for one in history:
        if chance.random() < 0.4 and one["verb"]["id"] == VERB:
            one["verb"] = {"id": VIEWED}
    verbs = sorted({one["verb"]["id"] for one in history})
    while history:
        size = chance.randrange(1, 12)
        await append(store, *history[:size], defines=chance.random() < 0.8)
        del history[:size]
        if chance.random() < 0.4:
            keeper.set(rule(verbs=(chance.choice(verbs),)))
            keeper.run()
            assert home.differences() == []
    keeper.set(rule())
    keeper.run()
    assert await found(store) == []
    assert home.differences() == []


async def test_erasing_comes_together_with_it(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, viewed("ann"), statement("ann"), viewed("bea", person("ann")), statement("bea"))
    keeper.set(rule(verbs=(VIEWED,)))
    keeper.run()
    erase(Erasures(keeper.log), "ann@example.org")
    keeper.set(rule())
    assert keeper.run().statements == 1
    assert await found(store) == []
    assert home.differences() == []
    assert home.rows("SELECT * FROM statement_salts") == []


async def test_rules_that_change_in_the_middle_end_a_run(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, *(statement(f"p{number}") for number in range(300)))
    keeper.set(rule())

    def change(_: int) -> bool:
        Retention(keeper.log).set(Rules(), by="test")
        return True

    with pytest.raises(ChangedMeanwhile, match="the rules were changed"):
        keeper.run(go_on=change)
    assert home.value("SELECT count(*) FROM statement_salts") == 100
    with pytest.raises(ChangedMeanwhile, match="the rules are at version 2 now, not 1"):
        keeper.run(seen=1)
    assert home.differences() == []


async def test_a_run_can_end_early_and_the_next_goes_on(store: Store, keeper: Keeper) -> None:
    await append(store, *(statement(f"p{number}") for number in range(300)))
    keeper.set(rule())
    first = keeper.run(go_on=lambda gone: gone < 100)
    assert (first.statements, first.complete) == (200, False)
    assert keeper.run().statements == 100


async def test_one_run_at_a_time(store: Store, keeper: Keeper) -> None:
    await append(store, statement())
    keeper.set(rule())

    def another(_: int) -> bool:
        with pytest.raises(Busy):
            keeper.run()
        return True

    assert keeper.run(go_on=another).statements == 1
    assert keeper.run().complete


async def test_statements_arrive_while_others_go(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, *(viewed(f"p{number}") for number in range(600)))
    keeper.set(rule(verbs=(VIEWED,)))
    running = asyncio.create_task(asyncio.to_thread(keeper.run))
    sent = 0
    while not running.done() or sent < 20:
        await append(store, statement(f"p{sent}", activity("course", name={"en": f"{sent}"})))
        sent += 1
    assert (await running).statements == 600
    assert len(await found(store, limit=1_000)) == sent
    assert home.differences() == []


async def test_nothing_is_forgotten_by_an_index_that_doesn_t_find_it(store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, one := statement())
    keeper.set(rule())
    leave_as_another_version(home.url, home.schema)
    with pytest.raises(StaleIndex):
        keeper.run()
    assert await store.statement(uuid(one))
    home.renew()
    assert keeper.run().statements == 1
    assert home.differences() == []

"""Erasing people from the log's statements and their index."""

import asyncio
from hashlib import sha1
from typing import Any
from uuid import UUID

import pytest
from msgspec import json

from lrs.audit.erasure import Erasure, Erasures
from lrs.errors import Malformed, NotFound
from lrs.index.version import StaleIndex
from lrs.log.reader import FORGOTTEN
from lrs.seal import KeysLost
from lrs.store import Store
from tests.audit.erasure.given import Home, erase
from tests.store.given import (
    activity,
    append,
    found,
    ids,
    iri,
    leave_as_another_version,
    person,
    ref,
    statement,
    uuid,
    voiding,
    who,
)


async def _text(store: Store, one: dict[str, Any]) -> Any:
    recorded = await store.statement(uuid(one))
    return None if recorded is None else json.decode(recorded.text)


async def test_what_somebody_said_is_gone_and_the_log_is_as_it_was(
    store: Store, erasures: Erasures, home: Home
) -> None:
    one, other = statement("ann"), statement("bea")
    await append(store, one, other)
    before = home.log()
    done = erase(erasures, "ann@example.org")
    assert home.log()[:2] == before
    assert len(home.log()) == done.position == 3
    assert done.erased.counts["statements"] == 1
    assert await store.statement(uuid(one)) is None
    assert await found(store) == ids(other)
    assert await found(store, agent=who("ann")) == []
    assert home.differences() == []


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ({"mbox": "mailto:ann@Example.org"}, "ann@example.org"),
        (
            {"mbox_sha1sum": "fffe7e5e69b3a9ae3d1e3a4a4d5e0f0c7d9c0d6f"},
            "mbox_sha1sum:FFFE7E5E69B3A9AE3D1E3A4A4D5E0F0C7D9C0D6F",
        ),
        ({"openid": "https://ann.example.org/"}, "openid:https://ann.example.org/"),
        ({"account": {"homePage": "https://lms.example", "name": "ann 1"}}, "account:https://lms.example ann 1"),
    ],
)
async def test_any_identifier_names_somebody(store: Store, erasures: Erasures, agent: Any, named: str) -> None:
    one = statement(actor="x") | {"actor": agent}
    await append(store, one)
    assert erasures.look(named).extent.counts["statements"] == 1
    erase(erasures, named)
    assert await store.statement(uuid(one)) is None
    with pytest.raises(NotFound, match="nobody is known as"):
        erasures.look(named)


async def test_an_address_names_its_hash_too(store: Store, erasures: Erasures) -> None:
    hashed = sha1(b"mailto:ann@example.org", usedforsecurity=False).hexdigest()
    await append(store, statement("ann"), statement() | {"actor": {"mbox_sha1sum": hashed}})
    looked = erasures.look("ann@example.org").extent
    assert looked.counts["statements"] == 2
    assert len(looked.persons) == 2
    assert erase(erasures, "ann@example.org").erased.counts["identifiers"] == 2


async def test_others_who_mention_them_keep_their_statements_with_nobody_in_it(
    store: Store, erasures: Erasures, home: Home
) -> None:
    instructed = statement("bea", context={"instructor": {**person("ann"), "name": "Ann Marker"}})
    about = statement("cas", person("ann"))
    group = {"objectType": "Group", "mbox": "mailto:team@example.org", "member": [person("ann"), person("dan")]}
    team = statement("bea", context={"team": group})
    sub = {"objectType": "SubStatement", "actor": person("ann"), "verb": {"id": iri("v")}, "object": activity("x")}
    inside = statement("cas", sub)
    pointing = statement("dan", ref(about))
    await append(store, instructed, about, team, inside, pointing)
    assert len(await found(store, agent=who("ann"), related_agents=True)) == 5
    done = erase(erasures, "ann@example.org")
    assert done.erased.counts["mentions"] == 4
    assert await found(store, agent=who("ann"), related_agents=True) == []
    assert len(await found(store)) == 5
    placeholder = {"objectType": "Agent", "account": {"homePage": FORGOTTEN, "name": str(_key(done))}}
    assert (await _text(store, instructed))["context"]["instructor"] == placeholder
    assert (await _text(store, about))["object"] == placeholder
    assert (await _text(store, team))["context"]["team"]["member"] == [placeholder, person("dan")]
    assert (await _text(store, inside))["object"]["actor"] == placeholder
    nobody = f"account:{FORGOTTEN} {_key(done)}"
    assert sorted(await found(store, agent=nobody)) == sorted(ids(about, pointing))
    assert home.differences() == []


def _key(done: Erasure) -> UUID:
    (key,) = done.erased.keys
    return UUID(bytes=key)


async def test_what_they_voided_stays_void_and_what_points_through_them_is_still_found(
    store: Store, erasures: Erasures, home: Home
) -> None:
    wrong, right = statement("bea", "wrong"), statement("bea", "right")
    void = voiding(wrong, "ann")
    through = statement("ann", ref(right))
    outer = statement("cas", ref(through))
    theirs = statement("ann", "theirs")
    to_theirs = statement("cas", ref(theirs))
    voided = voiding(theirs, "cas")
    await append(store, wrong, right, void, through, outer, theirs, to_theirs, voided)
    assert await found(store, activity=iri("right")) == ids(outer, through, right)
    erase(erasures, "ann@example.org")
    assert await store.statement(uuid(wrong)) is None
    assert (await store.voided(uuid(wrong))) is not None
    assert await found(store, activity=iri("wrong")) == []
    assert await found(store, activity=iri("right")) == ids(outer, right)
    assert await found(store, activity=iri("theirs")) == []
    assert home.differences() == []
    # What comes later meets what is left as it would have met the statements.
    late = statement("dan", ref(void))
    again = voiding(right, "cas")
    await append(store, late, again)
    assert await found(store, activity=iri("wrong")) == ids(late)
    assert home.differences() == []


async def test_a_target_that_comes_after_the_erasure_is_void_at_once(
    store: Store, erasures: Erasures, home: Home
) -> None:
    late = statement("bea", "late")
    await append(store, voiding(late, "ann"), statement("ann", ref(late)), statement("cas"))
    erase(erasures, "ann@example.org")
    await append(store, late)
    assert await store.statement(uuid(late)) is None
    assert await store.voided(uuid(late)) is not None
    assert home.differences() == []


async def test_an_activity_is_what_others_say_of_it(store: Store, erasures: Erasures, home: Home) -> None:
    await append(
        store,
        statement("ann", activity("diary", name={"nl": "Dagboek van Ann"})),
        statement("ann", activity("course", name={"nl": "Cursus", "en": "Ann's course"}, type="http://x.nl/mine")),
        statement("bea", activity("course", name={"nl": "Cursus"}, description={"nl": "Over alles"})),
        statement("bea", activity("same", name={"nl": "Zelfde"})),
        statement("ann", activity("same", name={"nl": "Zelfde"})),
        statement("cas", activity("same", name={"nl": "Zelfde"})),
        statement("bea", activity("undone", name={"nl": "Eerst"})),
        statement("ann", activity("undone", name={"nl": "Toen"})),
    )
    erase(erasures, "ann@example.org")
    known = await store.definitions([iri(name) for name in ("diary", "course", "same", "undone")])
    assert {name.rpartition("/")[2]: json.decode(one) for name, one in known.items()} == {
        "course": {"name": {"nl": "Cursus"}, "description": {"nl": "Over alles"}},
        "same": {"name": {"nl": "Zelfde"}},
        "undone": {"name": {"nl": "Eerst"}},
    }
    assert home.differences() == []


async def test_an_anonymous_group_stays_until_nobody_of_it_is_left(
    store: Store, erasures: Erasures, home: Home
) -> None:
    group = {"objectType": "Group", "member": [person("ann"), person("bea")]}
    together = statement() | {"actor": group}
    await append(store, together)
    erase(erasures, "ann@example.org")
    assert (await _text(store, together))["actor"]["member"][1] == person("bea")
    assert await found(store, agent=who("bea")) == ids(together)
    assert home.differences() == []
    done = erase(erasures, "bea@example.org")
    assert len(done.erased.learners) == 2
    assert await store.statement(uuid(together)) is None
    assert home.value("SELECT count(*) FROM learners") == home.value("SELECT count(*) FROM person_keys") == 0
    assert home.differences() == []


async def test_who_returns_is_somebody_new(store: Store, erasures: Erasures) -> None:
    await append(store, statement("ann"))
    first = erase(erasures, "ann@example.org")
    new = statement("ann")
    await append(store, new)
    assert await found(store, agent=who("ann")) == ids(new)
    again = erasures.look("ann@example.org").extent
    assert again.persons != [first.person]
    assert again.counts["statements"] == 1
    # Asking for the first once more gives the first, and leaves who they are now alone.
    assert erasures.erase("ann@example.org", confirm=first.person, by="test").position == first.position
    assert await found(store, agent=who("ann")) == ids(new)


async def test_a_repeated_request_is_the_same_erasure(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, statement("ann"))
    first = erase(erasures, "ann@example.org")
    for named in ("ann@example.org", str(first.person)):
        assert erasures.erase(named, confirm=first.person, by="other") == first
    assert erasures.of(first.person) == first
    assert len(home.log()) == 2


async def test_only_who_was_looked_at_is_erased(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, statement("ann"), statement("bea"))
    bea = erasures.look("bea@example.org").extent.persons[0]
    with pytest.raises(Malformed, match="is not whom this names"):
        erasures.erase("ann@example.org", confirm=bea, by="test")
    with pytest.raises(NotFound):
        erasures.erase("dan@example.org", confirm=bea, by="test")
    with pytest.raises(Malformed, match="is no identifier"):
        erasures.look("somebody")
    with pytest.raises(NotFound):
        erasures.of(bea)
    assert len(home.log()) == 2


async def test_two_at_once_are_one(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, *(statement("ann") for _ in range(20)), statement("bea", person("ann")))
    ann = erasures.look("ann@example.org").extent.persons[0]
    done = await asyncio.gather(
        *(asyncio.to_thread(erasures.erase, "ann@example.org", confirm=ann, by=str(n)) for n in range(4))
    )
    assert len({(one.position, one.erased.by) for one in done}) == 1
    assert len(home.log()) == 22


async def test_statements_in_flight_are_of_somebody_new(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, statement("ann"), statement("bea", person("ann")))
    ann = erasures.look("ann@example.org").extent.persons[0]

    async def keep_telling() -> None:
        for _ in range(30):
            await append(store, statement("ann"), statement("cas", context={"instructor": person("ann")}))

    telling = [asyncio.create_task(keep_telling()) for _ in range(3)]
    await asyncio.sleep(0)
    done = await asyncio.to_thread(erasures.erase, "ann@example.org", confirm=ann, by="test")
    await asyncio.gather(*telling)
    assert home.differences() == []
    key = _key(done)
    assert home.rows("SELECT FROM person_keys WHERE key_id = %s", key) == []
    theirs = await found(store, agent=who("ann"), limit=1_000)
    assert len(theirs) + done.erased.counts["statements"] == 91
    sealed = b"".join(row[3] for row in home.log()[done.position :])
    assert key.bytes not in sealed


async def test_who_is_mentioned_by_many(store: Store, erasures: Erasures, home: Home) -> None:
    many = [statement(f"p{number % 700}", context={"instructor": person("ann")}) for number in range(1_500)]
    for start in range(0, len(many), 500):
        await append(store, *many[start : start + 500])
    done = erase(erasures, "ann@example.org")
    assert done.erased.counts["mentions"] == 1_500
    assert len(done.erased.touched) == 700
    assert await found(store, agent=who("ann"), related_agents=True) == []
    assert home.differences() == []


async def test_who_has_lost_their_key_for_good_can_be_erased(store: Store, erasures: Erasures, home: Home) -> None:
    """As docs/keys.md says."""
    one, other = statement("ann"), statement("bea", person("ann"))
    await append(store, one, other)
    ann = erasures.look("ann@example.org").extent.persons[0]
    lost = home.rows("DELETE FROM person_keys WHERE learner = %s RETURNING key_id", ann)
    with pytest.raises(KeysLost, match=r"docs/keys\.md"):
        erasures.look(str(ann))
    home.rows("INSERT INTO destroyed_keys VALUES (%s) RETURNING key_id", lost[0][0])
    assert await store.statement(uuid(one)) is None
    with pytest.raises(KeysLost, match=f"the key of learner {ann} is gone"):
        await append(store, statement("ann"))
    erasures.erase(str(ann), confirm=ann, by="test")
    await append(store, new := statement("ann"))
    home.rebuild()
    assert home.differences() == []
    assert await found(store) == ids(new, other)


async def test_nobody_is_erased_by_an_index_that_doesn_t_find_them(
    store: Store, erasures: Erasures, home: Home
) -> None:
    other = statement("bea")
    await append(store, one := statement("ann"), other, undone := voiding(other, "ann"))
    confirm = erasures.look("ann@example.org").extent.persons[0]
    leave_as_another_version(home.url, home.schema)
    with pytest.raises(StaleIndex):
        erasures.look("ann@example.org")
    with pytest.raises(StaleIndex, match="run `lrs migrate` first"):
        erasures.erase("ann@example.org", confirm=confirm, by="test")
    assert len(home.log()) == 3
    assert await _text(store, one)
    home.renew()
    done = erasures.erase("ann@example.org", confirm=confirm, by="test")
    assert done.erased.counts["statements"] == 2
    assert await store.statement(uuid(undone)) is None
    home.rebuild()
    assert await store.statement(uuid(other)) is None
    # Who was erased already is known without the index.
    leave_as_another_version(home.url, home.schema)
    assert erasures.erase("ann@example.org", confirm=confirm, by="test") == done


async def test_who_waits_for_consumers_holds_up_nobody_who_writes(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, statement("ann"))
    ann = erasures.look("ann@example.org").extent.persons[0]
    with home.connection.transaction():
        # As a consumer's rows are, while it folds a large batch.
        home.connection.execute("LOCK TABLE projection_positions")
        erasing = asyncio.create_task(asyncio.to_thread(erasures.erase, "ann@example.org", confirm=ann, by="test"))
        await asyncio.to_thread(home.wait_until_somebody_waits)
        await append(store, statement("bea"))
        assert not erasing.done()
    assert (await erasing).position == 3
    assert home.differences() == []

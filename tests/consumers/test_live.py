"""Folding live: whatever comes in whatever way, the tables equal a replay of the log."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from consumers.live import Overtaken
from consumers.parked import parked
from lrs.log.messages import MessageLog
from schemas.act import ActKind
from schemas.message import Message
from schemas.organisation import OrganisationChange, Person
from schemas.policy import Policy
from schemas.vocabulary import VerbMeaning, VocabularyChange
from tests.consumers.counting import POISON, SHY, UNFIT
from tests.consumers.given import completed
from tests.consumers.world import World
from tests.store.given import person, ref, statement, voiding


class _Noting:
    """A log that keeps what is read from it by what it touches."""

    def __init__(self, log: MessageLog, read: list[Message]) -> None:
        self._log = log
        self._read = read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def touching(self, *where: Any) -> Iterator[list[Message]]:
        for page in self._log.touching(*where):
            self._read += page
            yield page


def equal(world: World) -> None:
    """Live equals replay."""
    report = world.verify()
    assert report.equal, report
    assert report.place.position == world.head()


def link(one: UUID, *others: UUID, locale: str = "") -> OrganisationChange:
    """These learners are one person."""
    return OrganisationChange(people=(Person(id=one, learners=(one, *others), locale=locale),))


async def test_statements_become_rows(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("ann", "other"), completed("bea"))
    live.take(world.messages())
    assert world.counts() == {"completed": 3}
    assert live.place.position == 3
    report = world.verify()
    assert report.equal, report
    assert [difference.rows for difference in report.differences] == [2, 2, 0]


async def test_every_message_twice_and_out_of_order(world: World) -> None:
    live = world.live()
    await world.say(*(completed(name) for name in ("ann", "bea", "cas", "dan") * 5))
    messages = world.messages() * 2
    random.Random(1).shuffle(messages)
    for start in range(0, len(messages), 3):
        live.take(messages[start : start + 3])
    assert world.counts() == {"completed": 20}
    equal(world)


async def test_a_gap_is_filled_from_the_log(world: World) -> None:
    live = world.live()
    await world.say(*(completed() for _ in range(10)))
    live.take(world.messages()[7:8])
    assert live.place.position == 8
    assert world.counts() == {"completed": 8}


async def test_a_gap_within_a_batch_is_filled_from_the_log(world: World) -> None:
    live = world.live()
    await world.say(*(completed() for _ in range(10)))
    messages = world.messages()
    live.take([messages[0], messages[1], messages[5]])
    assert world.counts() == {"completed": 6}


async def test_positions_between_messages_are_no_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes of documents aren't published; their positions aren't missed."""
    live = world.live()
    await world.say(completed())
    live.take(world.messages())
    await world.note()
    await world.say(completed())
    monkeypatch.setattr(live, "catch_up", lambda _: pytest.fail("there is no gap"))
    live.take(world.messages())
    assert live.place.position == 3


@pytest.mark.parametrize("void_first", [False, True])
async def test_a_voided_statement_doesnt_count(world: World, void_first: bool) -> None:
    live = world.live()
    gone = completed("ann", context={"instructor": person("bea")})
    pair = [voiding(gone), gone] if void_first else [gone, voiding(gone)]
    for one in [completed("ann"), *pair, voiding(pair[0])]:
        await world.say(one)
        live.catch_up()
        equal(world)
    assert world.counts() == {"completed": 1}


async def test_a_late_target_concerns_its_learner_after_all(world: World) -> None:
    live = world.live()
    late = completed("ann")
    await world.say(statement("bea", ref(late), verb={"id": "http://adlnet.gov/expapi/verbs/commented"}))
    await world.say(completed("cas", context={"statement": ref(late)}))
    live.catch_up()
    assert world.rows("SELECT DISTINCT partners FROM counting_acts") == [([],)]
    await world.say(late)
    live.catch_up()
    equal(world)
    ann, bea, cas = map(world.learner, ("ann", "bea", "cas"))
    partners = {row[0]: row[1] for row in world.rows("SELECT learner, partners FROM counting_acts")}
    assert partners[bea] == partners[cas] == [ann]
    assert {bea, cas} == {one for row in world.rows() if row[0] == ann for one in row[4]}


async def test_who_is_linked_is_one_and_unlinked_two_again(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("annie", context={"instructor": person("bea")}))
    live.catch_up()
    ann, work, bea = map(world.learner, ("ann", "annie", "bea"))
    await world.configure(link(ann, work, locale="nl"))
    live.catch_up()
    equal(world)
    assert [(row[0], row[2], row[6]) for row in world.rows() if row[0] != bea] == [(ann, 2, "nl")]
    assert [row[4] for row in world.rows() if row[0] == bea] == [[ann]]
    await world.say(completed("annie"))
    live.catch_up()
    await world.configure(link(ann))
    live.catch_up()
    equal(world)
    assert {row[0]: row[2] for row in world.rows()} == {ann: 1, work: 2, bea: 1}


async def test_what_touches_many_is_read_a_few_times_however_many_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a statement of a large group would stop all tables of its store."""
    names = [f"member{number}" for number in range(150)]
    group = completed("boss", context={"instructor": {"objectType": "Group", "member": [*map(person, names)]}})
    live = world.live()
    await world.say(group, *(completed(name) for name in names))
    live.catch_up()
    monkeypatch.setattr("projections.replay.batch._ACTS_TOGETHER", 100)
    read: list[Message] = []
    monkeypatch.setattr(live, "_log", _Noting(live._log, read))
    await world.configure(link(world.learner("member0"), world.learner("member1")))
    live.catch_up()
    await world.say(voiding(group))
    live.catch_up()
    assert 0 < sum(str(message.id) == group["id"] for message in read) <= 4
    equal(world)


@pytest.mark.parametrize("remembered_bytes", [0, 2_000, 1 << 20])
async def test_who_is_folded_again_may_have_more_acts_than_can_be_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch, remembered_bytes: int
) -> None:
    monkeypatch.setattr("lrs.log.messages._PAGE", 3)
    names = ["ann", "annie", "bea", "cas", "dan"]
    live = world.live(remembered_bytes=remembered_bytes)
    gone = [completed(name, context={"instructor": person("ann")}) for name in names]
    for one in gone:
        await world.say(one, *(completed(name, f"course{number}") for name in names for number in range(4)))
    await world.say(completed("dan", {"id": POISON}), completed("dan"), statement("cas", ref(gone[0])))
    live.catch_up()
    await world.configure(link(world.learner("ann"), world.learner("annie")))
    live.catch_up()
    equal(world)
    await world.say(*map(voiding, gone))
    live.catch_up()
    equal(world)
    assert world.counts()["completed"] == 4 * 5 * 4


async def test_what_else_the_organisation_says_changes_rows(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("bea"))
    live.catch_up()
    await world.configure(link(world.learner("ann"), locale="nl"))
    await world.say(completed("ann"))
    live.catch_up()
    await world.configure(link(world.learner("bea"), locale="en"))
    live.catch_up()
    equal(world)
    assert sorted(row[6] for row in world.rows()) == ["en", "nl"]


async def test_a_change_of_organisation_and_an_act_that_changes_nothing_in_one_batch(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"))
    live.catch_up()
    await world.configure(link(world.learner("ann"), locale="nl"))
    gone = completed("ann")
    await world.say(voiding(gone), gone)
    live.catch_up()
    equal(world)
    assert [row[6] for row in world.rows()] == ["nl"]


async def test_policy_and_vocabulary_wait_for_a_rebuild(world: World) -> None:
    live = world.live()
    ours = {"id": "http://example.org/verbs/pondered"}
    await world.say(completed("ann"), statement("ann", verb=ours))
    await world.configure(
        Policy(time_zone="Europe/Lisbon"),
        VocabularyChange(meanings=(VerbMeaning(verb=ours["id"], kind=ActKind.REFLECTED),)),
    )
    await world.say(statement("ann", verb=ours))
    live.catch_up()
    assert live.means_otherwise
    equal(world)
    assert world.counts() == {"completed": 1, "unknown": 2}
    report = world.rebuild().replace()
    assert not report.equal
    with pytest.raises(Overtaken):
        live.look()
    live.load()
    assert not live.means_otherwise
    equal(world)
    assert world.counts() == {"completed": 1, "reflected": 2}
    assert {row[5] for row in world.rows()} == {"Europe/Lisbon"}


def parked_now(world: World) -> dict[UUID, UUID | None]:
    """Who is parked, and by which statement."""
    with world.connection.cursor() as cursor:
        return {one.learner: one.statement for one in parked(cursor, ["counting"])}


async def test_a_poisoned_statement_parks_its_learner_and_nobody_else(world: World) -> None:
    live = world.live()
    poison = completed("ann", {"id": POISON})
    await world.say(completed("ann"), completed("bea"))
    live.catch_up()
    await world.say(poison, completed("ann"), completed("bea"))
    live.catch_up()
    await world.say(completed("ann"), completed("bea"))
    live.catch_up()
    assert parked_now(world) == {world.learner("ann"): UUID(poison["id"])}
    assert {row[0]: row[2] for row in world.rows()} == {world.learner("bea"): 3}
    equal(world)


async def test_who_was_parked_has_all_acts_after_a_retry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("ann", {"id": POISON}), completed("ann"))
    live.catch_up()
    ann = world.learner("ann")
    assert list(live.retry([ann])) == [ann]
    monkeypatch.setattr("tests.consumers.counting.POISON", "")
    assert live.retry([ann]) == {}
    assert parked_now(world) == {}
    assert world.counts() == {"completed": 3}
    await world.say(completed("ann"))
    live.catch_up()
    equal(world)
    assert world.counts() == {"completed": 4}


async def test_voiding_the_poison_is_a_cure(world: World) -> None:
    live = world.live()
    poison = completed("ann", {"id": POISON})
    await world.say(completed("ann"), poison)
    live.catch_up()
    await world.say(voiding(poison))
    live.catch_up()
    assert parked_now(world) == {}
    assert world.counts() == {"completed": 1}
    equal(world)


async def test_rows_that_break_are_well_again_when_the_state_allows(world: World) -> None:
    live = world.live()
    await world.say(completed("ann", {"id": SHY}))
    live.catch_up()
    assert parked_now(world) == {world.learner("ann"): None}
    equal(world)
    await world.say(completed("ann"))
    live.catch_up()
    assert parked_now(world) == {}
    assert world.counts() == {"completed": 2}
    equal(world)


async def test_a_statement_that_cant_be_classified_parks_whom_it_touches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from projections.replay import meant

    live = world.live()
    odd = completed("ann", context={"instructor": person("bea")})

    def classify(message: Any, *rest: Any) -> Any:
        if str(message.id) == odd["id"]:
            raise RuntimeError("odd")
        return whole(message, *rest)

    whole = meant.__globals__["classify"]
    monkeypatch.setitem(meant.__globals__, "classify", classify)
    await world.say(completed("ann"), completed("cas"), odd)
    live.catch_up()
    assert parked_now(world).keys() == {world.learner("ann"), world.learner("bea")}
    assert world.counts() == {"completed": 1}
    equal(world)


async def test_of_two_who_move_it_on_one_is_overtaken(world: World) -> None:
    one, other = world.live(), world.live()
    await world.say(completed("ann"))
    one.catch_up()
    with pytest.raises(Overtaken):
        other.take(world.messages())
    other.load()
    await world.say(completed("ann"))
    other.take(world.messages())
    with pytest.raises(Overtaken):
        one.catch_up()
    assert world.counts() == {"completed": 2}
    equal(world)


async def test_with_no_room_to_remember_anybody(world: World) -> None:
    live = world.live(remembered_bytes=0)
    for _ in range(3):
        await world.say(completed("ann"), completed("bea"))
        live.catch_up()
    assert world.counts() == {"completed": 6}
    equal(world)


async def test_whoever_listens_hears_what_was_projected(world: World) -> None:
    live = world.live()
    world.connection.execute("LISTEN vliegwiel_projected")
    await world.say(completed("ann"))
    live.catch_up()
    heard = next(world.connection.notifies(timeout=30, stop_after=1))
    assert heard.payload == f"store_{world.name} counting 1"


async def test_rows_that_the_database_refuses_park_their_learner_and_nobody_else(world: World) -> None:
    live = world.live()
    unfit = completed("ann", {"id": UNFIT})
    await world.say(completed("bea"), unfit, completed("cas"))
    live.take(world.messages())
    assert world.counts() == {"completed": 2}
    assert parked_now(world) == {world.learner("ann"): None}
    equal(world)
    await world.say(voiding(unfit), completed("ann"))
    live.take(world.messages())
    assert parked_now(world) == {}
    assert world.counts()["completed"] == 3
    equal(world)


async def test_what_the_log_does_not_hold_is_not_folded(world: World) -> None:
    """A stream may hold what a log had before it was put back from a copy."""
    live = world.live()
    await world.say(completed("ann"), completed("bea"))
    first, second = world.messages()
    live.take([first, replace(second, id=UUID(int=7)), replace(second, position=3, previous=2)])
    assert live.place.position == 2
    assert world.counts() == {"completed": 2}
    equal(world)


async def test_tables_that_are_ahead_of_the_log_are_made_anew(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("bea"))
    live.take(world.messages())
    world.connection.execute("UPDATE projection_positions SET position = 9 WHERE name = 'counting'")
    ahead = world.live()
    assert ahead.outdated
    world.rebuild().replace()
    assert not world.live().outdated
    equal(world)

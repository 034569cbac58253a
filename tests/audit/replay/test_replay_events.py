"""What a replay says of each event."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec import structs

from lrs.audit.replay import Event, Span
from lrs.audit.replay.written import telling
from lrs.errors import Malformed, NotFound
from projections.replay.history import History
from schemas.act import ActKind
from schemas.organisation import Management, Membership, OrganisationChange, Period, Person
from schemas.policy import FollowUpRule, Policy, StepRule
from schemas.vocabulary import VerbMeaning, VocabularyChange
from tests.audit.replay.told import told
from tests.consumers.given import COMPLETED, completed
from tests.consumers.world import World
from tests.store.given import person, ref, statement, uuid, voiding, who

COURSE = {"id": "http://example.org/course", "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
COMMENTED = {"id": "http://adlnet.gov/expapi/verbs/commented"}
PONDERED = {"id": "http://example.org/verbs/pondered"}


def changed(event: Event, table: str) -> dict[str, tuple[object, object]]:
    """The values of a table that an event changed; the last row's, of several."""
    return {
        field.name: (field.before, field.after)
        for change in event.changes
        if change.table == table
        for field in change.fields
    }


async def test_each_event_with_what_it_meant_and_what_it_changed(world: World) -> None:
    first = completed("ann", COURSE, timestamp="2026-03-02T09:00:00Z")
    shared = statement("ann", COURSE, verb=COMMENTED, timestamp="2026-03-04T09:00:00Z")
    await world.say(first)
    await world.say(statement("bea"))
    await world.say(shared)
    one, two = told(world, who("ann").removeprefix("mbox:"))
    assert (one.position, two.position) == (1, 3)
    assert one.id == uuid(first)
    assert one.effect == "counts"
    assert one.happened is not None
    assert (one.happened.isoformat(), one.late) == ("2026-03-02T09:00:00+00:00", False)
    assert one.stored > one.happened
    assert one.meaning is not None
    assert one.meaning.kind is ActKind.COMPLETED
    assert one.meaning.entry == VerbMeaning(verb=COMPLETED["id"], kind=ActKind.COMPLETED, origin="ADL")
    assert {change.projection for change in one.changes} == {"follow_up", "streaks"}
    assert changed(one, "follow_up_plans")["training"] == (None, COURSE["id"])
    steps = [change for change in two.changes if change.table == "follow_up_steps"]
    (share,) = [change for change in steps if change.row["step"] == "share"]
    fields = {field.name: (field.before, field.after) for field in share.fields}
    assert share.how == "changed"
    assert fields["evidence"] == (None, shared["id"])
    assert fields["decided"] == (None, "2026-03-04T09:00:00Z")
    assert fields.keys() == {"decided", "evidence", "rule", "by"}
    assert two.statement is not None
    assert shared["id"].encode() in bytes(two.statement)


async def test_voided_late_and_linked_statements_are_shown_for_what_they_do(world: World) -> None:
    wrong = completed("ann", COURSE, timestamp="2026-03-02T09:00:00Z")
    early = completed("ann", "another", timestamp="2026-01-05T09:00:00Z")
    check_in = statement("mia", ref(early), verb={"id": "http://adlnet.gov/expapi/verbs/shared"})
    unborn = completed("ann", "third")
    for one in (wrong, check_in, early, voiding(wrong), voiding(unborn), unborn):
        await world.say(one)
    events = {event.position: event for event in told(world, world.learner("ann"))}
    assert list(events) == [1, 3, 4, 6]
    late, voids, gone = events[3], events[4], events[6]
    assert late.late
    # Mia's statement was of nobody's until what it points at came.
    assert late.referred_by == (uuid(check_in),)
    assert (voids.effect, voids.voids) == ("voids", uuid(wrong))
    assert {change.how for change in voids.changes if change.table == "follow_up_plans"} == {"went"}
    assert changed(voids, "follow_up_plans")["training"] == (COURSE["id"], None)
    assert (gone.effect, gone.changes) == ("was voided", [])
    (mine,) = [event for event in told(world, world.learner("mia")) if event.position == 2]
    assert mine.refers == (uuid(early),)


async def test_changes_of_the_configuration_that_changed_something_are_events(world: World) -> None:
    await world.say(statement("ann", COURSE, verb=PONDERED), completed("ann", COURSE), completed("bea"))
    ann, bea = world.learner("ann"), world.learner("bea")
    steps = (StepRule(name="tell", kinds=(ActKind.SHARED,), days=3),)
    await world.configure(VocabularyChange(meanings=(VerbMeaning(verb=PONDERED["id"], kind=ActKind.REFLECTED),)))
    await world.configure(Policy(follow_up=FollowUpRule(steps=steps)))
    await world.configure(Policy(follow_up=FollowUpRule(steps=steps), smallest_group=7))
    person = Person(id=ann, learners=(ann, bea), locale="nl")
    during = Period()
    await world.configure(
        OrganisationChange(
            people=(person,),
            added_memberships=(Membership(person=ann, team="sales", during=during),),
            added_managements=(Management(manager=ann, team="sales", during=during),),
        )
    )
    await world.say(statement("ann", COURSE, verb=COMMENTED))
    kinds = {event.position: event.kind for event in told(world, ann)}
    # The size of groups, at 6, is in nobody's rows.
    statements = dict.fromkeys((1, 2, 3, 8), "statement")
    assert kinds == {**statements, 4: "vocabulary", 5: "policy", 7: "organisation"}
    events = {event.position: event for event in told(world, ann)}
    assert events[1].effect == "unknown verb"
    assert {change.table for change in events[4].changes} >= {"unknown_verbs"}
    assert {change.how for change in events[5].changes if change.table == "follow_up_steps"} >= {"came", "went"}
    organised = events[7]
    assert {change.table for change in organised.changes if change.projection == "organisation"} == {
        "people",
        "memberships",
        "managements",
    }
    # What bea did, until then bea's own, is ann's from here on.
    weeks = [change for change in organised.changes if change.table == "streaks_weeks"]
    assert {(change.row["learner"], change.how) for change in weeks} >= {(str(bea), "went"), (str(ann), "changed")}
    assert structs.asdict(events[8].under) == {"organisation": 7, "policy": 6, "vocabulary": 4}
    assert structs.asdict(events[1].under) == {"organisation": 0, "policy": 0, "vocabulary": 0}


async def test_only_what_is_asked_for(world: World) -> None:
    for number in range(4):
        await world.say(completed("ann", f"course {number}".replace(" ", "-")))
    ann = world.learner("ann")
    everything = told(world, ann)
    assert [event.position for event in told(world, ann, Span("2", "3"))] == [2, 3]
    moment = everything[1].stored.isoformat()
    assert told(world, ann, Span(since=moment)) == everything[1:]
    assert told(world, ann, Span(until=moment)) == everything[:2]
    some = told(world, ann, Span(projection="streaks"))
    assert {change.projection for event in some for change in event.changes} == {"streaks"}


async def test_looking_at_a_part_makes_no_other_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        await world.say(completed("ann", f"course-{number}"))
    made: list[UUID] = []
    rows_of = History._rows_of

    def counted(self: History, projection: object, person: UUID) -> object:
        made.append(person)
        return rows_of(self, projection, person)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "_rows_of", counted)
    told(world, world.learner("ann"), Span(since="20"))
    assert len(made) == 2 * 4


async def test_a_day_is_all_of_it(world: World) -> None:
    await world.say(completed("ann"))
    (only,) = told(world, world.learner("ann"))
    today, before = str(only.stored.date()), str(only.stored.date() - timedelta(days=1))
    for since, until, found in (
        (today, today, [only]),
        (before, None, [only]),
        (None, before, []),
        (str(date.min), str(date.max), [only]),
        # In UTC, before the first year and after the last.
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [only]),
        ("9999-12-31T23:59:59-14:00", None, []),
    ):
        assert told(world, world.learner("ann"), Span(since, until)) == found


async def test_people_are_told_what_changed_and_not_that_it_did(world: World) -> None:
    await world.say(completed("ann", timestamp="2026-03-02T09:00:00Z"))
    await world.say(completed("ann", timestamp="2026-02-16T09:00:00Z"))
    _, late = told(world, world.learner("ann"))
    names = {field.name for change in late.changes for field in change.fields}
    assert "changed" in names
    shown = [(change.row, [field.name for field in fields]) for change, fields in telling(late)]
    assert len(shown) > 0
    assert all(fields and "changed" not in fields for _, fields in shown)
    assert [row for row, _ in shown] == [
        change.row for change in late.changes if [field.name for field in change.fields] != ["changed"]
    ]


async def test_what_nobody_can_mean_is_refused(world: World) -> None:
    await world.say(completed("ann"))
    ann = world.learner("ann")
    for who_, span, said in (
        ("nobody", Span(), "'nobody' names nobody: give the id of a learner"),
        (ann, Span(since="0"), "from is 0: positions of the log begin at 1"),
        (ann, Span(since="yesterday"), "from is 'yesterday': it must be a position of the log, a day"),
        (ann, Span(since="2026-02-30"), "from is '2026-02-30': it must be a position of the log, a day"),
        (ann, Span(until="2"), "until is 2: the log ends at position 1"),
        (ann, Span(since="9", until="1"), "from (9) lies after until (1)"),
        (ann, Span(projection="dreams"), "there is no projection 'dreams': there are follow_up, "),
    ):
        with pytest.raises(Malformed) as refused:
            told(world, who_, span)
        assert str(refused.value).startswith(said)
    for unknown in ("zed@example.org", UUID(int=7)):
        with pytest.raises(NotFound):
            told(world, unknown)


async def test_others_only_as_far_as_they_act_for_somebody(world: World) -> None:
    await world.say(completed("bea", context={"instructor": person("ann")}), statement("bea"), completed("cas"))
    assert [event.position for event in told(world, world.learner("ann"))] == [1]


async def test_who_was_forgotten_replays_as_forgotten(world: World) -> None:
    await world.say(completed("ann", COURSE, context={"instructor": person("bea")}))
    ann, bea = world.learner("ann"), world.learner("bea")
    await world.configure(OrganisationChange(people=(Person(id=ann, learners=(ann,)),)))
    await world.say(completed("ann", "another"))
    await world.erase("ann")
    (*before, last) = told(world, ann)
    assert (last.kind, last.effect, last.statement) == ("erasure", "erased", None)
    assert last.position == world.head()
    # Nothing tells any more how they came into the organisation, nor that they went.
    assert before == []
    # Bea was in one of them, and nothing tells so any more.
    assert told(world, bea) == []
    await world.say(completed("ann"))
    assert [event.effect for event in told(world, world.learner("ann"))] == ["counts"]
    assert told(world, ann)[-1] == last

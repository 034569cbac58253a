"""Figures of managers, and what they rest on."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.manager_visibility import read
from projections.manager_visibility.read import CheckInStatus, Query, Sort, Status
from schemas.act import ActKind
from schemas.policy import Policy, VisibilityRule
from tests.manager_visibility.given import (
    ALWAYS,
    ANN,
    BEN,
    CAS,
    DEE,
    MAX,
    MAY,
    MIA,
    Organisation,
    act,
    checked_in,
    completed,
    moment,
    put,
    shared,
)
from tests.manager_visibility.reading import NOW, SHOP, TALK, TRAINED, detail_of, figures


def test_a_store_without_an_organisation_has_sensible_answers(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-05-31T10:00")], Organisation({}, [], []))
    for sort in Sort:
        assert read.managers(cursor, Query(sort=sort, changed_since=0), NOW) == ([], None)
    assert read.detail(cursor, MAY, NOW) is None
    assert read.team(cursor, "shop", NOW) is None
    assert read.organisation(cursor, NOW) == read.Shares(managers=0, visible=0, fading=0, invisible=0)


def test_a_manager_who_does_nothing_is_invisible(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [], SHOP)
    found = figures(cursor)
    assert (found.status, found.last, found.changed, found.teams) == (Status.INVISIBLE, None, 0, ("shop",))
    assert found.longer == found.recent == read.Acts(acts=0, shares=0, reflections=0, coaching=0)
    assert found.rhythm == read.Rhythm(weeks=0, of=13, team_median=0, people=2)


def test_the_last_act_decides_how_visible_a_manager_is(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [old := shared(MAY, "2026-03-01T10:00"), last := shared(MAY, "2026-04-01T10:00")], SHOP)
    seen = figures(cursor, now=moment("2026-05-01T23:59"))
    assert (seen.status, seen.recent.acts, seen.longer.acts) == (Status.VISIBLE, 1, 2)
    assert seen.last is not None
    assert (seen.last.statement, seen.last.teams, seen.changed) == (last.statement, ("shop",), last.position)
    assert figures(cursor, now=moment("2026-05-02T00:00")).status is Status.FADING
    assert figures(cursor, now=moment("2026-06-30T23:59")).status is Status.FADING
    gone = figures(cursor, now=moment("2026-07-01T00:00"))
    assert (gone.status, gone.longer.acts, gone.last and gone.last.statement) == (Status.INVISIBLE, 0, last.statement)
    assert old.position < last.position


def test_the_policy_decides_for_how_long(cursor: Cursor[TupleRow]) -> None:
    policy = Policy(time_zone="UTC", visibility=VisibilityRule(visible_days=1, fading_days=2))
    put(cursor, [shared(MAY, "2026-05-30T10:00")], SHOP, policy)
    assert figures(cursor, now=moment("2026-05-31T23:59")).status is Status.VISIBLE
    assert figures(cursor, now=moment("2026-06-01T23:59")).status is Status.FADING
    assert figures(cursor, now=moment("2026-06-02T00:00")).status is Status.INVISIBLE


def test_an_act_from_a_clock_that_is_ahead_does_not_count_yet(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-06-01T12:01", stored=NOW)], SHOP)
    assert figures(cursor).status is Status.INVISIBLE
    assert figures(cursor).rhythm.weeks == 0
    assert figures(cursor, now=moment("2026-06-01T12:01")).status is Status.VISIBLE


def test_acts_are_counted_by_kind_and_are_their_own_evidence(cursor: Cursor[TupleRow]) -> None:
    kinds = [ActKind.SHARED, ActKind.SHARED, ActKind.REFLECTED, ActKind.COACHED, ActKind.CHECKED_IN, ActKind.RATED]
    acts = [act(MAY, f"2026-05-2{day}T10:00", kind) for day, kind in enumerate(kinds)]
    put(cursor, [*acts, act(MAY, "2026-05-29T10:00", ActKind.STARTED)], SHOP)
    detail = detail_of(cursor)
    assert detail.manager.recent == read.Acts(acts=6, shares=2, reflections=1, coaching=2)
    assert [one.statement for one in detail.acts] == [one.statement for one in reversed(acts)]
    assert [one.kind for one in detail.acts] == kinds[::-1]


def test_an_act_counts_for_the_teams_managed_on_its_day(cursor: Cursor[TupleRow]) -> None:
    organisation = Organisation(
        teams={"shop": None, "store": None, "depot": None},
        managements=[(MAY, "shop", "(,2026-05-10)"), (MAY, "store", "[2026-05-10,)"), (MAY, "depot", "[2026-05-20,)")],
        memberships=[],
    )
    before, on_the_day, both = (shared(MAY, f"2026-05-{day}T10:00") for day in ("09", "10", "20"))
    put(cursor, [before, on_the_day, both], organisation)
    detail = detail_of(cursor)
    assert {one.statement: one.teams for one in detail.acts} == {
        before.statement: ("shop",),
        on_the_day.statement: ("store",),
        both.statement: ("depot", "store"),
    }
    assert (detail.manager.teams, detail.manager.recent.acts) == (("depot", "store"), 3)
    by_team = {one.teams: (one.recent.acts, one.last and one.last.statement) for one in detail.by_team}
    assert by_team == {
        ("depot",): (1, both.statement),
        ("shop",): (1, before.statement),
        ("store",): (2, both.statement),
    }
    assert detail.manager.last is not None
    assert detail.manager.last.teams == ("depot", "store")


@pytest.mark.parametrize("plan", ["enable_sort", "enable_hashagg"])
def test_an_act_names_its_teams_in_order_however_the_database_finds_them(cursor: Cursor[TupleRow], plan: str) -> None:
    names = [f"team-{number:02}" for number in range(20)]
    managements = [(MAY, name, ALWAYS) for name in names[::-1]]
    put(cursor, [shared(MAY, TALK)], Organisation(dict.fromkeys(names), managements, memberships=[]))
    cursor.execute("SELECT set_config(%s, 'off', true)", [plan])
    detail = detail_of(cursor)
    assert detail.manager.last is not None
    assert detail.manager.last.teams == detail.manager.teams == tuple(names)


def test_an_act_while_managing_nobody_was_seen_by_nobody(cursor: Cursor[TupleRow]) -> None:
    managements = [(MAY, "shop", "(,2026-04-10)"), (MAY, "shop", "[2026-05-20,)")]
    put(
        cursor,
        [early := shared(MAY, "2026-04-09T10:00"), shared(MAY, "2026-05-01T10:00")],
        SHOP._replace(managements=managements),
    )
    found = figures(cursor)
    assert (found.status, found.longer.acts, found.last and found.last.statement) == (Status.FADING, 1, early.statement)


def test_somebody_who_managed_once_is_not_listed_but_has_a_detail(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-05-01T10:00")], SHOP._replace(managements=[(MAY, "shop", "(,2026-05-10)")]))
    assert read.managers(cursor, Query(), NOW).managers == []
    detail = detail_of(cursor)
    assert (detail.manager.teams, [one.teams for one in detail.by_team]) == ((), [("shop",)])
    assert detail.manager.rhythm.team_median is None
    assert read.detail(cursor, ANN, NOW) is None


@pytest.mark.parametrize(
    "ended",
    [SHOP._replace(employed={MAY: "(,2026-05-10)"}), SHOP._replace(existed={"shop": "(,2026-05-10)"})],
)
def test_nobody_manages_after_leaving_nor_a_team_that_is_no_more(cursor: Cursor[TupleRow], ended: Organisation) -> None:
    put(cursor, [shared(MAY, "2026-05-09T10:00"), shared(MAY, "2026-05-10T10:00")], ended)
    assert read.organisation(cursor, NOW).managers == 0
    assert read.organisation(cursor, moment("2026-05-09T12:00")).managers == 1
    detail = detail_of(cursor)
    assert detail.manager.longer.acts == 1


def test_the_day_it_is_where_now_is_decides_who_manages(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [], SHOP._replace(managements=[(MAY, "shop", "[2026-06-02,)")]))
    assert read.organisation(cursor, datetime.fromisoformat("2026-06-02T00:30+02:00")).managers == 1
    assert read.organisation(cursor, datetime.fromisoformat("2026-06-01T22:30+00:00")).managers == 0


def test_rhythm_is_set_against_the_people_of_today(cursor: Cursor[TupleRow]) -> None:
    weeks = {MAY: 2, ANN: 1, BEN: 3, CAS: 4, DEE: 13}
    acts = [shared(who, NOW - timedelta(weeks=back)) for who, many in weeks.items() for back in range(many)]
    acts.append(shared(MAY, NOW - timedelta(weeks=13)))
    members = [(who, "shop", ALWAYS) for who in (MAY, ANN, BEN, CAS)]
    put(cursor, acts, SHOP._replace(memberships=[*members, (DEE, "shop", "(,2026-06-01)")]))
    assert figures(cursor).rhythm == read.Rhythm(weeks=2, of=13, team_median=3, people=3)
    detail = detail_of(cursor)
    assert [week.statements for week in detail.weeks] == [(acts[1].statement,), (acts[0].statement,)]
    later = figures(cursor, now=NOW + timedelta(weeks=12)).rhythm
    assert (later.weeks, later.team_median) == (1, 1)


REGION = Organisation(
    teams={"region": None, "shop": "region", "store": "region", "corner": "store"},
    managements=[(MIA, "region", ALWAYS), (MAY, "shop", ALWAYS), (MAX, "store", ALWAYS), (DEE, "corner", ALWAYS)],
    memberships=[(ANN, "shop", ALWAYS), (BEN, "store", ALWAYS)],
)


def test_a_team_says_how_its_own_managers_and_those_below_do(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-05-31T10:00"), shared(MAX, "2026-04-01T10:00")], REGION)
    region, store = read.team(cursor, "region", NOW), read.team(cursor, "store", NOW)
    assert region is not None
    assert store is not None
    assert (region.name, [one.manager for one in region.managers]) == ("Team region", [MIA])
    assert region.below == read.Shares(managers=4, visible=1, fading=1, invisible=2)
    assert store.below == read.Shares(managers=2, visible=0, fading=1, invisible=1)
    assert [(one.manager, one.status, one.teams) for one in store.managers] == [(MAX, Status.FADING, ("store",))]
    assert read.organisation(cursor, NOW) == region.below


def test_a_ring_of_teams_ends(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [], REGION._replace(teams={**REGION.teams, "region": "corner"}))
    found = read.team(cursor, "region", NOW)
    assert found is not None
    assert found.below.managers == 4


def test_lists_are_filtered(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-05-31T10:00"), shared(MAX, "2026-04-01T10:00")], REGION)

    def found(query: Query) -> set[UUID]:
        return {one.manager for one in read.managers(cursor, query, NOW).managers}

    assert found(Query()) == {MIA, MAY, MAX, DEE}
    assert found(Query(managers=[MAY, ANN])) == {MAY}
    assert found(Query(managers=[])) == set()
    assert found(Query(team="store")) == {MAX, DEE}
    assert found(Query(team="nowhere")) == set()
    assert found(Query(status=Status.INVISIBLE)) == {MIA, DEE}
    assert found(Query(team="store", status=Status.FADING, managers=[MAX, DEE])) == {MAX}


def test_changed_since_finds_whose_figures_rest_on_something_later(cursor: Cursor[TupleRow]) -> None:
    old = [shared(MIA, "2026-01-01T10:00"), shared(MAX, "2026-05-31T10:00"), shared(MAY, "2026-05-31T10:00")]
    training = completed(ANN, TRAINED)
    week = act(DEE, "2026-05-31T10:00", ActKind.STARTED)
    talk = checked_in(MAY, TALK, ANN)
    put(cursor, [*old, training, week, talk], REGION)

    def found(since: int) -> list[UUID]:
        page = read.managers(cursor, Query(changed_since=since), NOW).managers
        everybody = read.managers(cursor, Query(), NOW).managers
        assert [one.manager for one in page] == [one.manager for one in everybody if one.changed > since]
        return sorted(one.manager for one in page)

    assert found(old[0].position - 1) == sorted([MIA, MAX, MAY, DEE])
    assert found(old[0].position) == sorted([MAX, MAY, DEE])
    assert found(old[2].position) == sorted([MAY, DEE])
    assert found(week.position) == [MAY]
    assert found(talk.position) == []


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.STATUS, [MIA, DEE, MAX, MAY]),
        (Sort.LAST, [DEE, MIA, MAX, MAY]),
        (Sort.OVERDUE, [MIA, DEE, MAX, MAY]),
    ],
)
def test_lists_are_in_order_page_by_page(
    cursor: Cursor[TupleRow], sort: Sort, expected: list[UUID], descending: bool
) -> None:
    acts = [shared(MIA, "2025-01-01T10:00"), shared(MAX, "2026-04-01T10:00"), shared(MAY, "2026-05-31T10:00")]
    trained = [
        completed(BEN, TRAINED),
        completed(ANN, TRAINED),
        completed(ANN, TRAINED, "https://example.org/courses/b"),
    ]
    put(cursor, [*acts, *trained], REGION)
    found: list[UUID] = []
    after = None
    for _ in expected:
        page = read.managers(cursor, Query(sort=sort, descending=descending, after=after, limit=1), NOW)
        found += [one.manager for one in page.managers]
        after = page.after
    assert after is None
    assert found == (expected[::-1] if descending else expected)


def test_it_is_the_policys_status_that_is_listed_and_counted(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [shared(MAY, "2026-05-31T10:00"), shared(MAX, "2026-04-01T10:00")], REGION)
    listed = [one.status for one in read.managers(cursor, Query(), NOW).managers]
    assert listed == [Status.INVISIBLE, Status.INVISIBLE, Status.FADING, Status.VISIBLE]


def test_every_status_of_a_check_in_is_counted() -> None:
    assert set(read.CheckIns.__struct_fields__) == {status.name.lower() for status in CheckInStatus}

"""Figures of groups: which are withheld, and what they rest on."""

from collections.abc import Collection
from fractions import Fraction
from itertools import combinations, product
from uuid import UUID

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs.insights.withheld import EVERYBODY, Cell, Part, shown
from schemas.policy import Policy
from tests.insights.house import EVERYBODY as NAMES
from tests.insights.house import OTHER, TRAINING, House, ago, commented, completion, course, follow
from tests.store.given import statement


def figures(client: httpx.Client, **query: str) -> dict[str, int | None]:
    items = client.get("/follow-ups/figures", params=query).json()["items"]
    for one in items:
        assert (one["people"] is None) is one["withheld"]
        assert not (one["withheld"] and (one["figures"] or one["stages"] or one["plans"]))
    return {one["group"]: one["people"] for one in items}


def test_figures_of_few_are_withheld_also_by_difference(quiet: House) -> None:
    quiet.post(*(completion(name) for name in NAMES if name != "bo"))
    with quiet.program("insights/read") as program:
        teams = figures(program, by="team")
        # 4 in company, 6 in sales, 3 in north, 5 in ops, 1 in lab: those of few are 8 together.
        assert teams == {"company": None, "sales": 6, "north": None, "ops": 5, "lab": None}
        assert figures(program) == {TRAINING: 19}
        streaks = {one["team"]: one for one in program.get("/streaks/figures").json()["items"]}
        # All but Bo are in the company: its figures are everybody's, without his.
        assert [team for team, one in streaks.items() if not one["withheld"]] == [None, "ops", "sales"]
        assert all((one["figures"] is None) is one["withheld"] for one in streaks.values())
        quiet.policy(Policy(smallest_group=1))
        quiet.project()
        assert figures(program, by="team") == {"company": 4, "sales": 6, "north": 3, "ops": 5, "lab": 1}
        quiet.policy(Policy(smallest_group=7))
        assert set(figures(program, by="team").values()) == {None}


def test_groups_that_are_named_or_of_the_past_do_not_tell_by_being_there(quiet: House) -> None:
    several = (*(f"s{n}" for n in range(1, 6)), "nora", "l1", "lin", "mia", "n1", "n2")
    quiet.post(*(completion(name) for name in several), completion("l1", OTHER))
    with quiet.program("insights/read") as program:
        head = program.get("/positions").json()["position"]
        otto = "00000000-0000-0000-0000-000000000001"
        assert figures(program, team="lab") == figures(program, by="team", team="lab") == {}
        assert figures(program, training=OTHER) == figures(program, manager=otto) == {}
        assert figures(program, by="team") == {"company": None, "sales": 6, "north": None, "lab": None}
        assert figures(program, as_of=str(head), by="team") == {"sales": 6}
        assert figures(program) == {TRAINING: None, OTHER: None}
        assert figures(program, as_of=str(head)) == {}
        # Nor does an empty page.
        page = program.get("/follow-ups/figures", params={"as_of": head, "limit": 1, "by": "team"}).json()
        assert ([one["group"] for one in page["items"]], page["next"]) == (["sales"], None)
        for path in ("/streaks/figures", "/managers/figures"):
            assert program.get(path, params={"team": "lab"}).json()["items"] == []
            assert program.get(path).json()["items"]
            assert not any(one["withheld"] for one in program.get(path, params={"as_of": head}).json()["items"])
        sizes = {one["id"]: one["people"] for one in program.get("/teams").json()["items"]}
        assert sizes == {"company": None, "sales": 6, "north": None, "ops": 5, "lab": None}
        assert program.get("/teams/lab").json()["item"]["team"]["people"] is None
    with quiet.person("l1") as one:
        assert one.get("/teams/lab").json()["item"]["team"]["people"] == 1


def test_verbs_of_few_are_named_and_not_counted(quiet: House) -> None:
    rare, often = ({"id": f"http://example.org/verbs/{name}"} for name in ("juggled", "yodelled"))
    quiet.post(
        *(statement("s1", course(), verb=rare, timestamp=ago(days=days)) for days in range(1, 8)),
        *(statement(name, course(), verb=often, timestamp=ago(days=3)) for name in ("s1", "s2", "s3", "s4", "o1")),
    )
    withheld: dict[str, object] = {
        "withheld": True,
        "statements": None,
        "first_seen": None,
        "last_seen": None,
        "examples": [],
    }
    with quiet.program("insights/read") as program, quiet.person("eve", "lnd") as eve:
        head = program.get("/positions").json()["position"]
        (first,), (second,) = follow(program, "/unknown-verbs", limit=1)
        assert (first["verb"], first["statements"], first["withheld"]) == (often["id"], 5, False)
        assert {name: second[name] for name in ("verb", *withheld)} == {"verb": rare["id"], **withheld}
        # Whether it is there would tell when it was seen.
        for query in ({"seen_since": ago(days=30)}, {"as_of": head}):
            assert [one["verb"] for one in program.get("/unknown-verbs", params=query).json()["items"]] == [often["id"]]
        text = program.get("/unknown-verbs", params={"format": "csv", "verb": rare["id"]}).text
        assert text.endswith("/course,true,,,,\r\n")
        counts = [(one["verb"], one["statements"]) for one in eve.get("/unknown-verbs").json()["items"]]
        assert counts == [(rare["id"], 7), (often["id"], 5)]


def test_evidence_of_a_figure_is_the_list_it_counts(quiet: House) -> None:
    quiet.post(*(completion(name) for name in NAMES), *(commented(name) for name in NAMES[:9]))
    with quiet.person("eve", "lnd") as eve:
        for by in ("training", "team", "manager"):
            items = eve.get("/follow-ups/figures", params={"by": by}).json()["items"]
            counted = [one for one in items if not one["withheld"] and one["group"]]
            assert counted
            for one in counted:
                address = one["evidence"].removeprefix("/insights/v1")
                assert len(eve.get(address).json()["items"]) == one["plans"]
                for figure in one["figures"]:
                    steps = {"step": figure["step"], "status": figure["status"], **httpx.URL(address).params}
                    plans = eve.get("/follow-ups", params=steps).json()["items"]
                    assert len(plans) == figure["plans"]
                    assert len({plan["person"]["id"] for plan in plans}) == figure["people"]


SMALLEST = 3
TREE = {"a": ("a",), "b": ("b",), "a/x": ("a", "a/x"), "a/y": ("a", "a/y"), "a/x/p": ("a", "a/x", "a/x/p")}
"""Teams, and those each is part of."""


def parts(places: list[tuple[str, frozenset[str]]]) -> list[Part]:
    """Somebody in each place, who did these trainings."""
    return [
        Part(UUID(int=number), (EVERYBODY, *TREE[team]), training)
        for number, (team, trainings) in enumerate(places)
        for training in sorted(trainings)
    ]


def told(cells: list[Cell], given_parts: list[Part]) -> None:
    """Try sums and differences of figures: each must be about nobody, or about enough people."""
    for signs in product((-1, 0, 1), repeat=len(cells)):
        about: dict[Part, int] = {}
        for sign, cell in zip(signs, cells, strict=True):
            for part in given_parts:
                if cell.group in part.groups and cell.training in (None, part.training):
                    about[part] = about.get(part, 0) + sign
        people = {part.person for part, times in about.items() if times}
        assert not people or len(people) >= SMALLEST, (signs, cells)


PLACES = st.lists(
    st.tuples(st.sampled_from(sorted(TREE)), st.frozensets(st.sampled_from("stu"), min_size=1)), min_size=1, max_size=25
)


@given(PLACES)
def test_no_sums_of_a_slice_tell_about_few(places: list[tuple[str, frozenset[str]]]) -> None:
    made = parts(places)
    cells = shown(made, SMALLEST)
    assert cells == shown(made[::-1], SMALLEST)
    for group in {cell.group for cell in cells}:
        told([cell for cell in cells if cell.group == group], made)
    for training in {cell.training for cell in cells}:
        told([cell for cell in cells if cell.training == training], made)
    margins = [cell for cell in cells if cell.training is None or cell.group == EVERYBODY]
    for one in margins:
        for other in margins:
            told([one, other], made)


def rank(rows: list[list[int]]) -> int:
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is not None:
            found += 1
            left.remove(pivot)
            times = [row[column] / pivot[column] for row in left]
            left = [
                [value - by * other for value, other in zip(row, pivot, strict=True)]
                for row, by in zip(left, times, strict=True)
            ]
    return found


def few_who_are_told_of(cells: Collection[Cell], made: list[Part], smallest: int) -> set[UUID]:
    """People whose parts alone some sum of figures is about, each taken any number of times; solved exactly."""
    columns: dict[tuple[int, ...], set[UUID]] = {}
    told_of: dict[UUID, set[tuple[int, ...]]] = {}
    for part in made:
        column = tuple(
            int(one.group in part.groups and one.training in (None, part.training)) for one in sorted(cells, key=str)
        )
        columns.setdefault(column, set()).add(part.person)
        told_of.setdefault(part.person, set()).add(column)
    whole = rank([list(column) for column in columns])
    alike = {frozenset(columns_of): person for person, columns_of in told_of.items()}
    several = [person for person in told_of if person in alike.values()]
    several += [person for person in told_of if person not in several]
    for few in combinations(several, smallest - 1):
        # What is about these people alone vanishes on all columns that anybody else has a part in.
        others = [list(column) for column, people in columns.items() if not people <= set(few)]
        if rank(others) < whole:
            return set(few)
    return set()


WIDE = st.lists(
    st.tuples(st.sampled_from(sorted(TREE)), st.frozensets(st.sampled_from("stu"), min_size=1)), min_size=3, max_size=14
)


@settings(max_examples=60)
@given(WIDE)
def test_no_sums_of_any_figures_tell_about_few(places: list[tuple[str, frozenset[str]]]) -> None:
    made = parts(places)
    assert not few_who_are_told_of(shown(made, SMALLEST), made, SMALLEST)


def test_managers_and_trainings_crosswise() -> None:
    made = []
    for number, (manager, trainings) in enumerate(
        [("m", "0")] * 1
        + [("m", "1")] * 7
        + [("m", "01")] * 1
        + [("n", "0")] * 5
        + [("n", "1")] * 4
        + [("n", "01")] * 1
    ):
        made += [Part(UUID(int=number), (EVERYBODY, f"manager {manager}"), training) for training in trainings]
    everything = {Cell(group, training) for part in made for group in part.groups for training in (part.training, None)}
    cells = shown(made, 5)
    assert {Cell(EVERYBODY, "1"), Cell(EVERYBODY, "0")} <= cells < everything
    assert few_who_are_told_of(everything, made, 5)
    assert not few_who_are_told_of(cells, made, 5)


def test_totals_are_shown_where_many_did_much() -> None:
    """Forty people of four teams, each with a manager; most did all trainings, one training few did."""
    made = [
        Part(UUID(int=number), (EVERYBODY, f"team {number % 4}", f"manager {number % 4}"), training)
        for number in range(40)
        for training in ("abc" if number % 3 else "ab") + ("r" if number in {1, 2, 3, 5, 6, 8} else "")
    ]
    cells = shown(made, 5)
    assert {Cell(f"{kind} {team}") for kind in ("team", "manager") for team in range(4)} <= cells
    assert {Cell(EVERYBODY, training) for training in "abcr"} <= cells


@given(PLACES)
def test_all_is_shown_where_everybody_is_enough(places: list[tuple[str, frozenset[str]]]) -> None:
    made = parts(places)
    everything = {Cell(group, training) for part in made for group in part.groups for training in (part.training, None)}
    assert shown(made, 1) == everything


def test_wholes_are_kept_rather_than_parts() -> None:
    made = [Part(UUID(int=number), (EVERYBODY, team)) for number, team in enumerate("aaaaaabb" + "c" * 10)]
    assert shown(made, 5) == {Cell(EVERYBODY), Cell("c")}
    assert shown(made[:6] + made[8:], 5) == {Cell(EVERYBODY), Cell("a"), Cell("c")}


def test_a_team_and_a_training_that_are_almost_the_same() -> None:
    # All of the team did t, nobody else did; one of them did s, as others did.
    made = [Part(UUID(int=number), (EVERYBODY, "team"), "t") for number in range(6)]
    made += [Part(UUID(int=number), (EVERYBODY, "team" if number < 1 else "other"), "s") for number in range(7)]
    cells = shown(made, 3)
    assert not {Cell("team"), Cell(EVERYBODY, "t")} <= cells

"""Figures of groups: which are withheld, and what they rest on."""

from itertools import product
from uuid import UUID

import httpx
from hypothesis import given
from hypothesis import strategies as st

from lrs.insights.withheld import EVERYBODY, Cell, Part, shown
from schemas.policy import Policy
from tests.insights.house import EVERYBODY as NAMES
from tests.insights.house import TRAINING, House, commented, completion


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

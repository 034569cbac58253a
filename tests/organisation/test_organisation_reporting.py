"""Who belongs where and who manages whom, from rows with a team and a manager each."""

import pytest

from lrs.organisation.decide import How
from lrs.organisation.known import difference
from lrs.organisation.reporting import reports_of
from tests.organisation.given import JUNE, NOBODY, learner, managers, members, now, refusals, take, taken

_WHOLE = How(JUNE, whole=True, new_teams=True)


def test_yes_manages_their_team_and_belongs_to_the_one_above() -> None:
    teams = take(NOBODY, b"team,parent\nBoard,\nSales,Board\n", How(JUNE), kind="teams").after
    known = taken(
        teams,
        {"email": "kim", "team": "Sales", "manager": "yes"},
        {"email": "ceo", "team": "Board", "manager": "yes"},
        {"email": "ann", "team": "Sales", "manager": "no"},
    )
    assert now(managers(known)) == {("kim", "Sales"), ("ceo", "Board")}
    assert now(members(known)) == {("kim", "Board"), ("ann", "Sales")}
    resigned = taken(known, {"email": "kim", "team": "Sales", "manager": "no"})
    assert now(managers(resigned)) == {("ceo", "Board")}
    assert now(members(resigned)) == {("kim", "Sales"), ("ann", "Sales")}
    two = taken(known, {"email": "ann", "team": "Sales", "manager": "yes"})
    assert now(managers(two)) == {("kim", "Sales"), ("ann", "Sales"), ("ceo", "Board")}


def test_departments_with_each_row_s_manager() -> None:
    rows = [
        {"email": "ann", "team": "Sales", "manager": "kim"},
        {"email": "kim", "team": "Sales", "manager": "ceo"},
        {"email": "bob", "team": "Sales", "manager": "kim"},
        {"email": "ceo", "team": "Board"},
    ]
    known = taken(NOBODY, *rows, how=_WHOLE)
    assert now(managers(known)) == {("kim", "Sales"), ("ceo", "Board")}
    assert now(members(known)) == {("ann", "Sales"), ("bob", "Sales"), ("kim", "Board")}
    assert known.organisation.teams["Sales"].parent == "Board"
    # One row alone, as a change, is read by what is known of the others.
    assert not difference(known, taken(known, rows[1]))
    assert not difference(known, taken(known, rows[0]))
    succeeded = taken(known, {"email": "ann", "team": "Sales", "manager": "bob"}, {"email": "bob", "team": "Sales"})
    assert now(managers(succeeded)) == {("bob", "Sales"), ("ceo", "Board")}
    assert now(members(succeeded)) == {("ann", "Sales"), ("kim", "Board"), ("bob", "Board")}


def test_managers_without_teams_make_a_team_of_each_manager_s_reports() -> None:
    rows = [
        {"email": "ann", "manager": "kim"},
        {"email": "kim", "manager": "ceo"},
        {"email": "bob", "manager": "kim"},
        {"email": "ceo", "manager": ""},
    ]
    known = taken(NOBODY, *rows, how=_WHOLE)
    kims, ceos = reports_of(learner("kim")), reports_of(learner("ceo"))
    assert now(members(known)) == {("ann", kims), ("bob", kims), ("kim", ceos)}
    assert now(managers(known)) == {("kim", kims), ("ceo", ceos)}
    assert (known.organisation.teams[kims].name, known.organisation.teams[kims].parent) == ("", ceos)
    moved = taken(known, {"email": "bob", "manager": "ceo"})
    assert now(members(moved)) == {("ann", kims), ("bob", ceos), ("kim", ceos)}
    freed = taken(known, {"email": "bob", "manager": "-"})
    assert now(members(freed)) == {("ann", kims), ("kim", ceos)}


def test_a_manager_of_a_whole_department_from_outside() -> None:
    known = taken(
        NOBODY, {"email": "ann", "team": "Sales", "manager": "ceo"}, {"email": "ceo", "team": "Board"}, how=_WHOLE
    )
    assert now(managers(known)) == {("ceo", "Sales")}
    assert now(members(known)) == {("ann", "Sales"), ("ceo", "Board")}


def test_a_new_manager_takes_over_from_the_old_one() -> None:
    known = taken(NOBODY, {"email": "kim", "team": "Sales", "manager": "yes"}, {"email": "ann", "team": "Sales"})
    known = taken(known, {"email": "bob"}, {"email": "ann", "team": "Sales", "manager": "bob"})
    assert managers(known) == {("kim", "Sales", "…/2024-05-31"), ("bob", "Sales", "2024-06-01/…")}


def test_in_a_whole_file_only_those_it_names_manage() -> None:
    known = taken(NOBODY, {"email": "kim", "team": "Sales", "manager": "yes"}, {"email": "ann", "team": "Sales"})
    rows = [{"email": "kim", "team": "Sales", "manager": ""}, {"email": "ann", "team": "Sales", "manager": ""}]
    after = taken(known, *rows, how=_WHOLE)
    assert managers(after) == {("kim", "Sales", "…/2024-05-31")}
    assert now(members(after)) == {("kim", "Sales"), ("ann", "Sales")}
    silent = taken(known, {"email": "kim"}, {"email": "ann"}, how=_WHOLE)
    assert silent.organisation == known.organisation


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ([{"email": "ann", "team": "A", "manager": "ann"}], 2, "nobody manages themselves"),
        ([{"email": "ann", "team": "A", "manager": "zoe"}], 2, "zoe@example.org is nobody here or in this file"),
        (
            [
                {"email": "ann", "team": "A", "manager": "kim"},
                {"email": "bob", "team": "A", "manager": "ceo"},
                {"email": "kim", "team": "A"},
                {"email": "ceo", "team": "B"},
            ],
            3,
            "people.csv line 2 names another manager of 'A'",
        ),
        (
            [
                {"email": "ann", "team": "A", "manager": "kim"},
                {"email": "kim", "team": "A", "manager": "ceo"},
                {"email": "ceo"},
            ],
            3,
            "it isn't clear which team this manager manages",
        ),
        (
            [
                {"email": "ann", "manager": "bob"},
                {"email": "bob", "manager": "cas"},
                {"email": "cas", "manager": "ann"},
            ],
            4,
            "people.csv line 2, people.csv line 3, people.csv line 4 manage one another in a circle",
        ),
    ],
)
def test_rows_that_contradict(rows: list[dict[str, str]], line: int, reason: str) -> None:
    (refusal,) = refusals(NOBODY, *rows)
    assert refusal.startswith(f"people.csv line {line}, column manager: ")
    assert reason in refusal


def test_a_row_that_would_make_somebody_their_own_manager() -> None:
    data = (
        b'{"teams": [{"id": "A"}], "people": [{"identifiers": [{"mbox": "mailto:ann@example.org"}],'
        b' "teams": [{"team": "A", "until": "2024-07-31"}], "manages": [{"team": "A", "since": "2024-07-01"}]}]}'
    )
    decision = take(NOBODY, data, How(JUNE), kind="json")
    assert [str(one) for one in decision.refusals] == [
        "organisation.json people[0], column manager: they would belong to a team that they manage themselves"
    ]
    assert not take(NOBODY, data.replace(b"2024-07-31", b"2024-06-30"), How(JUNE), kind="json").refusals


def test_a_manager_without_a_team_for_somebody_who_has_one() -> None:
    known = taken(NOBODY, {"email": "ann", "team": "Sales"}, {"email": "kim"})
    (refusal,) = refusals(known, {"email": "ann", "manager": "kim"})
    assert "they belong to 'Sales': give a team in the column team, or - for none" in refusal
    after = taken(known, {"email": "ann", "team": "-", "manager": "kim"})
    assert now(members(after)) == {("ann", reports_of(learner("kim")))}

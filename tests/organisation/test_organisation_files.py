"""Files of people and teams, as systems and spreadsheets write them."""

import json
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from msgspec import UNSET

from lrs.errors import Malformed
from lrs.organisation.json_file import read_json
from lrs.organisation.people_table import COLUMNS, read_people
from lrs.organisation.teams_table import read_teams
from lrs.organisation.wanted import InTeam, Reporting, Wanted, WantedPerson, WantedTeam
from schemas.organisation import Period, WorkingHours, Zone

_ANN = "mbox:mailto:ann@example.org"
_TABLE = "email,name,team\nann@example.org,Ann,Sales\nbob@example.org,Bob,\n"


def _people(data: bytes | str, *, whole: bool = False) -> Wanted:
    return read_people(data if isinstance(data, bytes) else data.encode(), "people.csv", whole=whole)


def _names(found: Wanted) -> list[tuple[object, object]]:
    return [(row.name, row.reporting.teams) for row in found.people or ()]


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace(",", ";").encode("utf-8-sig"),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: ("sep=;\n" + text.replace(",", ";")).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("email", " E-Mail ").replace("name", "NAME").encode(),
        lambda text: "\n".join(line + ",," for line in text.splitlines()).encode() + b"\n,,,,\n\n",
        lambda text: text.replace("Ann,", '"Ann",').replace("Bob", "Bob\N{NO-BREAK SPACE}").encode(),
    ],
)
def test_however_it_is_saved(saved: Callable[[str], bytes]) -> None:
    assert _names(_people(saved(_TABLE))) == [("Ann", ("Sales",)), ("Bob", UNSET)]


def test_lines_are_the_file_s_own() -> None:
    found = _people('sep=,\nemail,name\n"ann@example.org","Ann\nde Vries"\n\nbob@example.org,Bob\n')
    assert [row.place for row in found.people or ()] == ["people.csv line 3", "people.csv line 6"]


def test_all_columns() -> None:
    row = {
        "email": "ann@example.org|ann@home.example",
        "account": "https://lms.example ann",
        "mbox_sha1sum": "0" * 40,
        "openid": "https://ann.example",
        "name": "Ann",
        "locale": "nl",
        "time_zone": "Europe/Paris",
        "hours": "mon 09:00-12:00",
        "leave": "2024-07-01",
        "since": "2020-01-01",
        "until": "2025-01-01",
        "team": "Sales|Works council",
        "team_since": "2021-01-01",
        "manager": "yes",
    }
    assert tuple(row) == COLUMNS
    found = _people(",".join(row) + "\n" + ",".join(row.values()))
    assert found.refusals == ()
    (person,) = found.people or ()
    assert person.identifiers == (
        _ANN,
        "mbox:mailto:ann@home.example",
        "account:https://lms.example ann",
        "mbox_sha1sum:" + "0" * 40,
        "openid:https://ann.example",
    )
    assert (person.since, person.until) == (date(2020, 1, 1), date(2025, 1, 1))
    assert person.reporting == Reporting(
        teams=("Sales", "Works council"), since=date(2021, 1, 1), manages=True, manager=UNSET
    )


def test_an_empty_cell_says_nothing_or_none_in_a_whole_file() -> None:
    header, cells = ",".join(COLUMNS), "ann@example.org" + "," * (len(COLUMNS) - 1)
    (changes,) = _people(f"{header}\n{cells}").people or ()
    assert changes == WantedPerson(place="people.csv line 2", order=0, identifiers=(_ANN,))
    (whole,) = _people(f"{header}\n{cells}", whole=True).people or ()
    assert (whole.name, whole.zones, whole.hours, whole.leave_ahead, whole.until) == ("", (), None, (), None)
    assert whole.reporting == Reporting(teams=(), manager=None)
    (short,) = _people("email\nann@example.org", whole=True).people or ()
    assert short == changes
    (dashes,) = _people("email,team,until,hours\nann@example.org,-,-,-").people or ()
    assert (dashes.reporting.teams, dashes.until, dashes.hours) == ((), None, None)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"time_zone": "Europe/Amsterdm"}, "column time_zone: 'Europe/Amsterdm' is no IANA time zone: did you mean"),
        ({"email": "", "name": "Ann"}, "column email: a person needs an email, account, mbox_sha1sum or openid"),
        ({"email": "ann"}, "column email: mbox: 'mailto:ann' is not"),
        ({"account": "ann"}, "column account: 'ann' is no account"),
        ({"since": "2024-02-01", "until": "2024-01-01"}, "column until: 2024-01-01 is before since, 2024-02-01"),
        ({"manager": "yes"}, "column manager: yes means that they manage their team"),
        ({"manager": "Kim"}, "column manager: 'Kim' is no identifier"),
        ({"team": "A|B", "manager": "kim@example.org"}, "column manager: with several teams"),
    ],
)
def test_a_bad_row_is_refused_with_line_and_column(cells: dict[str, str], reason: str) -> None:
    row = {"email": "ann@example.org", **cells}
    found = _people(f"{','.join(row)}\n{','.join(row.values())}\n" + "," * (len(row) - 1) + "\n")
    assert found.people == ()
    assert [str(one)[: len(reason) + 19] for one in found.refusals] == [f"people.csv line 2, {reason}"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "people.csv is empty"),
        (b"email,time_zon\n", "people.csv line 1: 'time_zon' is no column: did you mean time_zone?"),
        (b"email,shoe size\n", "'shoe size' is no column: columns are email, account"),
        (b"email,e-mail\n", "the column email is there twice"),
        (b"email,name\na@x.org,\xe9\n", "people.csv line 2 is not UTF-8: save it as 'CSV UTF-8'"),
        (b"email,name\na@x.org,Vries, Ann\n", "people.csv line 2 has 3 cells, the first line 2"),
        (b'email,name\na@x.org,"Ann\n', "people.csv line 2 can't be read as a table"),
        (b"email,,name\na@x.org,b,c\n", "'b' stands under no column name"),
    ],
)
def test_what_is_no_table(data: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        _people(data)
    assert reason in str(refused.value)


def test_teams() -> None:
    found = read_teams(
        b"team;name;parent;since\nsales;Sales;board;2020-01-01\n;x;;\nb;;;2021-13-01", "t.csv", whole=False
    )
    assert found.teams == (
        WantedTeam(place="t.csv line 2", order=0, id="sales", name="Sales", parent="board", since=date(2020, 1, 1)),
    )
    assert list(map(str, found.refusals)) == [
        "t.csv line 3, column team: a team needs an id",
        "t.csv line 4, column since: '2021-13-01' is no date: write 2024-12-31",
    ]


def _json(*people: Any, teams: Any = None) -> Wanted:
    content = {"people": list(people), **({} if teams is None else {"teams": teams})}
    return read_json(b"\xef\xbb\xbf" + json.dumps(content).encode(), "organisation.json")


def test_json_has_everything() -> None:
    found = _json(
        {
            "identifiers": [
                {"mbox": "mailto:ann@example.org"},
                {"account": {"homePage": "https://l.example", "name": "a"}},
            ],
            "name": "Ann",
            "locale": "nl",
            "zones": [{"name": "Asia/Tokyo", "since": "2024-01-01"}, {"name": "Europe/Paris"}],
            "hours": {"days": [2, 1], "begin": "09:00", "end": "17:00:00"},
            "leave": [{"first": "2024-07-01", "last": "2024-07-14"}],
            "since": "2020-01-01",
            "until": None,
            "teams": [{"team": "Sales", "since": "2020-01-01"}],
            "manages": [],
        },
        teams=[{"id": "Sales"}],
    )
    assert found.refusals == ()
    (person,) = found.people or ()
    assert person.identifiers == (_ANN, "account:https://l.example a")
    assert person.zones == (Zone("Europe/Paris"), Zone("Asia/Tokyo", date(2024, 1, 1)))
    assert person.hours == WorkingHours((1, 2), time(9), time(17))
    assert person.leave == (Period(date(2024, 7, 1), date(2024, 7, 14)),)
    assert person.belongs == (InTeam("Sales", date(2020, 1, 1)),)
    assert (person.manages, person.until) == ((), None)
    (short,) = _json({"identifiers": [{"mbox": "mailto:ann@example.org"}]}).people or ()
    assert short == WantedPerson(place="organisation.json people[0]", order=0, identifiers=(_ANN,))


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({}, "missing required field `identifiers`"),
        ({"identifiers": []}, "identifiers: a person needs at least one"),
        ({"identifiers": [{"name": "Ann"}]}, "identifiers: needs exactly one of mbox"),
        ({"identifiers": [{"mbox": "ann"}]}, "identifiers: mbox: 'ann' is not"),
        ({"nmae": "Ann"}, "unknown field `nmae`"),
        ({"zones": [{"name": "Mars/Olympus"}]}, "zones: 'Mars/Olympus' is no IANA time zone"),
        ({"zones": [{"name": "Europe/Paris"}, {"name": "Asia/Tokyo"}]}, "zones: two begin on the same day"),
        ({"hours": {"days": [8], "begin": "09:00", "end": "10:00"}}, "days are each one of 1 (Monday)"),
        ({"hours": {"days": [1], "begin": "09:00Z", "end": "10:00"}}, "in the person's own time zone"),
        ({"hours": {"days": [1], "begin": "nine", "end": "10:00"}}, "hours: 'nine' and '10:00' are no times"),
        ({"leave": [{"from": "2024-07-01"}]}, "unknown field `from`"),
        ({"leave": [{"first": "2024-07-02", "last": "2024-07-01"}]}, "leave: 2024-07-01 is before 2024-07-02"),
        ({"teams": [{"team": ""}]}, "teams: '' can't be a team's id"),
        ({"since": "2024-07-02", "until": "2024-07-01"}, "2024-07-01 is before 2024-07-02"),
    ],
)
def test_a_bad_person_is_refused(person: dict[str, Any], reason: str) -> None:
    given = person if "identifiers" in person or not person else {"identifiers": [{"mbox": "mailto:a@b.org"}], **person}
    (refusal,) = _json(given).refusals
    assert str(refusal).startswith("organisation.json people[0], ")
    assert reason in str(refusal)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"persons": []}', b"{}"])
def test_what_is_no_organisation(data: bytes) -> None:
    with pytest.raises(Malformed, match=r"organisation\.json"):
        read_json(data, "organisation.json")


def test_json_that_is_nested_too_deeply() -> None:
    nested = b"[" * 50_000 + b"]" * 50_000
    with pytest.raises(Malformed, match=r"organisation\.json is nested too deeply"):
        read_json(b'{"people": [' + nested + b"]}", "organisation.json")
    (refusal,) = read_json(b'{"people": [{"leave": ' + b"[" * 900 + b"]" * 900 + b"}]}", "organisation.json").refusals
    assert str(refusal).startswith("organisation.json people[0], ")

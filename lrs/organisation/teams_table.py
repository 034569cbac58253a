"""teams.csv: one row a team.

| column | what |
|---|---|
| team | the organisation's own name for it; how other files name it |
| name | how people call it; the id if left out |
| parent | id of the team it is part of |
| since, until | first and last day |

Empty cells and ``-`` mean what they mean in people.csv.
"""

from typing import Final

from lrs.organisation import cells
from lrs.organisation.people_table import RowCells
from lrs.organisation.table_file import read_table
from lrs.organisation.wanted import Refusal, Wanted, WantedTeam

COLUMNS: Final = ("team", "name", "parent", "since", "until")
_ALIASES: Final = {"id": "team", "part_of": "parent"}


def read_teams(data: bytes, file: str, *, whole: bool) -> Wanted:
    """Give what a teams.csv says; rows that can't be read are among the refusals. Raises Malformed."""
    teams: list[WantedTeam] = []
    refusals: list[Refusal] = []
    for order, row in enumerate(read_table(data, file, COLUMNS, _ALIASES)):
        place = f"{file} line {row.line}"
        try:
            teams.append(_team(RowCells(row, whole=whole), place, order))
        except ValueError as error:
            refusals.append(Refusal(place, str(error)))
    return Wanted(teams=tuple(teams), refusals=tuple(refusals))


def _team(row: RowCells, place: str, order: int) -> WantedTeam:
    team = WantedTeam(
        place=place,
        order=order,
        id=row.given("team", cells.team_id, ""),
        name=row.read("name", cells.person_name, ""),
        parent=row.read("parent", cells.team_id, None),
        since=row.read("since", cells.a_date, None),
        until=row.read("until", cells.a_date, None),
    )
    if not team.id:
        raise ValueError("column team: a team needs an id")
    if team.since and team.until and team.until < team.since:
        raise ValueError(f"column until: {team.until} is before since, {team.since}")
    return team

r"""people.csv: one row a person, as HR systems and spreadsheets can give it.

| column | what | example |
|---|---|---|
| email | e-mail addresses | ann@example.org |
| account | home page, a space, the name there | https://lms.example ann |
| mbox_sha1sum, openid | xAPI's other identifiers | |
| name | how the person is called | Ann de Vries |
| locale | language tag (BCP 47) | nl-NL |
| time_zone | IANA name, now or since a day | Europe/Paris since 2024-06-01 |
| hours | days and hours | mon-fri 09:00-17:30 |
| leave | days of leave that aren't over | 2024-07-01..2024-07-14 \\| 2024-12-31 |
| since, until | first and last day of employment | 2024-12-31 |
| team | id of their team now | Sales |
| team_since | since when; otherwise since the import | 2024-12-31 |
| manager | ``yes``: manages the team; ``no``; or an identifier of who manages them | kim@example.org |

Several values in a cell are separated by ``|``. Columns may be left out: what they say stays as it is. An empty cell
leaves it as it is too, but means *none* when the file is the whole organisation; ``-`` always means *none*.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from lrs.organisation import cells
from lrs.organisation.identifier import identity_of, parse_identifier
from lrs.organisation.table_file import Row, read_table
from lrs.organisation.wanted import Refusal, Reporting, Wanted, WantedPerson
from schemas.organisation import Period

T = TypeVar("T")
N = TypeVar("N")
COLUMNS: Final = (
    "email",
    "account",
    "mbox_sha1sum",
    "openid",
    "name",
    "locale",
    "time_zone",
    "hours",
    "leave",
    "since",
    "until",
    "team",
    "team_since",
    "manager",
)
_ALIASES: Final = {
    "e_mail": "email",
    "mail": "email",
    "mbox": "email",
    "language": "locale",
    "timezone": "time_zone",
    "working_hours": "hours",
    "teams": "team",
    "sha1": "mbox_sha1sum",
}
_NONE: Final = "-"
_YES, _NO = frozenset({"yes", "y", "true", "1", "x", "ja"}), frozenset({"no", "n", "false", "0", "nee"})


def read_people(data: bytes, file: str, *, whole: bool) -> Wanted:
    """Give what a people.csv says; rows that can't be read are among the refusals. Raises Malformed."""
    people: list[WantedPerson] = []
    refusals: list[Refusal] = []
    for order, row in enumerate(read_table(data, file, COLUMNS, _ALIASES)):
        place = f"{file} line {row.line}"
        try:
            people.append(_person(RowCells(row, whole=whole), place, order))
        except ValueError as error:
            refusals.append(Refusal(place, str(error)))
    return Wanted(people=tuple(people), refusals=tuple(refusals))


class RowCells:
    """The cells of a row, and what an empty one means."""

    def __init__(self, row: Row, *, whole: bool) -> None:
        self._cells = row.cells
        self._whole = whole

    def read(self, column: str, reader: Callable[[str], T], none: N) -> T | N | UnsetType:
        """Read a cell; ``none`` is what *none* is. ValueError names the column."""
        text = self._cells.get(column)
        if text is None or (not text and not self._whole):
            return UNSET
        if not text or text == _NONE:
            return none
        try:
            return reader(text)
        except ValueError as error:
            raise ValueError(f"column {column}: {error}") from None

    def given(self, column: str, reader: Callable[[str], T], otherwise: N) -> T | N:
        """Read a cell that says the same empty as not there."""
        found = self.read(column, reader, otherwise)
        return otherwise if isinstance(found, UnsetType) else found


def _person(row: RowCells, place: str, order: int) -> WantedPerson:
    none: tuple[Period, ...] = ()
    person = WantedPerson(
        place=place,
        order=order,
        identifiers=_identifiers(row),
        name=row.read("name", cells.person_name, ""),
        locale=row.read("locale", cells.locale, ""),
        zone=row.given("time_zone", cells.a_zone, UNSET),
        zones=row.read("time_zone", lambda _: UNSET, ()),
        hours=row.read("hours", cells.working_hours, None),
        leave_ahead=row.read("leave", cells.leave, none),
        since=row.read("since", cells.a_date, None),
        until=row.read("until", cells.a_date, None),
        reporting=_reporting(row),
    )
    if person.since and person.until and person.until < person.since:
        raise ValueError(f"column until: {person.until} is before since, {person.since}")
    return person


def _identifiers(row: RowCells) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for column, kind in (("email", "mbox"), ("account", "account"), ("mbox_sha1sum", "sha1"), ("openid", "openid")):
        found |= dict.fromkeys(row.given(column, partial(_identities, kind), ()))
    if not found:
        raise ValueError("column email: a person needs an email, account, mbox_sha1sum or openid")
    return tuple(found)


def _identities(kind: str, text: str) -> list[str]:
    return [identity_of(**{kind: one}) for one in cells.values(text)]


def _reporting(row: RowCells) -> Reporting:
    teams = row.read("team", lambda text: tuple(dict.fromkeys(map(cells.team_id, cells.values(text)))), ())
    since = row.given("team_since", cells.a_date, None)
    said = row.read("manager", _manager, None)
    manages = said if isinstance(said, bool) else None
    manager = UNSET if isinstance(said, bool) else said
    if manages and (isinstance(teams, UnsetType) or not teams):
        raise ValueError("column manager: yes means that they manage their team: give it in the column team")
    if isinstance(manager, str) and isinstance(teams, tuple) and len(teams) > 1:
        raise ValueError("column manager: with several teams it isn't clear which of them that is: give one team")
    return Reporting(teams=teams, since=since, manages=manages, manager=manager)


def _manager(text: str) -> bool | str | None:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    try:
        return parse_identifier(text)
    except ValueError as error:
        raise ValueError(f"{error}; or yes or no") from None

"""Words to write files of people with."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from lrs.organisation.decide import Decision, How, decide
from lrs.organisation.identifier import parse_identifier
from lrs.organisation.json_file import read_json
from lrs.organisation.known import Known
from lrs.organisation.people_table import read_people
from lrs.organisation.teams_table import read_teams
from lrs.organisation.wanted import Wanted
from schemas.organisation import Organisation

NOBODY = Known(Organisation(), {})
JUNE = date(2024, 6, 1)


class Learners(dict[str, UUID]):
    """A learner for every identity, always the same."""

    def __missing__(self, who: str) -> UUID:
        return uuid5(NAMESPACE_URL, who)


def learner(name: str) -> UUID:
    """The learner of somebody's e-mail address."""
    return Learners()[parse_identifier(f"{name}@example.org")]


def table(*rows: Mapping[str, str]) -> bytes:
    """A people.csv; ``name`` alone stands for an e-mail address, as it does for managers."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [",".join(columns)]
    lines += [",".join(_address(column, row.get(column, "")) for column in columns) for row in rows]
    return "\n".join([*lines, ""]).encode()


def _address(column: str, cell: str) -> str:
    names = column == "email" or (column == "manager" and cell not in {"", "-", "yes", "no"})
    return f"{cell}@example.org" if names and "@" not in cell else cell


def take(known: Known, data: bytes, how: How | None = None, *, kind: str = "people") -> Decision:
    """What a file makes of the organisation."""
    how = how or How(JUNE, new_teams=True)
    return decide(known, wanted(data, how, kind), Learners(), how)


def wanted(data: bytes, how: How, kind: str = "people") -> Wanted:
    """What a file says."""
    if kind == "people":
        return read_people(data, "people.csv", whole=how.whole)
    return read_teams(data, "teams.csv", whole=how.whole) if kind == "teams" else read_json(data, "organisation.json")


def taken(known: Known, *rows: Mapping[str, str], how: How | None = None) -> Known:
    """The organisation after these rows, none of them refused."""
    decision = take(known, table(*rows), how)
    assert decision.refusals == ()
    return decision.after


def refusals(known: Known, *rows: Mapping[str, str], how: How | None = None) -> list[str]:
    """What is refused of these rows."""
    return [str(one) for one in take(known, table(*rows), how).refusals]


def members(known: Known) -> set[tuple[str, str, str]]:
    """Who belongs to which team, and when: ``("ann", "Sales", "…/2024-05-31")``."""
    return {(_name(known, one.person), one.team, _days(one.during)) for one in known.organisation.memberships}


def managers(known: Known) -> set[tuple[str, str, str]]:
    """Who manages which team, and when."""
    return {(_name(known, one.manager), one.team, _days(one.during)) for one in known.organisation.managements}


def now(held: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Those without an end."""
    return {(who, team) for who, team, days in held if days.endswith("…")}


def _name(known: Known, person: UUID) -> str:
    return known.details[person].identifiers[0].removeprefix("mbox:mailto:").partition("@")[0]


def _days(period: object) -> str:
    return f"{getattr(period, 'first', None) or '…'}/{getattr(period, 'last', None) or '…'}"

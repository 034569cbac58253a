"""``/people``: who there is, as far as one may see them."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lrs import sql
from lrs.documentation import Field
from lrs.insights.answer import Days
from lrs.insights.filters import TEAM
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading
from schemas.configuration_event import Details

_queries = sql.load(__package__)
_NOBODY = Details()


class Person(Struct, frozen=True, kw_only=True):
    """Somebody of the organisation."""

    id: UUID
    name: str | None
    identifiers: Annotated[tuple[str, ...], Meta(description="How statements name them; the first known one first")]
    locale: str
    zone: Annotated[str | None, Meta(description="IANA name of their time zone on that day")]
    employed: Days
    teams: Annotated[list[str], Meta(description="Ids of the teams they are in on that day")]
    manages: Annotated[list[str], Meta(description="Ids of the teams they manage on that day")]


class Belonging(Struct, frozen=True):
    """A person is in a team, or manages it."""

    team: str
    name: str
    during: Days


class PersonDetail(Struct, frozen=True, kw_only=True):
    """Somebody of the organisation, with their history."""

    person: Person
    learners: Annotated[list[UUID], Meta(description="Ids of the learners that are this person")]
    memberships: list[Belonging]
    managements: list[Belonging]


def _list(question: Question) -> Found:
    asked = question.asked
    people = question.everybody()
    if (team := question.team()) is not None:
        members = question.members(team)
        people = sorted(members if people is None else members.intersection(people))
    found = _people(question, people)
    if (part := asked.text("name")) is not None:
        found = [person for person in found if part.casefold() in (person.name or "").casefold()]
    descending = asked.sort.startswith("-")
    ordered = sorted(found, key=_place, reverse=descending)
    if question.after is not None:
        last = (question.after[0], question.after[1])
        ordered = [one for one in ordered if (_place(one) < last if descending else _place(one) > last)]
    page = ordered[: asked.limit]
    question.given.update(person.id for person in page)
    return Found(page, _place(page[-1]) if len(ordered) > asked.limit else None)


def _one(question: Question) -> PersonDetail | None:
    found = _people(question, [question.person()])
    if not found:
        return None
    person = found[0]
    question.given.add(person.id)
    memberships, managements = (
        question.cursor.execute(history, {"person": person.id}).fetchall()
        for history in (_queries.memberships_of, _queries.managements_of)
    )
    return PersonDetail(
        person=person,
        learners=sorted(question.ids_of(person.id)),
        memberships=[_belonging(*row) for row in memberships],
        managements=[_belonging(*row) for row in managements],
    )


def _belonging(team: str, name: str, first: str | None, last: str | None) -> Belonging:
    return Belonging(team, name, Days(first, last))


def _people(question: Question, people: Iterable[UUID] | None) -> list[Person]:
    parameters = {"people": None if people is None else list(people), "day": question.today}
    rows = question.cursor.execute(_queries.people, parameters).fetchall()
    details = question.details(row[0] for row in rows)
    found = []
    for person, locale, zone, first, last, teams, manages in rows:
        known = details.get(person, _NOBODY)
        found.append(
            Person(
                id=person,
                name=known.name or None,
                identifiers=known.identifiers,
                locale=locale,
                zone=zone,
                employed=Days(first, last),
                teams=teams,
                manages=manages,
            )
        )
    return found


def _place(person: Person) -> tuple[str, UUID]:
    return (person.name or "").casefold(), person.id


LIST = Reading(
    name="people",
    path="/people",
    summary="List people",
    description="The people of the organisation that you may see, with their teams on the day.",
    item=Person,
    read=_list,
    fields={"team": TEAM, "name": Field("Only people with this in their names.")},
    sorts={"name": "name"},
    usual="name",
)
ONE = Reading(
    name="person",
    path="/people/{person:uuid}",
    summary="Show a person",
    description="Somebody of the organisation, by any id they ever had, with the teams they were in and managed.",
    item=PersonDetail,
    read=_one,
    many=False,
)

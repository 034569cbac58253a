"""``/teams``: the teams one may ask about."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lrs import sql
from lrs.documentation import Field
from lrs.insights.answer import Days, Named
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading

_queries = sql.load(__package__)


class Team(Struct, frozen=True, kw_only=True):
    """A team."""

    id: str
    name: str
    parent: Annotated[str | None, Meta(description="Id of the team it is part of")]
    existed: Days
    managers: Annotated[list[Named], Meta(description="Who manages it on that day")]
    people: Annotated[
        int | None,
        Meta(description="How many are in it on that day, teams below it aside; null: withheld, because they are few"),
    ]


class TeamDetail(Struct, frozen=True, kw_only=True):
    """A team with who is in it, as far as you may see them."""

    team: Team
    members: list[Named]
    teams: Annotated[list[Team], Meta(description="Those right below it")]


def _list(question: Question) -> Found:
    asked = question.asked
    after = question.after[0] if question.after else None
    found = _teams(question, parent=asked.text("parent"), after=after, limit=asked.limit + 1)
    page = found[: asked.limit]
    return Found(page, (page[-1].id,) if len(found) > asked.limit else None)


def _one(question: Question) -> TeamDetail | None:
    wanted = question.path["team"]
    found = _teams(question, team=wanted) if "\0" not in wanted else []
    if not found:
        return None
    rows = question.cursor.execute(_queries.team_members, {"team": wanted, "day": question.today}).fetchall()
    members = [person for (person,) in rows if question.caller.sees_persons and question.sight.sees(person)]
    named = question.named(members)
    below = _teams(question, parent=wanted)
    return TeamDetail(team=found[0], members=[named[person] for person in members], teams=below)


def _teams(
    question: Question,
    *,
    team: str | None = None,
    parent: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[Team]:
    parameters = {
        "teams": None if question.sight.teams is None else list(question.sight.teams),
        "me": question.sight.me,
        "team": team,
        "parent": parent,
        "after": after,
        "limit": limit,
        "day": question.today,
    }
    rows = question.cursor.execute(_queries.teams, parameters).fetchall()
    managers: set[UUID] = {manager for row in rows for manager in row[5]}
    named = question.named(managers) if question.caller.sees_persons else {}
    least = 0 if question.caller.sees_persons else question.policy.smallest_group
    return [
        Team(
            id=id_,
            name=name,
            parent=parent,
            existed=Days(first, last),
            managers=[named[manager] for manager in managing if manager in named],
            people=people if people >= least else None,
        )
        for id_, name, parent, first, last, managing, people in rows
    ]


LIST = Reading(
    name="teams",
    path="/teams",
    summary="List teams",
    description="The teams you may ask about, and those you are in yourself, in order of their ids.",
    item=Team,
    about="teams",
    read=_list,
    fields={"parent": Field("Only teams right below this one, by its id.")},
)
ONE = Reading(
    name="team",
    path="/teams/{team:path}",
    summary="Show a team",
    description="A team with its people and the teams right below it.",
    item=TeamDetail,
    about="teams",
    read=_one,
    many=False,
)

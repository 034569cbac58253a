"""``/people/{person}/seen-by``: who can look at what somebody learnt."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from lrs import sql
from lrs.insights.answer import Named
from lrs.insights.question import Question
from lrs.insights.reading import Reading
from lrs.sign_in import ROLES

_queries = sql.load(__package__)


class SeenBy(Struct, frozen=True, kw_only=True):
    """Who may look at what somebody learnt."""

    person: UUID
    managers: Annotated[list[Named], Meta(description="Who manages a team they are in today, or one above it")]
    roles: Annotated[
        list[Literal["lnd", "auditor", "admin"]],
        Meta(description="Roles that see everybody; the sign-in provider says who has them"),
    ]


def _one(question: Question) -> SeenBy:
    person = question.person()
    question.given.add(person)
    rows = question.cursor.execute(_queries.managers_above, {"person": person, "day": question.today}).fetchall()
    managers = [manager for (manager,) in rows]
    # Who looks at somebody isn't hidden from them, though they may not look back.
    names = (
        {}
        if person != question.sight.me
        else msgspec.structs.replace(question, sight=question.sight._replace(people=frozenset(managers))).named(
            managers
        )
    )
    named = {**question.named(managers), **names}
    return SeenBy(
        person=person,
        managers=sorted((named[manager] for manager in managers), key=lambda one: (one.name or "", one.id)),
        roles=[role for role in ROLES if role in ("lnd", "auditor", "admin")],
    )


ONE = Reading(
    name="seen-by",
    path="/people/{person:uuid}/seen-by",
    summary="Show who sees a person",
    description="Who may look at what somebody learnt: the managers of their teams, by name, and roles.",
    item=SeenBy,
    read=_one,
    many=False,
)

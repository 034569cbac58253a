"""``/positions``: where the log ends, and how far each projection is. ``/me``: who asks."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.http import parameters
from lrs.insights.answer import Lag, Stand
from lrs.insights.caller import Caller
from lrs.insights.insights import Insights
from lrs.insights.question import day_of, policy_of
from lrs.insights.sight import sight_of
from lrs.insights.standing import lag
from lrs.insights.store import InsightStore
from lrs.sign_in import ROLES, Role

_queries = sql.load(__package__)


class ProjectionPosition(Struct, frozen=True, kw_only=True):
    """How far a projection is."""

    name: str
    position: int
    lag: Lag
    version: Annotated[int, Meta(description="Of the fold that made its tables")]
    meaning: Annotated[int, Meta(description="Position of the policy or vocabulary they were made with; 0: as shipped")]
    updated: datetime
    parked: Annotated[int, Meta(description="People it leaves out, because one of their statements breaks its fold")]


class Positions(Stand, frozen=True, kw_only=True):
    """Where the log ends (``position``), and how far each projection is; ``lag`` is that of the last one."""

    projections: list[ProjectionPosition]


class Me(Struct, frozen=True, kw_only=True):
    """Who asks, and what they may ask about."""

    store: str
    name: str
    person: Annotated[UUID | None, Meta(description="Their id, if we know them")]
    roles: list[Role]
    sees: Annotated[str, Meta(description="themselves, their people, everybody, or figures only")]
    figures: Annotated[bool, Meta(description="Whether they may ask for figures of groups")]
    evidence: Annotated[bool, Meta(description="Whether they may open every statement")]
    teams: Annotated[list[str] | None, Meta(description="Ids of teams they may ask about; null: all")]
    csrf: Annotated[str | None, Meta(description="Of a browser's session: to send along with changes")]


async def positions(insights: Insights, request: Request[Any, Any, Any]) -> Positions:
    """Tell where everything is; anybody who may ask anything may ask this."""
    caller = await insights.door.caller(request)
    parameters.none(request.scope["query_string"])
    store = await insights.stores.get(caller.store)
    return await store.run(lambda rows: positions_of(rows, datetime.now(UTC)))


async def me(insights: Insights, request: Request[Any, Any, Any]) -> Me:
    """Tell who asks."""
    caller = await insights.door.caller(request)
    parameters.none(request.scope["query_string"])
    store = await insights.stores.get(caller.store)
    return await store.run(lambda rows: _me(rows, store, caller, datetime.now(UTC)))


def positions_of(rows: Cursor[TupleRow], now: datetime) -> Positions:
    """Tell where everything is at a moment."""
    parked: dict[str, int] = dict(rows.execute(_queries.parked).fetchall())
    head = int(sql.one(rows.execute(_queries.head))[0])
    found = [
        ProjectionPosition(
            name=name,
            position=position,
            lag=lag(rows, head, position, meaning, now),
            version=version,
            meaning=meaning,
            updated=updated,
            parked=parked.get(name, 0),
        )
        for name, position, version, meaning, _, updated in rows.execute(_queries.projected).fetchall()
    ]
    worst = max((one.lag for one in found), key=lambda one: one.positions, default=Lag(0, 0.0))
    return Positions(position=head, as_of=now, lag=worst, projections=found)


def _me(rows: Cursor[TupleRow], store: InsightStore, caller: Caller, now: datetime) -> Me:
    sight = sight_of(rows, store, caller, day_of(policy_of(rows), now), figures=caller.sees_figures)
    sees = "everybody" if caller.sees_everybody else "their people" if caller.manages else "themselves"
    return Me(
        store=caller.store,
        name=caller.name,
        person=sight.me,
        roles=[role for role in ROLES if role in caller.roles],
        sees=sees if caller.sees_persons else "figures only",
        figures=caller.sees_figures,
        evidence=caller.opens_evidence,
        teams=None if sight.teams is None else sorted(sight.teams),
        csrf=caller.csrf,
    )

"""``/admin/v1/organisation``: who works here, in which teams, who manages whom."""

from asyncio import to_thread
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from litestar import Controller, Request, Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from lrs.api import version_seen
from lrs.configuration import Configuration, ConfigurationLog, Configurations
from lrs.credential import Credential
from lrs.documentation import JSON, refusing, taking
from lrs.errors import shown
from lrs.http.content_type import media_type
from lrs.organisation import Directory, How, Kind, Outcome, exported, exported_person
from lrs.problem import Problem

T = TypeVar("T")
_SHOWN = 100
_TAKING = taking(f"{JSON} Organisation", "text/csv")
_ON = Annotated[date | None, QueryParameter(name="date", description="From which day on it is so; today if left out")]
_DRY_RUN = Annotated[bool, QueryParameter(name="dryRun", description="Only tell what would change")]
_GOOD_ROWS = Annotated[
    bool, QueryParameter(name="applyGoodRows", description="Take the good rows though others are bad")
]
_NEW_TEAMS = Annotated[bool, QueryParameter(name="newTeams", description="Make teams that are named and nobody knows")]
_TEAMS = Annotated[bool, QueryParameter(name="teams", description="Whether text/csv is a teams.csv, not a people.csv")]


class Link(Struct, forbid_unknown_fields=True):
    """Two learners, each by an identifier or a learner id."""

    one: Annotated[str, Meta(description="Keeps the person's id, unless only the other is known")]
    other: str


class Unlink(Struct, forbid_unknown_fields=True):
    """A learner, by an identifier or a learner id."""

    learner: str


class OrganisationController(Controller):
    """An organisation.json or a people.csv, whole (PUT) or as changes (PATCH), as `lrs people import` takes them."""

    path = "/organisation"
    tags = ("Organisation",)

    @get(summary="Show the organisation", scopes=["all/read", "organisation"])
    async def show(
        self, caller: NamedDependency[Credential], configurations: NamedDependency[Configurations]
    ) -> Response[dict[str, Any]]:
        """Give the whole organisation of your store, names and identifiers included, as an organisation.json."""
        known = await _of(caller, configurations, lambda log: Directory(log).known())
        return Response(await to_thread(exported, known), headers={"ETag": f'"{known.version}"'})

    @get("/people/{who:str}", summary="Show a person", scopes=["all/read", "organisation"])
    async def person(
        self,
        who: FromPath[str],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
    ) -> dict[str, Any]:
        """Give one person of your store by an identifier (`ann@example.org`) or a learner id."""

        def find(log: ConfigurationLog) -> dict[str, Any]:
            known, person = Directory(log).person(who)
            return exported_person(known, person)

        return await _of(caller, configurations, find)

    @put(summary="Replace the organisation", scopes=["organisation"], operation_class=_TAKING, responses=refusing(422))
    async def replace(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        on: _ON = None,
        teams: _TEAMS = False,
        dry_run: _DRY_RUN = False,
        good_rows: _GOOD_ROWS = False,
        new_teams: _NEW_TEAMS = False,
    ) -> Response[Outcome]:
        """Take over the whole organisation: who and what isn't in it ends the day before.

        The body is an organisation.json (application/json) or a people.csv (text/csv). The same again changes nothing.
        422 with the reasons if rows can't be taken: then nothing is applied, unless ``applyGoodRows``.
        With ``If-Match`` 409 if the organisation isn't the one that you saw.
        """
        how = _How(on, True, new_teams, good_rows)
        return await _take(request, caller, configurations, how, teams=teams, dry_run=dry_run)

    @patch(summary="Change the organisation", scopes=["organisation"], operation_class=_TAKING, responses=refusing(422))
    async def change(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        on: _ON = None,
        teams: _TEAMS = False,
        dry_run: _DRY_RUN = False,
        good_rows: _GOOD_ROWS = False,
        new_teams: _NEW_TEAMS = False,
    ) -> Response[Outcome]:
        """Take over changes: what isn't in the body stays as it is. Otherwise as PUT."""
        how = _How(on, False, new_teams, good_rows)
        return await _take(request, caller, configurations, how, teams=teams, dry_run=dry_run)

    @post("/links", status_code=200, summary="Link two learners", scopes=["organisation"])
    async def link(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[Link],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        dry_run: _DRY_RUN = False,
    ) -> Outcome:
        """Make two learners, or the persons that they are, one person, as `lrs learner link` does."""
        seen = version_seen(request)
        return await _of(
            caller,
            configurations,
            lambda log: Directory(log).link(data.one, data.other, by=caller.key, seen=seen, dry_run=dry_run),
        )

    @post("/unlinks", status_code=200, summary="Unlink a learner", scopes=["organisation"])
    async def unlink(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[Unlink],
        caller: NamedDependency[Credential],
        configurations: NamedDependency[Configurations],
        dry_run: _DRY_RUN = False,
    ) -> Outcome:
        """Make a learner a person by itself again, as `lrs learner unlink` does."""
        seen = version_seen(request)
        return await _of(
            caller,
            configurations,
            lambda log: Directory(log).unlink(data.learner, by=caller.key, seen=seen, dry_run=dry_run),
        )


class _How(Struct, frozen=True):
    on: date | None
    whole: bool
    new_teams: bool
    good_rows: bool


async def _take(
    request: Request[Any, Any, Any],
    caller: Credential,
    configurations: Configurations,
    said: _How,
    *,
    teams: bool,
    dry_run: bool,
) -> Response[Outcome]:
    content_type = media_type(request.headers.get("content-type", "application/json"))
    kinds: dict[str, Kind] = {"application/json": "json", "text/csv": "teams" if teams else "people"}
    if content_type not in kinds:
        raise Problem(415, f"Content-Type is {shown(content_type)}: send {' or '.join(kinds)}")
    data, kind, seen = await request.body(), kinds[content_type], version_seen(request)

    def take(log: ConfigurationLog) -> Outcome:
        how = How(said.on or Configuration(log).today(), said.whole, said.new_teams, said.good_rows)
        return Directory(log).take(data, "body", kind, how, by=caller.key, seen=seen, dry_run=dry_run)

    outcome = await _of(caller, configurations, take)
    if outcome.refusals and not said.good_rows:
        detail = f"{len(outcome.refusals)} rows can't be taken, so nothing is applied: {outcome.refusals[0]}"
        raise Problem(422, detail, members={"refusals": outcome.refusals[:_SHOWN]})
    return Response(outcome)


async def _of(caller: Credential, configurations: Configurations, ask: Callable[[ConfigurationLog], T]) -> T:
    """Ask the caller's store, in a thread."""
    return await to_thread(ask, await configurations.get(caller.store))

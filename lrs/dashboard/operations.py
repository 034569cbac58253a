"""*Operations*: what comes in and how far behind answers are, what is refused and why, unknown verbs, credentials."""

from asyncio import to_thread
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from lrs.configuration import Configuration
from lrs.credential import SCOPES, CredentialSummary, Handed
from lrs.dashboard import charts
from lrs.dashboard.dashboard import Dashboard, Shown, View
from lrs.dashboard.language import Speech
from lrs.dashboard.visitor import Visitor
from lrs.dashboard.words import N_
from lrs.errors import Malformed, NotFound
from lrs.insights import operations, verbs
from lrs.insights.caller import Caller
from lrs.insights.positions import positions_of
from lrs.insights.snapshot import Snapshot
from lrs.problem import Problem
from schemas.act import ActKind

_REFUSALS: Final = 50
_VERBS: Final = 50
_NOTHING: Final = "nothing"
_LONGEST_LIFE: Final = 3660
OFFERED: Final = [scope for scope in SCOPES if scope != "admin/stores"]
"""Scopes that an administrator of one store may give."""
_DONE: Final = {
    "mapped": N_("Noted. Figures are made anew with it, in the background."),
    "revoked": N_("The credential is closed, in every process within a second."),
}


def handlers(dashboard: Dashboard) -> list[HTTPRouteHandler]:
    """Give what answers below ``/dashboard/operations``."""

    async def shown(request: Request[Any, Any, Any], handed: Handed | None = None) -> Response[bytes]:
        caller = await dashboard.caller(request)
        _refuse_others(caller)
        found = await to_thread(dashboard.credentials.registry.credentials, caller.store)
        done = _DONE.get(request.query_params.get("done", ""))
        return await dashboard.show(request, _view(found, handed, done))

    @get("/dashboard/operations")
    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await shown(request)

    @post("/dashboard/operations/verbs", status_code=303)
    async def map_verb(request: Request[Any, Any, Any]) -> Response[bytes]:
        caller, form = await dashboard.changing(request)
        _refuse_others(caller)
        kind = str(form.get("kind", ""))
        by = await dashboard.insights.look(caller, _known_as)
        configuration = Configuration(await dashboard.configurations.get(caller.store))
        await to_thread(configuration.map_verb, str(form.get("verb", "")), None if kind == _NOTHING else kind, by=by)
        return dashboard.to("/dashboard/operations?done=mapped")

    @post("/dashboard/operations/credentials", status_code=200)
    async def make(request: Request[Any, Any, Any]) -> Response[bytes]:
        caller, form = await dashboard.changing(request)
        _refuse_others(caller)
        by = await dashboard.insights.look(caller, _known_as)
        issue = partial(
            dashboard.credentials.registry.issue,
            caller.store,
            _scopes(form),
            label=str(form.get("label", "")),
            expires=_expiry(str(form.get("days", ""))),
            by=by,
        )
        made = await to_thread(issue)
        dashboard.credentials.forget()
        return await shown(request, made)

    @post("/dashboard/operations/credentials/{key:str}/revoke", status_code=303)
    async def revoke(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
        caller, _ = await dashboard.changing(request)
        _refuse_others(caller)
        registry = dashboard.credentials.registry
        found = await to_thread(registry.find, key)
        if found is None or found.store != caller.store:
            raise NotFound(f"your store has no credential with key {key}")
        if "admin/stores" in found.scopes:
            raise Problem(403, "this credential may make stores: whoever runs the server closes it")
        by = await dashboard.insights.look(caller, _known_as)
        await to_thread(partial(registry.revoke, key, by=by))
        dashboard.credentials.forget()
        return dashboard.to("/dashboard/operations?done=revoked")

    return [show, map_verb, make, revoke]


def _refuse_others(caller: Caller) -> None:
    if "admin" not in caller.roles:
        raise Problem(403, "this page is for administrators")


def _known_as(snapshot: Snapshot) -> str:
    """Give who does it, for a record that is for ever: an id, no name."""
    me = snapshot.sight().me
    return "one-time link" if snapshot.caller.by_link or me is None else str(me)


def _view(credentials: list[CredentialSummary], handed: Handed | None, done: str | None) -> View:
    def show(snapshot: Snapshot, _: Visitor) -> Shown:
        labels = {one.key: one.label or one.key for one in credentials}
        hours = snapshot.items(operations.INGEST)
        return Shown(
            "operations.html",
            {
                "done": done,
                "handed": handed,
                "positions": positions_of(snapshot.rows, snapshot.moment.now),
                "hour": hours[-1].events if hours else 0,
                "today": sum(one.events for one in hours[-24:]),
                "refusals": snapshot.items(operations.REFUSALS, limit=_REFUSALS),
                "labels": labels,
                "verbs": snapshot.items(verbs.LIST, limit=_VERBS),
                "choices": [kind for kind in ActKind if kind is not ActKind.UNKNOWN],
                "credentials": sorted(credentials, key=lambda one: (one.status != "active", one.label.casefold())),
                "scopes": {scope: SCOPES[scope] for scope in OFFERED},
            },
            charts={"ingest": _over_time(hours)},
        )

    return show


def _over_time(hours: Any) -> charts.Drawing:
    def specification(speech: Speech) -> Mapping[str, Any] | None:
        if not any(one.events for one in hours):
            return None
        # A drawing knows no time zones: it is given the reader's own clock.
        rows = [(one.begins.astimezone(speech.zone).strftime("%Y-%m-%dT%H:%M:%S"), one.events) for one in hours]
        return charts.over_time(rows, title=speech.gettext(N_("an hour")))

    return specification


def _scopes(form: FormMultiDict) -> list[str]:
    scopes = [str(scope) for scope in form.getall("scope", [])]
    if (wrong := next((scope for scope in scopes if scope not in OFFERED), None)) is not None:
        raise Malformed(f"{wrong!r} can't be given here")
    return scopes


def _expiry(days: str) -> datetime | None:
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and len(days) < 10 and 1 <= int(days) <= _LONGEST_LIFE):
        raise Malformed(f"a credential lasts 1 to {_LONGEST_LIFE} days, or for ever if that is left empty")
    return datetime.now(UTC) + timedelta(days=int(days))

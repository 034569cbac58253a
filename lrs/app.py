"""Wires the whole server: the one place where every room meets the others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Response
from litestar.types import ControllerRouterHandler

from lrs import openapi
from lrs.admin import admin_router
from lrs.admin.configuration import configuration_router
from lrs.audit.bundle.router import bundle_router
from lrs.audit.erasure.router import erasure_router
from lrs.audit.replay.router import replay_router
from lrs.audit.retention.router import retention_router
from lrs.audit.subject.router import subject_router
from lrs.audit.tree.router import log_router, proof_router
from lrs.audit.tree.trees import Trees
from lrs.configuration import Configurations
from lrs.credential import Credentials, Registry
from lrs.dashboard.charts import Charts
from lrs.dashboard.dashboard import Dashboard
from lrs.dashboard.errors import error_page, wants_page
from lrs.dashboard.router import dashboard_router
from lrs.document import DocumentLimits
from lrs.health import get_live, get_ready
from lrs.http.headers import listed
from lrs.insights import insights_router, open_insights
from lrs.metrics import metrics_handler
from lrs.problem import describe
from lrs.profile import get_profile
from lrs.refusal import Refusals
from lrs.settings import Settings, load
from lrs.sign_in import Links, TokenSeal, stored_secret
from lrs.sign_in.pages import sign_in_pages
from lrs.sign_in.sign_in import SignIn
from lrs.statement import Limits
from lrs.store import Stores, create_store
from lrs.xapi.about import get_about
from lrs.xapi.activities import get_activity
from lrs.xapi.activity_profile import ACTIVITY_PROFILE
from lrs.xapi.agent_profile import AGENT_PROFILE
from lrs.xapi.agents import get_person
from lrs.xapi.gateway import Gateway, Rules, resource
from lrs.xapi.state import STATE
from lrs.xapi.statements import StatementLimits, get_statements, post_statements, put_statement
from lrs.xapi.steps import Steps


class _Parts:
    """What handlers work with, made once for a process. ``close`` it when done."""

    def __init__(self, settings: Settings) -> None:
        url, master = settings.database(), settings.master()
        self._settings, self._url, self._master = settings, url, master
        self.stores = Stores(url, master)
        self.credentials = Credentials(Registry(url, master, settings.base_url()))
        self._configurations = Configurations(url, master)
        seal = TokenSeal(partial(stored_secret, url, master))
        self._sign_in = SignIn(settings, seal)
        self.insights = open_insights(url, master, self.credentials, self._sign_in, seal, settings.base_url())
        self._trees = Trees(url)
        self._charts = Charts()
        self._refusals = Refusals(url)
        self._dashboard = Dashboard(
            self.insights,
            self._sign_in,
            Links(url, seal),
            self.credentials,
            self._configurations,
            self._charts,
            settings.store,
            {},
            form_targets=_origin(settings.oidc_issuer),
        )

    async def close(self) -> None:
        """Write what waits, and disconnect."""
        self._charts.close()
        await self._refusals.close()
        await self.insights.close()
        await self._trees.close()
        await self._sign_in.close()
        await self.stores.close()
        await self._configurations.close()
        self.credentials.close()
        self.credentials.registry.close()

    def routes(self) -> list[ControllerRouterHandler]:
        """Give all that answers requests."""
        settings, url, insights, configurations = self._settings, self._url, self.insights, self._configurations
        return [
            get_about,
            get_activity,
            get_person,
            get_statements,
            post_statements,
            put_statement,
            *STATE,
            *ACTIVITY_PROFILE,
            *AGENT_PROFILE,
            admin_router(self.credentials, partial(create_store, url)),
            configuration_router(self.credentials, configurations, settings.max_body_bytes),
            insights_router(insights),
            replay_router(insights, settings.base_url()),
            log_router(self._trees),
            proof_router(self._trees, insights.door),
            bundle_router(insights, url, self._master),
            erasure_router(insights, configurations, settings),
            subject_router(insights),
            retention_router(insights.door, configurations, settings.stream_days),
            sign_in_pages(self._sign_in),
            dashboard_router(self._dashboard),
            metrics_handler(url, self.credentials),
            get_profile,
            get_live,
            get_ready,
        ]

    def refuse(self, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        """Answer a request that failed, and count what of statements is refused."""
        of_xapi = resource(request.scope)
        if of_xapi is None and wants_page(request):
            return error_page(self._dashboard, request, error)
        problem = describe(error)
        if of_xapi == "/statements" and request.method != "GET":
            credential = request.scope["state"].get("credential")
            if credential is not None:
                self._refusals.note(credential.store, credential.key, problem.status, error)
        return problem.response(None if of_xapi is None else listed(request, "accept") or "")


def create(settings: Settings | None = None) -> Litestar:
    """Give the server as an ASGI app; its settings come from the environment unless given."""
    settings = settings or load()
    parts = _Parts(settings)

    @asynccontextmanager
    async def open_until_shutdown(_: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await parts.close()

    app = Litestar(
        parts.routes(),
        lifespan=[open_until_shutdown],
        exception_handlers={Exception: parts.refuse},
        openapi_config=openapi.config(),
        logging_config=None,
        request_max_body_size=settings.max_body_bytes,
        state=State(
            {
                "credentials": parts.credentials,
                "limits": limits(settings),
                "steps": Steps(),
                "document_limits": DocumentLimits(settings.max_body_bytes, settings.max_depth),
                "stop_streams": parts.insights.notices.stop,
                "base_path": urlsplit(settings.base_url()).path,
            }
        ),
    )
    # Around the router, not a middleware: those only run for requests that match a route.
    app.asgi_handler = Gateway(
        app.asgi_handler, partial(methods, app), parts.stores, parts.credentials, rules(settings)
    )
    return app


def methods(app: Litestar, path: str) -> str:
    """Give the methods of the resource at a path, as ``Allow`` has them; empty if there is none.

    The framework's own answers to OPTIONS don't know of methods that were added after the first.
    """
    try:
        app.asgi_router.handle_routing(path=path, method="TRACE")  # which no resource has
    except HTTPException as refusal:
        return describe(refusal).headers.get("Allow", "")
    return ""


def rules(settings: Settings) -> Rules:
    """Give what the settings say about xAPI requests."""
    return Rules(settings.xapi_version, settings.cors_origins, settings.max_body_bytes)


def limits(settings: Settings) -> StatementLimits:
    """Give what the settings say about statements."""
    per_request = Limits(
        batch=settings.max_batch,
        depth=settings.max_depth,
        attachments=settings.max_attachments,
        people=settings.max_people,
    )
    return StatementLimits(per_request, settings.max_attachment_bytes)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if url else ""

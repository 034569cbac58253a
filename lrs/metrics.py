"""Figures for operators, in Prometheus' text format: what was appended, published and applied, and how far behind.

They are asked of the database when they are wanted, so every process gives the same ones. Nothing in them is about a
person. A credential with the scope ``admin/stores`` sees all stores; one with ``insights/read`` (``all`` includes it)
its own: nothing crosses from one store to another here either, and nothing depends on where a request comes from, which
a proxy in front would hide.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.credential import Credentials
from lrs.http.authorization import sender
from lrs.log.connect import connect
from lrs.log.datastore import AWAY, session
from lrs.log.published import TOPICS
from lrs.log.work import Unavailable
from lrs.problem import Problem
from lrs.store_name import schema_of

_queries = sql.load(__package__, "metrics.sql")
_PATIENCE: Final = 5
"""Seconds to wait for the answer to each question."""


def metrics_handler(url: str, credentials: Credentials) -> HTTPRouteHandler:
    """Give the handler of ``GET /metrics``; ``url`` is the database's."""

    @get("/metrics", name="getMetrics", security=[{"basic": []}])
    async def get_metrics(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Give figures for Prometheus: events appended, published and applied, lag, parked learners, rebuilds."""
        credential = await sender(request, credentials)
        if credential.allows("admin/stores"):
            stores = None
        elif credential.allows("insights/read"):
            stores = [credential.store]
        else:
            raise Problem(403, "this credential lacks the scope admin/stores (all stores) or insights/read (its own)")
        body = await asyncio.to_thread(metrics, url, stores)
        return ASGIResponse(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return get_metrics


def metrics(url: str, stores: Sequence[str] | None = None) -> bytes:
    """Give the figures of these stores, or of all. Raises Unavailable."""
    try:
        with connect(url, "metrics") as connection:
            figures = _Figures()
            for store in _all(connection) if stores is None else stores:
                session(connection, schema_of(store))
                connection.execute("SELECT set_config('statement_timeout', %s, false)", [f"{_PATIENCE}s"])
                _measure(connection, store, figures)
    except AWAY as error:
        raise Unavailable("the database is not answering") from error
    registry = CollectorRegistry()
    registry.register(figures)
    return generate_latest(registry)


class _Figures(Collector):
    """What is measured, by store and projection."""

    def __init__(self) -> None:
        of_store, of_projection = ["store"], ["store", "projection"]
        self.appended = CounterMetricFamily(
            "vliegwiel_events_appended", "Events in the log: the last one's position", labels=of_store
        )
        self.published = GaugeMetricFamily(
            "vliegwiel_published_position", "Position of the last event in the stream", labels=of_store
        )
        self.publish_lag = GaugeMetricFamily(
            "vliegwiel_publish_lag_positions", "Positions that the stream is behind the log", labels=of_store
        )
        self.publish_age = GaugeMetricFamily(
            "vliegwiel_publish_lag_seconds", "Age of the first event that is not in the stream", labels=of_store
        )
        self.proven = GaugeMetricFamily(
            "vliegwiel_tree_position", "Position of the last event in the signed tree", labels=of_store
        )
        self.applied = GaugeMetricFamily(
            "vliegwiel_applied_position", "Position of the last event in a projection's tables", labels=of_projection
        )
        self.lag = GaugeMetricFamily(
            "vliegwiel_projection_lag_positions", "Positions a projection is behind the log", labels=of_projection
        )
        self.age = GaugeMetricFamily(
            "vliegwiel_projection_lag_seconds", "Age of the first event not in a projection", labels=of_projection
        )
        self.parked = GaugeMetricFamily(
            "vliegwiel_parked_learners", "Learners that a projection could not fold", labels=of_projection
        )
        self.rebuilt = GaugeMetricFamily(
            "vliegwiel_rebuild_position", "Position that a rebuild under way has reached", labels=of_projection
        )
        self.rebuild_target = GaugeMetricFamily(
            "vliegwiel_rebuild_target_position", "Position that a rebuild under way aims for", labels=of_projection
        )

    def collect(self) -> Iterable[Metric]:
        """Give them to the library."""
        return vars(self).values()


def _measure(connection: Connection[TupleRow], store: str, figures: _Figures) -> None:
    has_relay, has_projections, has_tree = sql.one(connection.execute(_queries.tables))
    topics = {"topics": TOPICS}
    head, last = sql.one(connection.execute(_queries.log, topics))
    figures.appended.add_metric([store], head)
    for position, age in connection.execute(_queries.relay, topics) if has_relay else ():
        figures.published.add_metric([store], position)
        figures.publish_lag.add_metric([store], max(0, last - position))
        figures.publish_age.add_metric([store], float(age or 0))
    for (position,) in connection.execute(_queries.signed) if has_tree else ():
        figures.proven.add_metric([store], position)
    for name, position, age, parked, rebuilt, target in (
        connection.execute(_queries.projections, topics) if has_projections else ()
    ):
        labels = [store, name]
        figures.applied.add_metric(labels, position)
        figures.lag.add_metric(labels, max(0, last - position))
        figures.age.add_metric(labels, float(age or 0))
        figures.parked.add_metric(labels, parked)
        if rebuilt is not None and target is not None:
            figures.rebuilt.add_metric(labels, rebuilt)
            figures.rebuild_target.add_metric(labels, target)


def _all(connection: Connection[TupleRow]) -> Iterator[str]:
    rows = connection.execute(_queries.stores).fetchall()
    return (store for (store,) in rows)

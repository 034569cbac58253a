"""Metrics: what operators see."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from prometheus_client.parser import text_string_to_metric_families
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.credential import Credentials, Registry
from lrs.log.work import Unavailable
from lrs.metrics import metrics, metrics_handler
from lrs.problem import describe
from lrs.store import Store, create_store
from tests.relay.given import MASTER, Watcher, eventually, record_event, record_many, relaying

Figures = dict[tuple[str, ...], float]


def _figures(text: bytes) -> dict[str, Figures]:
    """Values by name, and by labels in the order of their names."""
    found: dict[str, Figures] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items(), reverse=True))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def _own_tables(url: str, store: str) -> None:
    """Make the projections' tables, unless migration has."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(SQL("SET search_path = {}").format(Identifier(f"store_{store}")))
        if owner.execute("SELECT to_regclass('projection_positions') IS NULL").fetchone() == (True,):
            owner.execute(SQL(sql.read("projections", "schema.sql")))


def _execute(url: str, store: str, statement: str, *values: Any) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(SQL("SET search_path = {}").format(Identifier(f"store_{store}")))
        owner.execute(SQL(statement), values)


async def test_what_is_appended_published_and_applied(url: str, store: Store, name: str) -> None:
    _own_tables(url, name)
    await record_many(store, 10)
    await record_event(store, "document.changed")
    _execute(url, name, "INSERT INTO relay_positions (stream, position) VALUES ('lrs-x', 8)")
    _execute(
        url,
        name,
        "INSERT INTO projection_positions (name, position, version, meaning, rebuilding, rebuild_target)"
        " VALUES ('streaks', 10, 1, 0, NULL, NULL), ('follow_up', 4, 1, 0, 2, 10)",
    )
    _execute(
        url,
        name,
        "INSERT INTO parked (projection, learner, position, reason)"
        " VALUES ('follow_up', gen_random_uuid(), 3, 'x'), ('follow_up', gen_random_uuid(), 4, 'y')",
    )
    found = _figures(metrics(url))
    ages = {part: found.pop(f"vliegwiel_{part}_lag_seconds") for part in ("publish", "projection")}
    assert found == {
        "vliegwiel_events_appended_total": {(name,): 11},
        "vliegwiel_published_position": {(name,): 8},
        "vliegwiel_publish_lag_positions": {(name,): 2},
        "vliegwiel_applied_position": {(name, "streaks"): 10, (name, "follow_up"): 4},
        "vliegwiel_projection_lag_positions": {(name, "streaks"): 0, (name, "follow_up"): 6},
        "vliegwiel_parked_learners": {(name, "streaks"): 0, (name, "follow_up"): 2},
        "vliegwiel_rebuild_position": {(name, "follow_up"): 2},
        "vliegwiel_rebuild_target_position": {(name, "follow_up"): 10},
    }
    assert ages["publish"][(name,)] > 0
    assert ages["projection"][name, "follow_up"] >= ages["publish"][(name,)]
    assert ages["projection"][name, "streaks"] == 0


def test_a_store_without_events_and_tables_has_few_figures(url: str, name: str) -> None:
    _execute(url, name, "DROP TABLE IF EXISTS relay_positions, projection_positions, parked")
    assert _figures(metrics(url)) == {"vliegwiel_events_appended_total": {(name,): 0}}


async def test_the_relay_is_seen(url: str, nats_url: str, store: Store, name: str, watcher: Watcher) -> None:
    await record_many(store, 10)
    assert "vliegwiel_published_position" not in _figures(metrics(url))
    async with relaying(url, nats_url):
        await watcher.until(name, 10)
        await eventually(lambda: _figures(metrics(url)).get("vliegwiel_published_position") == {(name,): 10})
    assert _figures(metrics(url))["vliegwiel_publish_lag_seconds"] == {(name,): 0}


def test_the_database_is_away() -> None:
    with pytest.raises(Unavailable):
        metrics("postgresql://nobody@localhost:1/none")


@pytest.fixture
def credentials(url: str) -> Iterator[Credentials]:
    """The credentials of the database."""
    made = Credentials(Registry(url, MASTER, "https://lrs.example.org"))
    yield made
    made.close()
    made.registry.close()


async def test_each_sees_what_it_may(url: str, name: str, credentials: Credentials) -> None:
    create_store(url, f"{name}_b")
    credentials.registry.register_store(name, "", by="test")
    handed = {
        scope: credentials.registry.issue(name, [scope], label="", by="test")
        for scope in ("admin/stores", "insights/read", "all", "statements/write", "admin")
    }
    app = Litestar(
        [metrics_handler(url, credentials)], exception_handlers={Exception: lambda _, e: describe(e).response()}
    )
    async with AsyncTestClient(app) as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", auth=("nobody", "x"))).status_code == 401
        seen = {}
        for scope, one in handed.items():
            answer = await client.get("/metrics", auth=(one.credential.key, one.secret.reveal()))
            seen[scope] = answer.status_code, _stores(answer.content) if answer.status_code == 200 else set()
            if answer.status_code == 200:
                assert answer.headers["content-type"].startswith("text/plain; version=")
    assert seen == {
        "admin/stores": (200, {name, f"{name}_b"}),
        "insights/read": (200, {name}),
        "all": (200, {name}),
        "statements/write": (403, set()),
        "admin": (403, set()),
    }


def _stores(text: bytes) -> set[str]:
    return {labels[0] for figures in _figures(text).values() for labels in figures}

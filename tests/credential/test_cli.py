"""`lrs store` and `lrs credential`, as people and scripts use them."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from lrs.cli import credential, store
from lrs.cli.main import app
from lrs.credential import Registry, Revoked, Secret
from lrs.errors import NotFound, NotMigrated, Refused, Taken
from lrs.store_name import BadStoreName

_app = typer.Typer()
_app.add_typer(store.app, name="store")
_app.add_typer(credential.app, name="credential")


def run(*words: str) -> Result:
    return CliRunner().invoke(_app, words)


def run_json(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def _settings(registry: Registry, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry
    monkeypatch.setenv("LRS_DATABASE_URL", url)
    monkeypatch.setenv("LRS_MASTER_KEY", bytes(range(32)).hex())


def test_stores(url: str) -> None:
    made = run("store", "create", "east", "--label", "The [bold]east")
    assert made.exit_code == 0
    assert "lrs credential create --store east" in made.stdout
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('store_east.stored_events')").fetchone() != (None,)
    assert [one["name"] for one in run_json("store", "list")] == ["north", "south", "east"]
    assert "The [bold]east" in run("store", "list").stdout
    run("credential", "create", "--store", "east")
    assert "1 active credential\n" in run("store", "show", "east").stdout
    assert run_json("store", "show", "east")["createdBy"] == "command line"
    assert isinstance(run("store", "create", "east").exception, Taken)
    assert isinstance(run("store", "create", "East").exception, BadStoreName)
    assert isinstance(run("store", "show", "west").exception, NotFound)


def test_a_store_needs_an_account_that_may_make_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA IF EXISTS store_east CASCADE")
    monkeypatch.setenv("LRS_DATABASE_URL", f"{url}&options=-c%20role%3Dvliegwiel_app")
    refused = run("store", "create", "east").exception
    assert isinstance(refused, Refused)
    assert "permission denied for database" in str(refused)


def test_a_database_that_was_never_migrated_gets_no_store(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP TABLE vliegwiel.migrations")
        assert isinstance(run("store", "create", "west").exception, NotMigrated)
        assert owner.execute("SELECT to_regnamespace('store_west')").fetchone() == (None,)


def test_a_credential_s_life(registry: Registry) -> None:
    made = run_json(
        *("credential", "create", "--store", "north", "--scope", "state", "--scope", "statements/write"),
        *("--label", "Player", "--expires", "90d", "--key", "player"),
        *("--authority", '{"account": {"homePage": "https://lms.example", "name": "lms"}}'),
    )
    told = made["credential"]
    assert (told["key"], told["label"], told["scopes"]) == ("player", "Player", ["statements/write", "state"])
    assert told["authority"]["account"]["name"] == "lms"
    assert datetime.fromisoformat(told["expires"]) - datetime.now(UTC) > timedelta(days=89)
    assert registry.has_secret("player", Secret(made["secret"]))

    rotated = run_json("credential", "rotate", "player", "--grace", "12h")
    assert rotated["credential"]["previousUntil"]
    assert registry.has_secret("player", Secret(rotated["secret"]))
    assert run_json("credential", "rotate", "player")["credential"]["previousUntil"] is None

    listed = run("credential", "list").stdout
    assert made["secret"] not in listed
    for shown in ("player", "north", "Player", "statements/write state", "active", "Rotated", "by command line"):
        assert shown in listed

    revoked = run("credential", "revoke", "player")
    assert revoked.stdout == "Credential player of store north is revoked.\n"
    assert isinstance(run("credential", "revoke", "player").exception, Revoked)
    assert [one["status"] for one in run_json("credential", "list", "--store", "north")] == ["revoked"]
    assert run_json("credential", "list", "--store", "south") == []
    assert "no credentials yet" in run("credential", "list", "--store", "south").stdout


def test_people_see_the_secret_once(registry: Registry) -> None:
    made = run("credential", "create", "--store", "north")
    told = dict(line.split(None, 1) for line in made.stdout.splitlines())
    assert registry.has_secret(told["Key"], Secret(told["Secret"]))
    assert told["Scopes"] == "all"
    assert "not shown again" in made.stderr
    assert told["Secret"] not in run("credential", "list").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["create", "--expires", "soon"], "is no moment"),
        (["create", "--authority", "me"], "not an Agent"),
        (["create", "--expires", "999999w"], "is longer than 36,500 days"),
        (["rotate", "x", "--grace", "1 day"], "is no period"),
        (["rotate", "x", "--grace", "999999w"], "is longer than 36,500 days"),
    ],
)
def test_wrong_options(words: list[str], reason: str) -> None:
    result = run("credential", *words)
    assert result.exit_code == 2
    assert reason in result.stderr


@pytest.mark.parametrize("words", ["credential create", "credential list", "bi", "demo", "dashboard link"])
def test_an_empty_name_does_not_mean_the_store_of_the_settings(words: str) -> None:
    refused = CliRunner().invoke(app, [*words.split(), "--store", ""]).exception
    assert "'' is no name for a store" in str(refused)


def test_refusals_say_why() -> None:
    assert "'x' is not a scope" in str(run("credential", "create", "--store", "north", "--scope", "x").exception)
    assert "no store west" in str(run("credential", "create", "--store", "west").exception)
    assert "no store west" in str(run("credential", "list", "--store", "west").exception)
    assert "no credential with key nobody" in str(run("credential", "rotate", "nobody").exception)
    assert "in the past" in str(run("credential", "create", "--store", "north", "--expires", "2001-01-01").exception)


def test_an_expiry_at_the_end_of_the_calendar_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    try:
        made = run("credential", "create", "--store", "north", "--expires", "9999-12-31T23:59:59Z")
        assert made.exit_code == 0, made
        assert "9999-12-31 23:59" in run("credential", "list").stdout
    finally:
        monkeypatch.undo()
        time.tzset()


def test_help_tells_the_scopes() -> None:
    help_text = run("credential", "create", "--help").stdout
    for word in ("statements/read/mine", "write statements", "--expires", "Exit codes"):
        assert word in help_text

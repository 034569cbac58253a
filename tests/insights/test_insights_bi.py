"""The door for BI tools."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState
from psycopg.sql import SQL, Identifier
from typer.testing import CliRunner

from lrs.cli.bi import app
from lrs.errors import NotFound
from lrs.insights.bi import ROLE, open_door, role_of
from projections.follow_up import read as follow_up
from schemas.policy import Policy
from tests.insights.house import MASTER, House, commented, completion


def test_bi_tools_read_views_and_nothing_else(quiet: House) -> None:
    quiet.post(completion("s1"), completion("s2"), commented("s1"), completion("s3", days=200))
    quiet.policy(Policy())
    quiet.project()
    url = quiet.settings.database_url
    views = open_door(url, "default")
    assert open_door(url, "default") == views
    open_door(url, "other")
    with psycopg.connect(url, autocommit=True) as connection, quiet.person("eve", "lnd") as eve:
        connection.execute(f"SET ROLE {role_of('default')}")
        for view in views:
            name = Identifier(*view.split("."))
            connection.execute(SQL("SELECT * FROM {}").format(name))
            for change in (SQL("DELETE FROM {}").format(name), SQL("INSERT INTO {} DEFAULT VALUES").format(name)):
                with pytest.raises((InsufficientPrivilege, ObjectNotInPrerequisiteState)):
                    connection.execute(change)
        rows = connection.execute("SELECT person, plan, step, status FROM bi_default.follow_up_steps").fetchall()
        wanted = [
            (plan["person"]["id"], plan["plan"], step["name"], step["status"])
            for plan in eve.get("/follow-ups").json()["items"]
            for step in plan["steps"]
        ]
        assert sorted((str(person), str(plan), step, status) for person, plan, step, status in rows) == sorted(wanted)
        assert {"lapsed", "overdue", "open"} < {status for *_, status in rows} <= set(follow_up.Status)
        streaks = connection.execute("SELECT person, standing, current FROM bi_default.streaks").fetchall()
        assert {
            (one["person"]["id"], one["standing"], one["current"]) for one in eve.get("/streaks").json()["items"]
        } >= {(str(person), standing, current) for person, standing, current in streaks}
        for refused in (
            "SELECT FROM store_default.stored_events",
            "SELECT FROM store_default.people",
            "SELECT FROM bi_other.follow_ups",
            "SELECT FROM vliegwiel.stored_events",
            "CREATE TABLE bi_default.mine ()",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(refused)
        connection.execute("RESET ROLE")
        connection.execute(f"SET ROLE {ROLE}")
        connection.execute("SELECT FROM bi_other.follow_ups")


def test_the_command_opens_the_door_of_every_store(quiet: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATABASE_URL", quiet.settings.database_url)
    monkeypatch.setenv("LRS_MASTER_KEY", MASTER)
    said = CliRunner().invoke(app, [])
    assert said.exit_code == 0, said.output
    assert {"bi_default.follow_ups", "bi_other.streaks"} <= set(said.output.split())
    assert "bi_other" not in CliRunner().invoke(app, ["--store", "default"]).output
    assert isinstance(CliRunner().invoke(app, ["--store", "nowhere"]).exception, NotFound)

"""`lrs verify`, `rebuild NAME`, `parked` and `policy try`: what they find, what they say and how they end."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from consumers import commands
from consumers.rebuild import Rebuild
from lrs.seal import MasterKey
from lrs.store import Stores
from projections.all import NAMES, projection_named
from tests.consumers.given import completed
from tests.databases import NewDatabase
from tests.importer.given import MASTER, Outcome
from tests.importer.given import Lrs as Command
from tests.store.given import prepared

COURSE = {"id": "http://example.org/courses/1", "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}


class Lrs(Command):
    """The command as a process, and the program that it becomes or starts for projections."""

    def run(self, *arguments: str, **environment: str) -> Outcome:
        assert not environment
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return Outcome(process.returncode, out.decode(), err.decode())

    def consumers(self, *arguments: str) -> Outcome:
        """Run that program alone, in this process."""
        done = CliRunner(env=self.environment).invoke(commands.app, arguments, catch_exceptions=False)
        return Outcome(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def lrs(new_database: NewDatabase, tmp_path: Path) -> Lrs:
    """The command, on a store with a few statements, of which the projections know."""
    url = new_database("default")

    async def fill() -> None:
        stores = Stores(url, MasterKey.parse(MASTER))
        store = await stores.get("default")
        said = [completed(name, COURSE, timestamp="2026-03-02T10:00:00Z") for name in ("ann", "bea")]
        await store.append(prepared(*said), defines=True, contents={})
        await stores.close()

    asyncio.run(fill())
    command = Lrs(url, tmp_path)
    for name in NAMES:
        projection = projection_named(name)
        Rebuild(url, "default", MasterKey.parse(MASTER), projection, lambda _reached, _target: None).replace()
    return command


def execute(lrs: Lrs, statement: str) -> None:
    with psycopg.connect(lrs.url, autocommit=True) as connection:
        connection.execute("SET search_path = store_default")
        connection.execute(statement)


def test_what_has_not_begun_is_not_told_to_be_wrong(new_database: NewDatabase, tmp_path: Path) -> None:
    verified = Lrs(new_database("default"), tmp_path).consumers("verify", "streaks")
    assert verified.code == 2
    assert verified.out.startswith("streaks has not begun: ")


def test_what_is_being_rebuilt_is_told_to_be(lrs: Lrs) -> None:
    execute(lrs, "UPDATE projection_positions SET version = 0 WHERE name IN ('streaks', 'follow_up')")
    execute(lrs, "UPDATE projection_positions SET rebuilding = 1, rebuild_target = 2 WHERE name = 'streaks'")
    verified = lrs.consumers("verify", "streaks", "follow_up")
    assert verified.code == 2
    streaks, follow_up = verified.out.splitlines()
    assert streaks == "streaks is being rebuilt: it is at position 1 of 2"
    assert follow_up.startswith("follow_up waits to be rebuilt: ")


def test_what_is_wrong_counts_for_more_than_what_could_not_be_compared(lrs: Lrs) -> None:
    execute(lrs, "UPDATE projection_positions SET version = 0 WHERE name = 'follow_up'")
    execute(lrs, "DELETE FROM streaks_weeks")
    assert lrs.consumers("verify", "follow_up", "streaks").code == 1
    execute(lrs, "DELETE FROM statement_terms")
    assert lrs.run("verify", "index", "follow_up").code == 1


def test_what_is_right_is_verified(lrs: Lrs) -> None:
    outcome = lrs.run("verify")
    assert outcome.code == 0, outcome
    for name in NAMES:
        assert f"{name} is what the log says at position 2" in outcome.out
    for name in ("index", "organisation"):
        assert f"The {name} is what the log says." in outcome.out
    assert lrs.run("verify", "streaks", "index", "--store", "default").code == 0


def test_what_is_damaged_is_shown_and_repaired(lrs: Lrs) -> None:
    execute(lrs, "DELETE FROM streaks_weeks")
    outcome = lrs.consumers("verify", "streaks", "follow_up")
    assert outcome.code == 1
    assert "streaks IS NOT what the log says" in outcome.out
    assert "follow_up is what the log says" in outcome.out
    assert "+ streaks_weeks: learner=" in outcome.out
    assert "It was not what the log says; it is now." in lrs.run("rebuild", "streaks").out
    assert lrs.consumers("verify", "streaks").code == 0


def test_who_is_parked_is_listed_and_retried(lrs: Lrs) -> None:
    assert lrs.run("parked", "list").out == "Nobody is parked.\n"
    execute(
        lrs,
        "INSERT INTO parked (projection, learner, position, statement, reason)"
        " SELECT 'streaks', learner, 1, gen_random_uuid(), 'ValueError: it broke' FROM streaks_state LIMIT 1",
    )
    outcome = lrs.consumers("parked", "list", "streaks")
    assert outcome.code == 1
    assert "ValueError: it broke" in outcome.out
    outcome = lrs.consumers("parked", "retry")
    assert outcome.code == 0
    assert outcome.out == "1 of 1 have rows again.\n"
    assert lrs.consumers("verify", "streaks").code == 0


def test_nobody_is_retried_in_tables_of_another_version(lrs: Lrs) -> None:
    execute(
        lrs,
        "INSERT INTO parked (projection, learner, position, statement, reason)"
        " SELECT 'streaks', learner, 1, gen_random_uuid(), 'ValueError: it broke' FROM streaks_state LIMIT 1",
    )
    for change in (
        "UPDATE projection_positions SET version = version + 1 WHERE name = 'streaks'",
        "UPDATE projection_positions SET version = version - 2 WHERE name = 'streaks'",
    ):
        execute(lrs, change)
        outcome = lrs.consumers("parked", "retry")
        assert outcome.code == 2
        assert "made by another version of the program" in outcome.err
        assert lrs.consumers("parked", "list").code == 1


def test_a_policy_is_tried(lrs: Lrs, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"training": {"types": [], "untyped": false}}', encoding="utf-8")
    outcome = lrs.run("policy", "try", str(policy))
    assert outcome.code == 0, outcome
    assert "follow_up: at position 2, + would come and - would go" in outcome.out
    assert "- follow_up_" in outcome.out
    assert "unknown_verbs: nothing would change" in outcome.out
    assert lrs.consumers("verify", "follow_up").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rebuild", "nonsense"], "there is no projection nonsense"),
        (["verify", "nonsense"], "there is no projection nonsense"),
        (["consume", "nonsense"], "there is no projection nonsense"),
        (["rebuild", "streaks", "--store", "nowhere"], "there is no store nowhere"),
        (["parked", "list", "--store", "nowhere"], "there is no store nowhere"),
        (["rebuild", "streaks", "--store", "Bad Name"], "'Bad Name' is no name for a store"),
        (["parked", "retry", "--store", ""], "'' is no name for a store"),
    ],
)
def test_what_could_not_run_says_why(lrs: Lrs, arguments: list[str], said: str) -> None:
    outcome = lrs.consumers(*arguments)
    assert outcome.code == 2, outcome
    assert said in " ".join(outcome.err.split())

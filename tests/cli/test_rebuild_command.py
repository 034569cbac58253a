"""`lrs rebuild index`: what it finds, what it says and how it ends."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from lrs.seal import MasterKey
from lrs.store import Stores
from tests.databases import NewDatabase
from tests.importer.given import MASTER, Lrs
from tests.store.given import activity, prepared, statement


@pytest.fixture
def lrs(new_database: NewDatabase, tmp_path: Path) -> Lrs:
    """The command, on a database with a few statements in the store ``default``."""
    url = new_database("default")

    async def fill() -> None:
        stores = Stores(url, MasterKey.parse(MASTER))
        store = await stores.get("default")
        about = activity("course", name={"en": "Course"})
        await store.append(prepared(*(statement(about=about) for _ in range(20))), defines=True, contents={})
        await stores.close()

    asyncio.run(fill())
    return Lrs(url, tmp_path)


def _table(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.startswith(("statement_", "act"))}


def test_an_index_that_is_right(lrs: Lrs) -> None:
    for arguments in ([], ["--check"], ["--store", "default"]):
        outcome = lrs.run("rebuild", "index", *arguments)
        assert outcome.code == 0, outcome
        table = _table(outcome.out)
        assert table["activities"] == ["1", "0", "0"]
        assert int(table["statement_terms"][0]) > 20
        assert outcome.out.endswith("The index is what the log says.\n")


def test_a_damaged_index_is_found_and_with_leave_repaired(lrs: Lrs) -> None:
    with psycopg.connect(lrs.url, autocommit=True) as connection:
        connection.execute("DELETE FROM store_default.activities")
    for _ in range(2):
        outcome = lrs.run("rebuild", "index", "--check")
        assert outcome.code == 1
        assert _table(outcome.out)["activities"] == ["1", "1", "0"]
        (example,) = [line for line in outcome.out.splitlines() if line.startswith("  ")]
        assert example.startswith("  + activities: {")
        assert "`lrs rebuild index` puts it right" in outcome.out
    outcome = lrs.run("rebuild", "index")
    assert outcome.code == 1
    assert outcome.out.endswith("it is now.\n")
    assert lrs.run("rebuild", "index", "--check").code == 0


def test_what_could_not_run_is_one_line(lrs: Lrs) -> None:
    for arguments, environment, said in [
        (["--store", "nowhere"], {}, "there is no store nowhere"),
        (["--store", "No Where"], {}, "is no name for a store"),
        (["--store", ""], {}, "'' is no name for a store"),
        ([], {"LRS_MASTER_KEY": "11" * 32}, "the master key does not open"),
        ([], {"LRS_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "the database does not answer"),
        ([], {"LRS_MASTER_KEY": "short"}, "LRS_MASTER_KEY"),
    ]:
        outcome = lrs.run("rebuild", "index", *arguments, **environment)
        assert outcome.code == 2, outcome
        assert said in outcome.err
        assert outcome.err.count("\n") == 1
    as_app = f"{lrs.url}&options=-c%20role%3Dvliegwiel_app"
    outcome = lrs.run("rebuild", "index", LRS_DATABASE_URL=as_app)
    assert outcome.code == 2, outcome
    assert "may not do this" in outcome.err

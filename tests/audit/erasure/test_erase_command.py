"""`lrs erase`: what it shows, prints and leaves behind, and how it ends."""

import asyncio
import signal
from pathlib import Path

import psycopg
import pytest
from msgspec import json

from consumers.database import connect_to_store
from consumers.live import Live
from consumers.rebuild import Rebuild
from lrs.errors import Refused
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from lrs.store import Stores
from projections.all import NAMES, projection_named
from tests.audit.erasure.given import Home
from tests.audit.erasure.verified import facts
from tests.databases import NewDatabase
from tests.importer.given import MASTER, Lrs, Outcome
from tests.store.given import append, person, statement

KEY = MasterKey.parse(MASTER)


@pytest.fixture
def lrs(new_database: NewDatabase, tmp_path: Path) -> Lrs:
    """The command, on a store with a few statements."""
    url = new_database("default")

    async def fill() -> None:
        stores = Stores(url, KEY)
        store = await stores.get("default")
        await append(store, statement("ann"), statement("bea", person("ann")))
        await stores.close()

    asyncio.run(fill())
    return Lrs(url, tmp_path)


def follow(lrs: Lrs) -> None:
    """What consumers and the relay do, as far as the database sees."""
    with connect_to_store(lrs.url, "default") as connection:
        for name in NAMES:
            live = Live(connection, MessageLog(connection, "default", KEY), projection_named(name))
            live.load()
            live.catch_up()
        connection.execute("UPDATE erasures SET purged = now()")


def person_of(lrs: Lrs) -> str:
    outcome = lrs.run("erase", "ann@example.org", "--json")
    return str(json.decode(outcome.out)["confirm"])


def test_looking_changes_nothing(lrs: Lrs) -> None:
    outcome = lrs.run("erase", "ann@example.org")
    assert outcome.code == 0
    assert outcome.count("statements") == outcome.count("mentions") == outcome.count("identifiers") == 1
    assert "Nothing is erased yet" in outcome.out
    assert lrs.run("erase", "ann@example.org", "--dry-run").out == outcome.out
    assert lrs.run("erase").out == "Nobody was erased.\n"
    assert lrs.count() == 2
    with connect_to_store(lrs.url, "default") as connection:
        looks = connection.execute("SELECT kind, means, times FROM accesses JOIN access_readers USING (reader)")
        assert looks.fetchall() == [("command line", "erasure", 2)]


def test_erasing_and_the_receipt(lrs: Lrs) -> None:
    ann = person_of(lrs)
    outcome = lrs.run("erase", "ann@example.org", "--confirm", ann, "--wait", "0")
    assert outcome.code == 3
    assert "Not followed yet: stream" in outcome.err
    assert lrs.run("erase", ann, "--wait", "0") == outcome
    follow(lrs)
    done = lrs.run("erase", ann, "--confirm", ann)
    assert done.code == 0, done
    assert lrs.run("erase", ann) == done
    assert lrs.run("erase", ann, "--json") == lrs.run("erase", ann, "--confirm", ann, "--json")
    assert lrs.count() == 3
    again = json.decode(lrs.run("erase", ann, "--confirm", ann, "--json").out)
    assert again["receipt"]["note"] == done.out
    assert facts(done.out, again["receipt"]["key"])["person"] == ann
    listed = lrs.run("erase")
    assert ann in listed.out
    assert "nothing" in listed.out
    verified = verify(lrs, done.out, again["receipt"]["key"])
    assert json.decode(verified.out)["position"] == 3
    forged = verify(lrs, done.out.replace('"statements":1', '"statements":0'), again["receipt"]["key"])
    assert forged.code == 1
    assert "doesn't verify" in forged.err
    wrong = verify(lrs, done.out, "rubbish")
    assert wrong.code == 2
    assert wrong.err == "lrs: 'rubbish' is neither a key (NAME+ID+BASE64) nor a file that holds one\n"
    assert "blank line" in verify(lrs, "nothing", again["receipt"]["key"]).err


def verify(lrs: Lrs, note: str, key: str) -> Outcome:
    path = lrs.folder / "receipt"
    path.write_text(note)
    return lrs.run("audit", "receipt", str(path), "--key", key)


def test_index_organisation_and_projections_are_what_the_log_says(lrs: Lrs) -> None:
    follow(lrs)
    ann = person_of(lrs)
    lrs.run("erase", "ann@example.org", "--confirm", ann, "--wait", "0")
    behind = run(lrs, "verify", "follow_up")
    assert behind.code == 2
    assert "has yet to take in the erasure at position 3" in behind.out
    follow(lrs)
    verified = run(lrs, "verify")
    assert verified.code == 0, verified
    assert lrs.run("rebuild", "index").code == 0
    assert as_the_log_says(lrs)


def as_the_log_says(lrs: Lrs) -> bool:
    """Index, organisation and projections are what a rebuild gives."""
    home = Home(lrs.url, "default")
    differing = home.differences()
    home.close()
    return not differing and all(
        Rebuild(lrs.url, "default", KEY, projection_named(name), lambda _reached, _target: None).verify().equal
        for name in NAMES
    )


def run(lrs: Lrs, *arguments: str) -> Outcome:
    """Run it as a process: it becomes another program."""
    process = lrs.start(*arguments)
    out, err = process.communicate(timeout=120)
    return Outcome(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("somebody",), "is no identifier"),
        (("ann@example.org", "--confirm", "00000000-0000-4000-8000-000000000000"), "is not whom this names"),
        (("ann@example.org", "--store", "nowhere"), "there is no store nowhere"),
    ],
)
def test_what_can_t_be_done_is_refused(lrs: Lrs, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(Refused, match=said):
        lrs.run("erase", *arguments)
    assert lrs.count() == 2


def test_a_refusal_is_one_line(lrs: Lrs) -> None:
    outcome = run(lrs, "erase", "nobody@example.org")
    assert (outcome.code, outcome.out) == (1, "")
    assert "nobody is known as nobody@example.org" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_files_are_left_to_the_owner_of_the_tables(lrs: Lrs) -> None:
    """Postgres would skip every table, with no more than a warning."""
    outcome = lrs.run("erase", "--files", LRS_DATABASE_URL=f"{lrs.url}&options=-c%20role%3Dvliegwiel_app")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "lrs: the account of LRS_DATABASE_URL doesn't own the tables of default, and only their owner may have them "
        "written anew: nothing is done\n"
    )


def test_there_are_no_files_of_no_store(lrs: Lrs) -> None:
    outcome = lrs.run("erase", "--files", "--store", "nowhere")
    assert (outcome.code, outcome.out, outcome.err) == (2, "", "lrs: there is no store nowhere\n")


KILLED = """
import os, signal, sys
from lrs.audit.erasure import erasures
from lrs.cli.main import main
moment = sys.argv.pop(1)
if moment == "before":
    # All is written, nothing is committed.
    from lrs.log.recorder import Append
    Append.commit = lambda self, schema: os.kill(os.getpid(), signal.SIGKILL)
else:
    erase = erasures.Erasures._attempt
    def and_die(*arguments):
        erase(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    erasures.Erasures._attempt = and_die
main()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_in_the_middle_it_is_done_or_not_at_all(lrs: Lrs, moment: str) -> None:
    ann = person_of(lrs)
    process = lrs.start("-c", KILLED, moment, "erase", "ann@example.org", "--confirm", ann)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert lrs.count() == (2 if moment == "before" else 3)
    with psycopg.connect(lrs.url) as connection:
        keys = connection.execute("SELECT count(*) FROM store_default.person_keys").fetchone()
    assert keys == (2 if moment == "before" else 1,)
    # The same command goes on where it was.
    lrs.run("erase", "ann@example.org", "--confirm", ann, "--wait", "0")
    follow(lrs)
    done = lrs.run("erase", ann, "--confirm", ann)
    assert (done.code, lrs.count()) == (0, 3)
    assert as_the_log_says(lrs)

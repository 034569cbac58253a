"""`lrs demo`: what it does when something is there already."""

import json
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from lrs.demo.cast import cast, organisation
from lrs.demo.held import Held
from lrs.demo.history import history
from lrs.demo.script import script
from lrs.demo.writer import Writer
from lrs.errors import NotFound, Refused
from tests.databases import NewDatabase
from tests.demo.played import WRITTEN, Demo
from tests.importer.given import Lrs


def position(demo: Demo) -> int:
    return int(demo.insights("/positions")["position"])


def test_again_writes_nothing_and_tells_the_same(demo: Demo) -> None:
    before = position(demo)
    credentials = demo.run("credential", "list", "--json").stdout
    again = demo.run("demo")
    assert again.returncode == 0, again.stderr
    assert WRITTEN in again.stdout
    assert position(demo) == before
    assert demo.run("credential", "list", "--json").stdout == credentials
    links = re.findall(r"^ +(http\S+/dashboard/enter/\S+)$", again.stdout, re.MULTILINE)
    assert len(links) == 3
    assert [httpx.get(link).status_code for link in links] == [303, 303, 303]


def test_another_demo_beside_it_is_refused(demo: Demo) -> None:
    before = position(demo)
    other = demo.run("demo", "--seed", "2")
    assert other.returncode == 1
    assert "give another one its own store" in other.stderr
    assert position(demo) == before


def test_a_store_with_people_of_its_own_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email,name\nann@example.org,Ann\n", encoding="utf-8")
    assert demo.run("store", "create", "own").returncode == 0
    assert demo.run("people", "import", "--store", "own", str(people)).returncode == 0
    refused = demo.run("demo", "--store", "own")
    assert refused.returncode == 1
    assert "an organisation of its own" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_what_was_interrupted_goes_on(demo: Demo) -> None:
    assert demo.run("store", "create", "half").returncode == 0
    made = demo.run("credential", "create", "--store", "half", "--scope", "all", "--scope", "organisation", "--json")
    end = datetime.now(UTC).date()
    everybody = cast(script(), 1, end)
    statements = history(everybody, 1)
    with closing(Writer(demo.url, *credential(made.stdout))) as writer:
        writer.hold(Held(1, end, complete=False))
        writer.organise(organisation(everybody))
        half = writer.send(statements[: len(statements) // 2], lambda _: None)
        on = demo.run("demo", "--store", "half")
        assert on.returncode == 0, on.stderr
        rest = writer.send(statements, lambda _: None) - half
    # What says that it is complete is an event too.
    assert rest - 1 == len(statements) - len(statements) // 2


def test_a_store_that_isn_t_there_is_named(new_database: NewDatabase, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no store nope"):
        Lrs(new_database(), tmp_path).run("demo", "--store", "nope")


def test_without_a_server_it_says_so() -> None:
    with (
        closing(Writer("http://127.0.0.1:9", "key", "secret")) as writer,
        pytest.raises(Refused, match="doesn't answer"),
    ):
        writer.organise({})


def credential(printed: str) -> tuple[str, str]:
    """Give the key and the secret that `lrs credential create --json` prints."""
    made = json.loads(printed)
    return made["credential"]["key"], made["secret"]

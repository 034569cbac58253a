"""`lrs audit export` and `lrs audit check` as programs."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lrs.audit.tree import proofs
from tests.audit.bundle.given import COURSE, told
from tests.audit.tree.given import Log

_OTHERS = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}


def lrs(environment: Mapping[str, str], folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "lrs.cli.main", "audit", *arguments]
    return subprocess.run(
        command,
        env={**_OTHERS, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def settings(signed: Log, tmp_path: Path) -> dict[str, str]:
    return {"LRS_DATABASE_URL": signed.url, "LRS_MASTER_KEY": "00" * 32, "LRS_DATA": str(tmp_path / "data")}


def test_a_bundle_is_written_and_checked_with_nothing_but_the_key(
    signed: Log, settings: dict[str, str], tmp_path: Path
) -> None:
    done = lrs(settings, tmp_path, "export", "--output", "b", "--learner", "p1@example.org", "--open")
    assert (done.returncode, done.stdout) == (0, "19 events of default are in b.\n"), done.stderr
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["b"]
    vkey = str(signed.verifiers()[0])
    (tmp_path / "key").write_text(f"{vkey}\n")
    (tmp_path / "kept").write_text(proofs.served(signed.connection).note)
    # No settings at all.
    for key in (vkey, "key"):
        done = lrs({}, tmp_path, "check", "b", "--key", key, "--checkpoint", "kept", "--statements", "s.jsonl")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[-2:] == [
            "Events          19, 14 of them opened",
            "All is as it was signed.",
        ]
        assert "others may have been left out" in done.stdout
        statements = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
        assert {one["actor"]["mbox"] for one in statements} == {"mailto:p1@example.org"}
        instructors = [one["context"]["instructor"] for one in statements if "context" in one]
        assert instructors
        assert {one["account"]["homePage"] for one in instructors} == {"urn:vliegwiel:forgotten"}
    changed = (tmp_path / "b").read_bytes().replace(b'"version":1', b'"version":3', 1)
    (tmp_path / "b").write_bytes(changed)
    done = lrs({}, tmp_path, "check", "b", "--key", "key")
    assert done.returncode == 1
    assert "position 1: this isn't the event that was signed" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 problems."
    # That somebody read is recorded.
    rows = signed.connection.execute("SELECT means FROM accesses WHERE means = 'bundle'").fetchall()
    assert rows


def test_a_bundle_from_a_day_on(settings: dict[str, str], tmp_path: Path) -> None:
    done = lrs(settings, tmp_path, "export", "--output", "x", "--from", "2020-01-01")
    assert (done.returncode, done.stdout) == (0, "70 events of default are in x.\n"), done.stderr


def test_what_cant_be_is_said_in_a_line(signed: Log, settings: dict[str, str], tmp_path: Path) -> None:
    vkey = str(signed.verifiers()[0])
    (tmp_path / "b").touch()
    for code, environment, arguments, said in (
        (2, {}, ["check", "none", "--key", vkey], "lrs: none can't be read or written: No such file"),
        (2, {}, ["check", "b", "--key", "a+b+c"], "is no verifier key"),
        (2, {}, ["check", "b", "--key", ""], "'' is neither a key (NAME+ID+BASE64) nor a file"),
        (2, {}, ["check", "b", "--key", "rubbish"], "'rubbish' is neither a key (NAME+ID+BASE64) nor a file"),
        (1, {}, ["check", "b", "--key", vkey], "line 1: there is nothing in it"),
        (2, {}, ["check", "b"], "public key, too"),
        (1, settings, ["export", "--output", "x", "--training", COURSE, "--learner", "p1@example.org"], "not both"),
        (1, settings, ["export", "--output", "no/x"], "can't be written"),
        (1, settings, ["export", "--output", "."], ". is a folder"),
        (1, settings, ["export", "--output", "x", "--until", "99"], "the log ends at position 70"),
        (1, settings, ["export", "--output", "x", "--store", "nobody"], "no store nobody"),
        (2, settings, ["export", "--output", "x", "--store", ""], "'' is no name for a store"),
        (2, settings, ["check", "--store", ""], "'' is no name for a store"),
        (2, settings, ["keys", "--store", ""], "'' is no name for a store"),
    ):
        done = lrs(environment, tmp_path, *arguments)
        assert done.returncode == code, (arguments, done)
        assert said in " ".join((done.stdout + done.stderr).split()), (arguments, done)
        assert "Traceback" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["b"]


def test_the_live_database_is_checked(log: Log, tmp_path: Path) -> None:
    log.say(*told(20))
    log.sign(tmp_path / "data" / "notary")
    environment = {"LRS_DATABASE_URL": log.url, "LRS_MASTER_KEY": "00" * 32, "LRS_DATA": str(tmp_path / "data")}
    done = lrs(environment, tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Events 20, in the signed tree 20." in done.stdout
    assert done.stdout.splitlines()[-2:] == ["The index is what the log says.", "All is as it was signed."]
    with log.tampering() as connection:
        connection.execute("DELETE FROM statement_terms WHERE position = 7")
        done = lrs(environment, tmp_path, "check")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "Not all is as it was signed.")
        assert "The index is not what the log says" in done.stdout
        connection.execute("DELETE FROM stored_events WHERE notification_id > 18")
        connection.execute("DELETE FROM tree")
        connection.execute("INSERT INTO tree (origin, size) VALUES ('lrs.example.org/log/default', 0)")
    done = lrs(environment, tmp_path, "check", "--no-index")
    assert done.returncode == 1
    assert "default.checkpoint: size 20 was signed, but the log ends at position 18: events are gone" in done.stdout

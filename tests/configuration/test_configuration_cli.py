"""`lrs people`, `team`, `learner`, `policy` and `vocabulary`, as people and scripts use them."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from lrs.cli import learner, people, policy, team, vocabulary
from lrs.cli.main import main
from lrs.errors import Malformed, NotFound

_app = typer.Typer()
for _module, _name in (
    (people, "people"),
    (team, "team"),
    (learner, "learner"),
    (policy, "policy"),
    (vocabulary, "vocabulary"),
):
    _app.add_typer(_module.app, name=_name)
_PEOPLE = "email,name,team,manager\nann@example.org,Ann [b],Sales,\nkim@example.org,Kim,Sales,yes\n"
_VERB = "https://lms.example/verbs/finished"


@pytest.fixture(autouse=True)
def _settings(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LRS_DATABASE_URL", url)
    monkeypatch.setenv("LRS_MASTER_KEY", bytes(32).hex())
    monkeypatch.setenv("LRS_STORE", "north")
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text(_PEOPLE, encoding="utf-8")


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(_app, words)
    assert result.exit_code == code, result.output
    return result.output


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def refused(*words: str) -> Result:
    return CliRunner().invoke(_app, words)


def test_importing_people() -> None:
    dry = run("people", "import", "people.csv", "--new-teams", "--dry-run")
    assert "Ann [b]" in dry
    assert "this is a dry run" in dry
    assert "Nobody yet" in run("people", "list")
    assert "Applied, at position 1." in run("people", "import", "people.csv", "--new-teams", "--whole")
    assert run("people", "import", "people.csv", "--whole") == "Nothing changes.\n"
    listed = run("people", "list", "--team", "Sales")
    assert "ann@example.org" in listed
    assert "Kim" not in listed
    assert {one["name"] for one in run_json("people", "list")} == {"Ann [b]", "Kim"}
    assert "Belongs to  Sales (always)" in run("people", "show", "ann@example.org")
    assert "Kim" in run("team", "list")
    Path("organisation.json").write_text(run("people", "export"), encoding="utf-8")
    assert "Applied, at position 1." in run("people", "import", "organisation.json", "--store", "south")


def test_bad_rows() -> None:
    Path("bad.csv").write_text("email,time_zone\nann@example.org,Mars\nbob@example.org,\n", encoding="utf-8")
    told = run("people", "import", "bad.csv", code=1)
    assert told.startswith("bad.csv line 2, column time_zone: 'Mars' is no IANA time zone")
    assert "1 row is refused: nothing is applied" in told
    assert "Applied, at position 1; 1 row is refused." in run(
        "people", "import", "bad.csv", "--apply-good-rows", code=1
    )
    assert isinstance(refused("people", "import", "none.csv").exception, Malformed)
    assert isinstance(refused("people", "show", "zoe@example.org").exception, NotFound)


def test_stores_that_can_t_be(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("good.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("handed over"))
    for name in ("", "x;y"):
        for words in (("people", "list"), ("policy", "try", "good.json")):
            monkeypatch.setattr(sys, "argv", ["lrs", *words, "--store", name])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code == 1
            assert f"lrs: {name!r} is no name for a store: expected a lower-case letter" in capsys.readouterr().err
    assert os.environ["LRS_STORE"] == "north"


def test_days_that_can_t_be() -> None:
    for day in ("1024-06-01", "9999-12-31"):
        told = refused("people", "import", "people.csv", "--new-teams", "--date", day).exception
        assert isinstance(told, Malformed)
        assert f"date: {day} is not between 1900-01-01 and 2199-12-31" in str(told)


def test_teams_and_dates() -> None:
    Path("teams.csv").write_text("team;parent\nBoard;\nSales;Board\n", encoding="utf-8")
    run("team", "import", "teams.csv")
    run("people", "import", "people.csv")
    assert {one["id"]: one.get("parent") for one in run_json("team", "list")} == {"Board": None, "Sales": "Board"}
    Path("move.csv").write_text("email,team\nann@example.org,Board\n", encoding="utf-8")
    moved = run("people", "import", "move.csv", "--date", "2024-06-01")
    assert "always → … to 2024-05-31" in moved


def test_links() -> None:
    run("people", "import", "people.csv", "--new-teams")
    assert "Applied" in run("learner", "link", "ann@example.org", "account:https://lms.example ann")
    assert "ann@example.org, https://lms.example ann" in run("learner", "show", "https://lms.example ann")
    assert "learners 2 → 1" in run("learner", "unlink", "https://lms.example ann")


def test_policies() -> None:
    assert json.loads(run("policy", "show"))["time_zone"] == "Europe/Amsterdam"
    Path("policy.toml").write_text('time_zone = "Europe/Paris"', encoding="utf-8")
    assert "nothing is set" in run("policy", "set", "policy.toml", "--dry-run")
    assert "The policy is set, at position 1." in run("policy", "set", "policy.toml", "--why", "moved")
    assert "That is the policy already." in run("policy", "set", "policy.toml")
    assert "moved" in run("policy", "history")
    assert json.loads(run("policy", "show", "--version", "1"))["time_zone"] == "Europe/Paris"
    Path("bad.json").write_text('{"rythm": {}}', encoding="utf-8")
    assert "did you mean rhythm?" in str(refused("policy", "set", "bad.json").exception)


def test_trying_a_policy_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, words: handed.append([program, *words]))
    Path("bad.json").write_text("{", encoding="utf-8")
    assert isinstance(refused("policy", "try", "bad.json").exception, Malformed)
    assert handed == []
    Path("good.json").write_text("{}", encoding="utf-8")
    run("policy", "try", "good.json", "--store", "south")
    words = ["-P", "-m", "consumers", "try-policy", "good.json", "--store", "south"]
    assert handed == [[sys.executable, sys.executable, *words]]


def test_vocabulary() -> None:
    assert "http://adlnet.gov/expapi/verbs/completed" in run("vocabulary", "list")
    assert "This store adds nothing." in run("vocabulary", "list", "--own")
    assert "means completed, from position 1 on" in run("vocabulary", "map", _VERB, "completed")
    assert "means nothing, from position 2 on" in run("vocabulary", "map", _VERB, "nothing", "--type", "Agent")
    assert len(run_json("vocabulary", "list", "--own")) == 2
    assert _VERB in run("vocabulary", "list")
    assert "means again what is shipped" in run("vocabulary", "unmap", _VERB)
    assert "All verbs have a meaning." in run("vocabulary", "unknown")

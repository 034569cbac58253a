"""Retention over HTTP and at the command line: who may, what is shown, what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import typer
from typer.testing import CliRunner

from lrs.cli import retention
from tests.audit.retention.test_expiry_followed import set_back
from tests.databases import Databases
from tests.insights.house import COMMENTED, COMPLETED, MASTER, House, commented, completion, house, reason
from tests.insights.provider import provider

PATH = "/privacy/v1/retention"
RULES = {"rules": [{"name": "comments", "days": 30, "verbs": [COMMENTED["id"]]}]}


@pytest.fixture(scope="module")
def home(databases: Databases) -> Iterator[House]:
    """A house whose statements are two months old."""
    with provider() as own, house(databases.copy(databases.template("default", "other"), "keeping"), own) as made:
        made.post(*(completion(name) for name in ("mia", "s1")), *(commented(name) for name in ("s1", "s2", "s3")))
        set_back(made.settings.database_url, "store_default", 60)
        yield made


def _client(home: House, client: httpx.Client) -> httpx.Client:
    client.base_url = httpx.URL(home.url)
    return client


@pytest.fixture
def officer(home: House) -> Iterator[httpx.Client]:
    """A program of the privacy officer's."""
    with _client(home, home.program("privacy")) as client:
        client.put(PATH, json={"rules": []})
        yield client


def _version(client: httpx.Client) -> int:
    return int(client.get(PATH).headers["etag"].strip('"'))


@pytest.mark.parametrize("scopes", [("all",), ("admin", "organisation"), ("audit/read",)])
def test_only_the_scope_privacy_will_do(home: House, scopes: Any) -> None:
    with _client(home, home.program(*scopes)) as client:
        for method, path in (("GET", PATH), ("PUT", PATH), ("POST", f"{PATH}/try"), ("POST", f"{PATH}/run")):
            answer = client.request(method, path, json={"version": 1} if path.endswith("run") else {"rules": []})
            assert "privacy" in reason(answer, 403)


def test_officers_may_and_others_who_sign_in_may_not(home: House) -> None:
    with _client(home, home.person("eve", "privacy")) as client:
        assert client.get(PATH).status_code == 200
    with _client(home, home.person("eve", "admin", "auditor")) as client:
        assert "privacy officers" in reason(client.get(PATH), 403)


def test_rules_are_set_seen_and_tried(officer: httpx.Client) -> None:
    assert officer.get(PATH).json() == {"rules": []}
    tried = officer.post(f"{PATH}/try", json=RULES).json()
    assert (tried["statements"], tried["without_salt"]) == (3, 0)
    (rule,) = tried["rules"]
    assert (rule["rule"], rule["days"], sum(rule["months"].values()), len(rule["samples"])) == ("comments", 30, 3, 3)
    assert officer.put(PATH, params={"dryRun": "true"}, json=RULES).json() == {"applied": False, "position": None}
    seen = officer.get(PATH)
    assert seen.json() == {"rules": []}
    assert officer.post(f"{PATH}/try").json()["statements"] == 0
    headers = {"If-Match": seen.headers["etag"]}
    assert officer.put(PATH, json=RULES, headers=headers, params={"why": "comments are small talk"}).json()["applied"]
    assert officer.get(PATH).json() == {"rules": [{**RULES["rules"][0], "activity_types": []}]}
    assert "look at them first" in reason(officer.put(PATH, json=RULES, headers=headers), 409)
    assert officer.post(f"{PATH}/try").json()["statements"] == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", PATH, {"rules": [{"name": "x", "days": 0}]}, "body: rules[0].days: 0 is not from 1 to 36600"),
        ("PUT", f"{PATH}?dryrun=true", RULES, "dryrun"),
        ("POST", f"{PATH}/try", {"rule": []}, "body: Object contains unknown field `rule`"),
        ("POST", f"{PATH}/run", {}, "version"),
        ("POST", f"{PATH}/run", {"version": "all"}, "version"),
    ],
)
def test_what_is_wrong_is_said(officer: httpx.Client, method: str, path: str, body: Any, words: str) -> None:
    assert words in reason(officer.request(method, path, json=body))


def test_other_sites_and_forms_are_refused(officer: httpx.Client) -> None:
    other = {"Sec-Fetch-Site": "cross-site"}
    assert officer.post(f"{PATH}/run", json={"version": 0}, headers=other).status_code == 403
    assert officer.put(PATH, json=RULES, headers=other).status_code == 403
    form = officer.post(f"{PATH}/try", content="x", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415


def test_a_run_is_of_the_rules_that_were_looked_at(home: House, officer: httpx.Client) -> None:
    home.post(commented("s4"))
    set_back(home.settings.database_url, "store_default", 60)
    officer.put(PATH, json={"rules": [{"name": "none", "days": 36_600}]})
    version = _version(officer)
    assert "look at them first" in reason(officer.post(f"{PATH}/run", json={"version": version - 1}), 409)
    done = officer.post(f"{PATH}/run", json={"version": version})
    assert done.json() == {"statements": 0, "rules": {}, "complete": True}


_app = typer.Typer()
_app.add_typer(retention.app, name="retention")


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(_app, ["retention", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_the_same_at_the_command_line(
    home: House, officer: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert officer.get(PATH).status_code == 200
    monkeypatch.setenv("LRS_DATABASE_URL", home.settings.database_url)
    monkeypatch.setenv("LRS_MASTER_KEY", MASTER)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [{"name": "done", "days": 30, "verbs": [COMPLETED["id"]]}]}))
    assert "There are no rules: everything is kept." in _run("try")
    tried = _run("try", str(file))
    assert "2 statements would be forgotten. Nothing is: this is a dry run." in tried
    assert json.loads(_run("try", str(file), "--json"))["statements"] == 2
    assert "this is a dry run" in _run("set", str(file), "--dry-run")
    assert "Nothing is due." in _run("run")
    assert "The rules are set, at position" in _run("set", str(file), "--why", "two months will do")
    assert "Those are the rules." in _run("set", str(file))
    assert json.loads(_run("show"))["rules"][0]["name"] == "done"
    assert _run("run").split() == ["RULE", "FORGOTTEN", "done", "2"]
    assert "Nothing is due." in _run("run")
    with psycopg.connect(home.settings.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM store_default.statement_salts WHERE position <= 2").fetchone()
        assert row == (0,)

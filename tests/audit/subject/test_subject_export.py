"""Everything that is held about somebody, for them and for nobody else."""

import asyncio
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from lrs.document import Content, Documents
from lrs.document.conditions import Conditions
from lrs.document.place import Key, Place
from lrs.store import Stores
from schemas.policy import Policy
from tests.document.given import LIMITS
from tests.insights.house import KEY, MASTER, TRAINING, House, commented, completion, course, mail, reason
from tests.store.given import person, prepared, ref, statement, voiding

HOSTILE = "<img src=x onerror=alert(1)>"


def exported(house: House, client: httpx.Client, who: str = "", **query: Any) -> httpx.Response:
    """The export of somebody, or of whoever asks."""
    if who:
        return client.get(f"{house.url}/privacy/v1/export", params={"learner": who, **query})
    return client.get(f"{house.url}/privacy/v1/me/export", params=query)


def keep_documents(house: House, *keys: Key, data: bytes, content_type: str) -> None:
    async def put() -> None:
        stores = Stores(house.settings.database_url, KEY)
        documents = Documents(await stores.get("default"), LIMITS)
        for key in keys:
            await documents.put(key, Content(data, content_type), Conditions(None, "*"), by="test", version="1.0.3")
        await stores.close()

    asyncio.run(put())


def attached(made: dict[str, Any]) -> dict[str, Any]:
    """A statement with an attachment that is elsewhere."""
    attachment = {
        "usageType": "http://example.org/usage",
        "display": {"en": "Certificate"},
        "contentType": "application/pdf",
        "length": 4,
        "sha2": hashlib.sha256(b"file").hexdigest(),
        "fileUrl": "https://example.org/certificate.pdf",
    }
    return {**made, "attachments": [attachment]}


def test_all_that_is_held(quiet: House) -> None:
    done = attached(completion("s1"))
    wrong = completion("s1", TRAINING + "/wrong")
    about = statement("mia", course(), context={"instructor": {**person("s1"), "name": "Sam"}, "team": _team()})
    about["actor"]["name"] = "Mia Tanaka"
    about["context"]["instructor"] = person("nora")
    about["object"] = person("s1")
    elsewhere = statement("mia", ref(done))
    quiet.post(done, wrong, about, elsewhere, commented("s2"), voiding(wrong))
    quiet.policy(Policy(smallest_group=7))
    state = Key(Place(resource="state", activity=TRAINING, agent=f"mbox:mailto:{mail('s1')}"), "bookmark")
    profile = Key(Place(resource="agent_profile", agent=f"mbox:mailto:{mail('s1')}"), "colours")
    other = Key(Place(resource="agent_profile", agent=f"mbox:mailto:{mail('s2')}"), "colours")
    keep_documents(quiet, state, other, data=b"page 7", content_type="text/plain")
    keep_documents(quiet, profile, data=b'{"dark": true}', content_type="application/json")
    with quiet.person("s1") as me:
        found = exported(quiet, me).json()
    assert found["name"] == "S1"
    assert found["identifiers"] == [f"mbox:mailto:{mail('s1')}"]
    assert {(one["id"], one["relation"], one["voided"]) for one in found["statements"]} == {
        (done["id"], "by", False),
        (wrong["id"], "by", True),
        (about["id"], "about", False),
    }
    statements = {one["id"]: one for one in found["statements"]}
    (file,) = statements[done["id"]]["attachments"]
    assert (file["content_type"], file["length"], file["kept"]) == ("application/pdf", 4, False)
    assert [(one["resource"], one["id"], one["content"]) for one in found["documents"]] == [
        ("state", "bookmark", "page 7"),
        ("agent_profile", "colours", {"dark": True}),
    ]
    assert [(one["how"], one["team"], one["name"]) for one in found["teams"]] == [("member", "sales", "Sales")]
    tables = {one["table"]: one["rows"] for one in found["projections"]}
    assert tables["follow_up_plans"]
    assert tables["streaks_weeks"]
    assert {row[0] for rows in tables.values() for row in rows} == {found["person"]}
    assert found["policy"]["smallest_group"] == 7
    assert found["policy_position"] > 0
    # Others by name, as far as the statement needs them, and not how to reach them.
    said = statements[about["id"]]["statement"]
    assert said["actor"] == {
        "objectType": "Agent",
        "name": "Mia Tanaka",
        "account": {"homePage": "urn:vliegwiel:somebody", "name": "1"},
    }
    assert said["object"]["mbox"] == f"mailto:{mail('s1')}"
    assert said["context"]["instructor"]["account"]["name"] == "2"
    text = str(found)
    for stranger in ("mia", "nora", "s2", "o1"):
        assert mail(stranger) not in text


def test_a_content_is_kept_however_its_hash_is_written(quiet: House) -> None:
    made = attached(completion("s1"))
    (file,) = made["attachments"]
    contents = {file["sha2"]: b"file"}
    file["sha2"] = file["sha2"].upper()

    async def append() -> None:
        stores = Stores(quiet.settings.database_url, KEY)
        await (await stores.get("default")).append(prepared(made), defines=True, contents=contents)
        await stores.close()

    asyncio.run(append())
    with quiet.person("s1") as me:
        found = exported(quiet, me).json()
    assert [(one["sha2"], one["kept"]) for one in found["statements"][0]["attachments"]] == [(file["sha2"], True)]


def _team() -> dict[str, Any]:
    return {"objectType": "Group", "name": "Sales", "member": [person("o1"), person("s1")]}


@pytest.mark.parametrize(("locale", "heading"), [("nl-NL", "Wat er over"), ("en-GB", "What is held about")])
def test_a_page_that_stands_by_itself(quiet: House, locale: str, heading: str) -> None:
    hostile = completion("s1")
    hostile["actor"]["name"] = HOSTILE
    quiet.post(hostile)
    quiet.organise(f'email,name,locale\n{mail("s1")},"{HOSTILE}",{locale}\n')
    with quiet.person("s1") as me:
        answer = exported(quiet, me, format="html")
    assert answer.status_code == 200
    assert f"<h1>{heading}" in answer.text
    assert f'<html lang="{locale[:2]}">' in answer.text
    assert "<img" not in answer.text
    assert "<script" not in answer.text
    assert "&lt;img src=x" in answer.text
    # Nothing is loaded from anywhere, and its style is the one that the policy names.
    assert not re.search(r"(src|href)=", answer.text.replace("&lt;img src=x", ""))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_who_looked_is_in_it_and_oneself_is_not(quiet: House) -> None:
    quiet.post(completion("s1"))
    ids = quiet.ids()
    with quiet.person("paul", "privacy", name="Paul Officer") as officer, quiet.person("s1") as me:
        assert exported(quiet, officer, ids["s1"]).status_code == 200
        assert exported(quiet, officer, mail("s1")).status_code == 200
        looked = officer.get(f"{quiet.url}/privacy/v1/accesses", params={"learner": ids["s1"]}).json()
        assert ("Paul Officer", "subject export", 2) in {
            (one["name"], one["means"], one["times"]) for one in looked["accesses"]
        }
        exported(quiet, me)
        mine = me.get(f"{quiet.url}/privacy/v1/me/accesses").json()
        noted = {(one["name"], one["means"], one["times"]) for one in mine["accesses"] if one["means"] != "people"}
        assert noted == {("Paul Officer", "subject export", 2), ("Paul Officer", "access record", 1)}
        assert exported(quiet, me).json()["accesses"] == mine["accesses"]
        # What they looked at themselves is an officer's, but not whose data that were.
        own = exported(quiet, officer).json()
        seen = {(one["means"], one["persons"]) for one in own["looked"]}
        assert seen == {("subject export", 1), ("access record", 1)}
        assert ids["s1"] not in str(own)
        assert "<td>subject export</td><td>1</td>" in exported(quiet, officer, format="html").text
        # An officer about themselves leaves nothing.
        quiet.post(completion("paul"))
        assert exported(quiet, officer, mail("paul")).status_code == 200
        assert officer.get(f"{quiet.url}/privacy/v1/me/accesses").json()["accesses"] == []


def test_nobody_gets_another_s(quiet: House) -> None:
    quiet.post(completion("s1"))
    quiet.post(completion("stranger"), store="other")
    ids = quiet.ids()
    for who, roles in (("s2", ()), ("mia", ("manager",)), ("eve", ("lnd",)), ("xi", ("auditor",)), ("a", ("admin",))):
        with quiet.person(who, *roles) as client:
            assert "for privacy officers" in reason(exported(quiet, client, ids["s1"]), 403)
            accesses = client.get(f"{quiet.url}/privacy/v1/accesses", params={"learner": ids["s1"]})
            assert "for privacy officers" in reason(accesses, 403)
    with quiet.program("all", "audit/read", "admin") as program:
        assert "lacks the scope privacy" in reason(exported(quiet, program, ids["s1"]), 403)
        assert exported(quiet, program).status_code == 403
    with quiet.program("privacy") as program:
        assert exported(quiet, program, ids["s1"]).status_code == 200
        assert "a credential is nobody" in reason(exported(quiet, program), 403)
        assert program.get("/people").status_code == 403
    with quiet.program("privacy", store="other") as elsewhere:
        assert "there is no learner" in reason(exported(quiet, elsewhere, ids["s1"]), 404)
    with quiet.person("nobody") as unknown:
        assert "no statement and no entry" in reason(exported(quiet, unknown), 404)
        assert "format is 'pdf'" in reason(exported(quiet, unknown, format="pdf"))
    with httpx.Client() as nobody:
        assert exported(quiet, nobody).status_code == 401


def test_the_command_writes_a_file(quiet: House, tmp_path: Path) -> None:
    quiet.post(completion("s1"))
    file = tmp_path / "s1.html"
    command = [sys.executable, "-m", "lrs.cli.main"]
    environment = {**os.environ, "LRS_DATABASE_URL": quiet.settings.database_url, "LRS_MASTER_KEY": MASTER}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)

    done = run("subject", "export", mail("s1"), "--output", str(file))
    assert done.stdout == f"1 statements and 0 documents are in {file}.\n", done.stderr
    assert "What is held about S1" in file.read_text(encoding="utf-8")
    looked = run("subject", "accesses", mail("s1"))
    assert re.search(r"command line +command line +subject export +1", looked.stdout), looked
    unknown = run("subject", "export", "zz@example.org")
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("lrs: no statement and no entry of the organisation is about zz@example.org")
    replayed = run("replay", "--learner", mail("s1"), "--format", "csv")
    assert replayed.stdout.startswith("position,happened,stored,late,kind,statement,effect")
    table = run("replay", "--learner", mail("s1"))
    assert "completed: a learning act that counts" in " ".join(table.stdout.split()) or "completed" in table.stdout
    assert run("replay", "--learner", mail("s1"), "--from", "soon").returncode == 1

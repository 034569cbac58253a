"""`lrs import` on a real database: whatever comes in, all of it that is right is there once."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lrs.importer import Refusals
from tests.importer.conftest import Stored
from tests.importer.given import Lrs, lines, many, statement


def _wrapped(items: list[dict[str, Any]]) -> bytes:
    return lines(*({"_id": {"$oid": str(number)}, "statement": item} for number, item in enumerate(items)))


@pytest.mark.parametrize(
    "written",
    [
        lambda items: lines(*items),
        lambda items: gzip.compress(lines(*items)),
        lambda items: json.dumps(items).encode(),
        lambda items: gzip.compress(json.dumps(items, indent=2).encode()),
        lambda items: json.dumps({"statements": items, "more": ""}, indent=2).encode(),
        lambda items: lines({"statements": items[:5], "more": "/x"}, {"more": "", "statements": items[5:]}),
        lambda items: lines({"statements": items[:5]}, {"statements": items[5:]}).replace(b"\n", b""),
        lambda items: b"\xef\xbb\xbf" + lines(*items).replace(b"\n", b"\r\n\r\n"),
        lambda items: lines(*items).replace(b"\n", b"\r"),
        _wrapped,
    ],
    ids=[
        "lines",
        "lines, gzip",
        "list",
        "list over lines, gzip",
        "result",
        "results",
        "one line",
        "mark and CRLF",
        "CR",
        "wrapped",
    ],
)
def test_all_forms_go_in_in_order_and_again_changes_nothing(lrs: Lrs, written: Any) -> None:
    items = many(12)
    outcome = lrs.imported(written(items))
    assert outcome.code == 0, outcome
    assert (outcome.count("Read"), outcome.count("Stored")) == (12, 12)
    assert [str(one) for one in lrs.ids()] == [item["id"] for item in items]
    again = lrs.imported(written(items))
    assert again.code == 0
    assert (again.count("Stored"), again.count("Already there")) == (0, 12)
    assert lrs.count() == 12
    assert lrs.refused() == []


def test_from_standard_input(lrs: Lrs) -> None:
    items = many(3)
    process = lrs.start("import", "-", stdin=subprocess.PIPE)
    out, err = process.communicate(gzip.compress(lines(*items, {"actor": "x"})))
    assert process.returncode == 1, err
    assert b"Refused                  1  (in stdin.refused.jsonl)" in out
    assert lrs.count() == 3
    assert lrs.refused("stdin")[0]["line"] == 4


def test_only_what_is_wrong_is_refused_and_can_be_mended(lrs: Lrs, stored: Stored) -> None:
    items = many(1200)
    first = lrs.imported(lines(items[700]))
    assert first.code == 0
    changed = {**items[700], "verb": {"id": "http://example.org/undid"}}
    wrong = {**items[20], "verb": {"id": "did"}}
    twice = {**items[3], "result": {"success": True}}
    content = lines(*items[:20], wrong, *items[21:700], changed, *items[701:], twice) + b'{"actor":\n'
    outcome = lrs.imported(content)
    assert outcome.code == 1
    assert [outcome.count(what) for what in ("Read", "Stored", "Already there", "Refused")] == [1202, 1198, 0, 4]
    refused = {entry["line"]: entry for entry in lrs.refused()}
    assert sorted(refused) == [21, 701, 1201, 1202]
    assert refused[21]["reason"].startswith("statement.verb.id: 'did'")
    assert refused[21]["statement"] == wrong
    assert refused[701]["reason"].startswith(f"statement.id: {changed['id']} is the id of another statement")
    assert "is not valid JSON" in refused[1202]["reason"]
    assert refused[1202]["text"] == '{"actor":'
    assert stored(items[700]["id"])["verb"]["id"] == "http://example.org/did"
    assert "result" not in stored(items[3]["id"])

    path = lrs.folder / "export.refused.jsonl"
    assert path.stat().st_mode & 0o077 == 0
    mended = lrs.run("import", str(path.rename(lrs.folder / "mended")))
    assert mended.count("Refused") == 4
    late = statement()
    (lrs.folder / "mended").write_bytes(
        lines({**refused[21], "statement": items[20]}, {**refused[1202], "text": json.dumps(late)})
    )
    assert lrs.run("import", str(lrs.folder / "mended")).code == 0
    assert lrs.count() == 1201
    assert stored(late["id"])["verb"]["id"] == "http://example.org/did"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_no_room_for_what_is_refused_is_said(lrs: Lrs) -> None:
    items = many(3)
    outcome = lrs.imported(lines(items[0], {"actor": "x"}, *items[1:]), "--refused", "/dev/full")
    assert outcome.code == 2
    assert "/dev/full can't be written: No space left on device; say with --refused where else" in outcome.err
    assert outcome.err.count("\n") == 1
    assert lrs.imported(lines(items[0], {"actor": "x"}, *items[1:])).code == 1
    assert lrs.count() == 3


def test_what_a_shell_names_for_a_pipe_has_its_refusals_in_the_working_folder(lrs: Lrs) -> None:
    (lrs.folder / "export").write_bytes(lines(*many(2), {"actor": "x"}))
    command = [f"{sys.executable} -m lrs.cli.main import <(cat export)"]
    environment = {**os.environ, **lrs.environment, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        ["bash", "-c", *command], cwd=lrs.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "(in stdin.refused.jsonl)" in done.stdout
    assert lrs.refused("stdin")[0]["line"] == 3
    assert lrs.count() == 2


@pytest.mark.parametrize("written", [lines, lambda *items: json.dumps(items).encode()], ids=["lines", "list"])
def test_what_is_too_large_is_refused_and_keeps_nothing_else_out(lrs: Lrs, written: Any) -> None:
    first, last = many(2)
    large = statement(context={"extensions": {"http://example.org/all": "x" * 2_000}})
    path = lrs.folder / "export"
    path.write_bytes(written(first, large, last))
    outcome = lrs.run("import", str(path), LRS_MAX_BODY_BYTES="1024")
    assert outcome.code == 1
    assert [outcome.count(what) for what in ("Read", "Stored", "Refused")] == [3, 2, 1]
    assert [str(one) for one in lrs.ids()] == [first["id"], last["id"]]
    [entry] = lrs.refused()
    assert entry["reason"].startswith(f"the item that begins at line {entry['line']}, byte ")
    assert "is larger than 1024 bytes: to import it, raise LRS_MAX_BODY_BYTES" in entry["reason"]
    assert entry["text"] == ""

    assert lrs.imported(lines(entry), name="as it was").count("Refused") == 1
    assert lrs.imported(lines({**entry, "statement": statement()}), name="mended").code == 0
    again = lrs.run("import", str(path))
    assert again.code == 0
    assert (again.count("Stored"), again.count("Already there")) == (1, 2)


def test_the_refusals_of_the_time_before_are_kept_aside(lrs: Lrs) -> None:
    assert lrs.imported(b'{"a":1}\n').code == 1
    assert lrs.imported(b'{"b":1}\n').code == 1
    assert lrs.refused()[0]["statement"] == {"b": 1}
    assert json.loads((lrs.folder / "export.refused.jsonl.before").read_bytes())["statement"] == {"a": 1}
    assert lrs.imported(b'{"b":1}\n').code == 1
    assert not (lrs.folder / "export.refused.jsonl.before.2").exists(), "the new one is the same"
    elsewhere = lrs.folder / "elsewhere"
    assert lrs.imported(b'{"c":1}\n', "--refused", str(elsewhere)).code == 1
    assert json.loads(elsewhere.read_bytes())["statement"] == {"c": 1}


def test_none_of_those_kept_aside_gives_way(tmp_path: Path) -> None:
    """One of them may be mended by now."""
    refusals = Refusals(tmp_path / "refused")
    (tmp_path / "refused.before.3").symlink_to("nowhere")
    for content in ("mended", "second", "third"):
        refusals.path.write_text(content)
        refusals.set_aside()
    kept = {path.name: path.read_text() for path in tmp_path.iterdir() if path.exists()}
    assert kept == {"refused.before": "mended", "refused.before.2": "second", "refused.before.4": "third"}


def test_what_is_no_file_is_never_moved(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    Refusals(pipe).set_aside()
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_without_id_or_timestamp_again_changes_nothing(lrs: Lrs, stored: Stored) -> None:
    items = [statement(id=None, timestamp=None, object={"id": f"http://example.org/{n}"}) for n in range(5)]
    known = statement(timestamp=None)
    content = lines(*items, items[0], known, known)
    outcome = lrs.imported(content)
    assert outcome.code == 0
    assert (outcome.count("Stored"), outcome.count("Already there")) == (6, 2)
    assert "6 had no id" in outcome.out
    assert "8 had no timestamp and got the moment of the first import" in outcome.out
    before = stored(known["id"])
    void = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"})
    void["object"] = {"objectType": "StatementRef", "id": str(lrs.ids()[0])}
    again = lrs.imported(lines(void) + content)
    assert again.code == 0
    assert (again.count("Stored"), again.count("Already there")) == (1, 8)
    assert stored(known["id"]) == before
    assert before["timestamp"] == before["stored"]


def test_the_mess_of_exports(lrs: Lrs, stored: Stored) -> None:
    null = statement(result=None, timestamp="2021-11-29 23:09:00", version="1.0.1")
    null["context"] = None
    two = statement(version="2.0.0", timestamp="2021-11-29T23:09:00+0100")
    void = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"})
    void["object"] = {"objectType": "StatementRef", "id": two["id"]}
    file = {"usageType": "http://example.org/u", "display": {}, "contentType": "a/b", "length": 1, "sha2": "0" * 64}
    attached = statement(attachments=[file], stored="2022-01-01T00:00:00Z", authority={"mbox": "mailto:lrs@other.org"})
    outcome = lrs.imported(lines(void, null, two, attached))
    assert outcome.code == 0
    assert "2 dates were written as RFC 3339, first on line 2: 2021-11-29 23:09:00 is now 2021-11-29T23:09:00Z" in (
        outcome.out
    )
    assert "1 property was null" in outcome.out
    assert "1 has attachments whose content is not in the file" in outcome.out
    assert stored(two["id"]) is None  # voided
    assert stored(null["id"])["version"] == "1.0.1"
    found = stored(attached["id"])
    assert found["authority"]["account"]["name"] == "import"
    assert found["stored"] > "2022-01-02"


def test_the_authority_is_kept_when_asked(lrs: Lrs, stored: Stored) -> None:
    named, unnamed = statement(authority={"mbox": "mailto:lrs@other.org"}), statement()
    assert lrs.imported(lines(named, unnamed), "--keep-authority").code == 0
    assert stored(named["id"])["authority"] == {"mbox": "mailto:lrs@other.org"}
    assert stored(unnamed["id"])["authority"]["account"]["name"] == "import"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda text: text[:-300], "the file ends within the item that begins at line 1, byte "),
        (lambda text: gzip.compress(text)[:-20], "the gzip data ends early"),
        (lambda text: text.replace(b", {", b"; {").replace(b"; {", b", {", 1100), "the list should go on with a comma"),
    ],
    ids=["cut off", "gzip cut off", "no list any more"],
)
def test_what_comes_before_the_damage_is_in(lrs: Lrs, content: Any, said: str) -> None:
    outcome = lrs.imported(content(json.dumps(many(1200)).encode()))
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.err.endswith("; what came before is imported\n")
    assert outcome.err.count("\n") == 1
    assert lrs.count() == outcome.count("Stored") > 0


def test_what_could_not_run_is_one_line(lrs: Lrs) -> None:
    path = lrs.folder / "export"
    content = lines({"a": 1}, statement())
    path.write_bytes(content)
    link = lrs.folder / "link"
    link.symlink_to(path)
    assert lrs.imported(b"", name="empty").code == 0  # with its first use a store is bound to its master key
    for arguments, environment, said in [
        ([str(path), "--store", "nowhere"], {}, "there is no store nowhere"),
        ([str(path), "--store", "No Where"], {}, "is no name for a store"),
        ([str(lrs.folder / "none")], {}, "can't be read: No such file"),
        ([str(lrs.folder)], {}, f"{lrs.folder} is a folder: name a file"),
        ([str(path)], {"LRS_MASTER_KEY": "11" * 32}, "the master key does not open"),
        ([str(path)], {"LRS_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "the database is not answering"),
        ([str(path)], {"LRS_MASTER_KEY": ""}, "LRS_MASTER_KEY"),
        ([str(path), "--refused", "/nowhere/x"], {}, "/nowhere can't be written to"),
        ([str(path), "--refused", str(lrs.folder)], {}, f"{lrs.folder} is a folder"),
        ([str(path), "--refused", str(path)], {}, f"{path} is what is imported"),
        ([str(path), "--refused", str(lrs.folder / ".." / lrs.folder.name / "export")], {}, "is what is imported"),
        ([str(path), "--refused", str(link)], {}, "link is what is imported"),
        ([str(link), "--refused", str(path)], {}, "export is what is imported"),
    ]:
        outcome = lrs.run("import", *arguments, **environment)
        assert outcome.code == 2, outcome
        assert said in outcome.err
        assert outcome.err.count("\n") == 1
        assert not outcome.out
    assert lrs.count() == 0
    assert path.read_bytes() == content


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_memory_does_not_grow_with_the_file(lrs: Lrs, tmp_path: Path) -> None:
    """All of it is refused, so that it goes fast: reading and splitting are what could keep it."""
    path, refused = tmp_path / "large", tmp_path / "refused"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"[")
        for _ in range(1_500):
            file.write(b'{"a":"%b"},' % (b"x" * 100_000))
        file.write(b"{}]")
    script = (
        "import re, sys; from pathlib import Path; from lrs.cli.main import app; code = 0\n"
        f"try: app(['import', {str(path)!r}, '--refused', {str(refused)!r}])\n"
        "except SystemExit as end: code = end.code\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(int(peak) // 1024, file=sys.stderr); sys.exit(code)"
    )
    process = lrs.start("-c", script)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert refused.stat().st_size > 150_000_000
    refused.unlink()
    assert int(err.split()[-1]) < 200, "megabytes"

"""Programs that run as our children."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from lrs.local.account import Account
from lrs.local.program import Program


@pytest.mark.parametrize("ours", [True, False])
def test_only_our_own_programs_get_our_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: bool) -> None:
    monkeypatch.setenv("LRS_MASTER_KEY", "a secret")
    monkeypatch.setenv("LANG", "C")
    names = "LRS_MASTER_KEY", "LRS_GIVEN", "LANG"
    program = Program(
        name="Shows",
        command=[sys.executable, "-c", f"import os; print([os.environ.get(name) for name in {names}])"],
        ready=lambda _: True,
        log=tmp_path / "log",
        environment={"LRS_GIVEN": "given"},
        ours=ours,
    )
    assert program.start().wait() == 0
    assert program.last_words() == str(["a secret" if ours else None, "given", "C"])


def test_its_last_words_are_what_was_wrong(tmp_path: Path) -> None:
    program = Program(name="Ends", command=["false"], ready=lambda _: True, log=tmp_path / "log")
    assert (program.last_words(), program.complaint()) == ("", "")
    full = 'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device'
    for logged, last, complaint in (
        (["LOG:  ready", "LOG:  done"], "LOG:  done", ""),
        (["LOG:  ready", full, "FATAL:  the database system is in recovery mode", "LOG:  shut down"], full, full),
        (["ERROR:  duplicate key", "FATAL:  terminating connection due to administrator command"], None, ""),
        (["LOG:  could not receive data from client: Connection reset by peer"], None, ""),
        (["initdb: error: no room", "initdb: removing it again"], "initdb: error: no room", "initdb: error: no room"),
        (["[7] [FTL] Can't start JetStream", "[7] [INF] end"], "[7] [FTL] Can't start JetStream", None),
    ):
        (tmp_path / "log").write_text("\n".join(logged) + "\n")
        assert program.last_words() == (logged[-1] if last is None else last)
        assert program.complaint() == (logged[0] if complaint is None else complaint)


def test_its_last_words_are_those_of_this_time(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("FATAL:  it was something else then\n")
    program = Program(name="Ends", command=["sh", "-c", "echo gone"], ready=lambda _: True, log=log)
    assert program.start().wait() == 0
    assert (program.last_words(), program.complaint()) == ("gone", "")


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of Linux gives itself up for another"
)
def test_who_is_no_longer_root_is_told_that_what_it_may_reach_can_be_reached(tmp_path: Path) -> None:
    """As in a checkout below /root, where Postgres asks access(2) whether its programs are there."""
    account = Account.for_servers(tmp_path)
    assert account
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tool = Path(shutil.copy("/bin/true", closed))
    capability = account.capability_to_reach([tool])
    assert capability is not None
    program = Program(
        name="Asks",
        command=[sys.executable, "-c", f"import os; raise SystemExit(not os.access({str(tool)!r}, os.X_OK))"],
        ready=lambda _: True,
        account=account,
        capability=capability,
    )
    assert program.start().wait() == 0

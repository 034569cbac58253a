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
    (tmp_path / "log").write_text("LOG:  ready\nLOG:  done\n")
    assert (program.last_words(), program.complaint()) == ("LOG:  done", "")
    full = 'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device'
    (tmp_path / "log").write_text(f"LOG:  ready\n{full}\nLOG:  shut down\n")
    assert program.last_words() == program.complaint() == full


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

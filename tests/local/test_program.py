"""Programs that run as our children."""

import sys
from pathlib import Path

import pytest

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

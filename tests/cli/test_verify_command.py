"""What `lrs verify` makes of the program that compares projections."""

import subprocess
from typing import Any

import pytest
import typer

from lrs.cli.verify import verify


@pytest.mark.parametrize(("ended", "code"), [(1, 1), (2, 2), (-9, 2), (137, 2)])
def test_what_could_not_be_compared_is_no_success(ended: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], ended)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(typer.Exit) as exited:
        verify(["streaks"])
    assert exited.value.exit_code == code

"""Commands that are named as they can be typed."""

import sysconfig
from pathlib import Path

import pytest

from lrs.cli.typed import typed


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our executable in an environment of its own, which isn't on PATH."""
    own = tmp_path / ".venv" / "bin" / "lrs"
    own.parent.mkdir(parents=True)
    own.touch(mode=0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(own.parent))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("LRS_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return own


def test_below_the_current_folder_by_the_way_there() -> None:
    assert typed("dashboard", "link") == ".venv/bin/lrs dashboard link"


@pytest.mark.parametrize("folder", ["other", ".venv/bin"])
def test_elsewhere_by_the_whole_path(own: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    Path(folder).mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    assert typed("up") == f"{own} up"


def test_on_path_by_name_if_it_is_ours(own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("PATH", str(other))
    (other / "lrs").touch(mode=0o755)
    assert typed("up") == ".venv/bin/lrs up"
    (other / "lrs").unlink()
    (other / "lrs").symlink_to(own)
    assert typed("up") == "lrs up"
    own.unlink()
    assert typed("up") == "lrs up"


def test_on_the_data_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATA", "data of mine")
    assert typed("up") == "LRS_DATA='data of mine' .venv/bin/lrs up"

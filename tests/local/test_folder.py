"""The data folder, held by one process."""

from pathlib import Path

import pytest

from lrs.local.folder import locked
from lrs.local.leftover import PidFiles
from lrs.local.problem import CannotStart


def test_what_can_t_be_done_in_it_is_told_with_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.touch()  # as closed to us as a folder that may not be written, for root as well
    with pytest.raises(CannotStart) as refused, locked(tmp_path):
        (folder / "servers.toml").touch()
    assert str(refused.value) == f"{folder / 'servers.toml'} can't be used: Not a directory"


def test_what_goes_wrong_elsewhere_goes_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path / "data"):
        (tmp_path / "nowhere" / "file").touch()


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "17",
        '"x"',
        '{"pid": [], "started": 0, "signal": 15}',
        '{"pid": 1e400}',
        '{"pid": 1%s}' % ("0" * 30),
    ],
)
def test_what_is_no_note_of_a_process_is_no_obstacle(tmp_path: Path, text: str) -> None:
    (tmp_path / "worker-0.pid").write_text(text)
    PidFiles(tmp_path).stop_leftovers()
    assert list(tmp_path.iterdir()) == []

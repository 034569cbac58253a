"""Files that are written all at once, or for ourselves alone."""

import os
from pathlib import Path
from stat import S_IMODE

import pytest

from lrs.errors import Malformed
from lrs.files import drafted, open_private, write_durably


def test_a_file_is_replaced_as_a_whole_and_no_draft_stays(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_durably(path, "before, and longer")
    write_durably(path, "ná", private=True)
    assert path.read_text(encoding="utf-8") == "ná"
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


def test_what_can_t_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_durably(tmp_path / "folder", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_what_was_there_stays_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), drafted(path) as file:
        file.writelines(b"%d" % (1 // (2 - number)) for number in range(3))
    assert path.read_text(encoding="utf-8") == "before"
    with drafted(path) as file:
        file.write(b"all")
        assert path.read_text(encoding="utf-8") == "before"
    assert path.read_text(encoding="utf-8") == "all"
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["page"]


def test_a_link_stays_one_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    target, link, pipe = (tmp_path / name for name in ("target", "link", "pipe"))
    target.write_text("before", encoding="utf-8")
    link.symlink_to(target)
    with drafted(link) as file:
        file.write(b"all")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "all"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with drafted(pipe) as file:
        file.write(b"all")
    assert os.read(reader, 10) == b"all"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("name", "why"), [(".", "is a folder"), ("no/x", "No such file"), ("x" * 300, "File name too long")]
)
def test_where_no_file_can_be_is_said(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(Malformed, match=why), drafted(tmp_path / name):
        pytest.fail("there is something to write to")


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_who_may_read_it(tmp_path: Path, *, private: bool, mode: int) -> None:
    before = os.umask(0o022)
    try:
        write_durably(tmp_path / "kept", "", private=private)
        with open_private(tmp_path / "opened"):
            pass
    finally:
        os.umask(before)
    assert S_IMODE((tmp_path / "kept").stat().st_mode) == mode
    assert S_IMODE((tmp_path / "opened").stat().st_mode) == 0o600

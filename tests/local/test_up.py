"""`lrs up`: starting, stopping, and what may go wrong in between."""

import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.local.secrets import is_untold, master_key_file
from tests.local.upped import Up, until


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vw-") as folder:
        yield Path(folder) / "data"


def _running(data: Path) -> Iterator[Up]:
    running = Up(data)
    try:
        running.wait_until_ready()
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@pytest.fixture
def up(data: Path) -> Iterator[Up]:
    yield from _running(data)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Up]:
    """One that goes on whatever these tests do to it."""
    with tempfile.TemporaryDirectory(prefix="vw-") as folder:
        yield from _running(Path(folder) / "data")


def test_a_second_start_finds_the_data_and_the_credential_again(up: Up, data: Path) -> None:
    up.send()
    key, secret = re.findall(r"^(?:Key|Secret) +(\S+)$", up.output, re.MULTILINE)
    assert up.stop() == 0
    again = Up(data)
    again.wait_until_ready()
    assert again.has_it()
    assert key in again.output
    assert f"The master key was made just now: {data / 'master.key'}\n" in up.output
    assert "master key" not in again.output
    assert secret in again.output
    assert again.stop(signal.SIGINT) == 0
    assert "duplicate key" not in (data / "log" / "postgres.log").read_text()


def test_who_was_not_told_of_the_master_key_is_told_at_the_next_start(data: Path) -> None:
    data.mkdir()
    master_key_file(data)  # by a start that didn't come further
    running = Up(data)
    running.wait_until_ready()
    assert f"The master key was made just now: {data / 'master.key'}\n" in running.output
    until(lambda: not is_untold(data), "it to be noted")
    assert running.stop() == 0


def test_the_printed_curl_line_works_when_pasted(lasting: Up) -> None:
    line = next(line for line in lasting.output.splitlines() if line.startswith("curl"))
    answer = subprocess.run(["/bin/sh", "-c", f"{line} --silent --fail"], capture_output=True, text=True, check=False)
    assert re.fullmatch(r'\["[0-9a-f-]{36}"\]', answer.stdout), answer.stderr


def test_hanging_up_the_terminal_stops_it_all(up: Up) -> None:
    assert up.stop(signal.SIGHUP) == 0


@pytest.mark.parametrize(
    ("program", "name"), [("bin/postgres", "Postgres"), ("nats-server", "NATS"), ("--descriptor", "Worker")]
)
def test_what_dies_is_started_again(lasting: Up, program: str, name: str) -> None:
    lasting.send()
    lasting.child(program).kill()
    until(lambda: f"{name} is back" in lasting.output, f"{name} to be back")
    assert f"{name} was killed by SIGKILL: starting it again" in lasting.output
    until(lasting.has_it, "the statement to be readable")


def test_killing_everything_loses_nothing(up: Up, data: Path) -> None:
    up.send()
    up.kill_all()
    again = Up(data)
    again.wait_until_ready()
    assert again.has_it()
    assert again.stop() == 0


def test_killing_the_parent_ends_its_children_or_the_next_start_does(up: Up, data: Path) -> None:
    up.send()
    children = up.children()
    up.process.kill()
    up.process.wait()
    again = Up(data)
    again.wait_until_ready()
    assert not any(child.is_running() for child in children)
    assert again.has_it()
    assert again.stop() == 0


def test_a_pid_file_that_names_another_process_is_no_obstacle(up: Up, data: Path) -> None:
    up.kill_all()
    pid_file = data / "postgres" / "postmaster.pid"
    pid_file.write_text("\n".join(["1", *pid_file.read_text().splitlines()[1:]]) + "\n")
    again = Up(data)
    again.wait_until_ready()
    assert again.stop() == 0


def test_a_port_in_use_is_one_line_and_leaves_nothing_running(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = Up(data, LRS_PORT=str(port))
        assert refused.process.wait(60) == 2
        assert refused.output == (
            f"lrs: port {port} on 127.0.0.1 is in use: stop what uses it, or choose another with LRS_PORT\n"
        )
    assert not (data / "postgres").exists()


def test_a_second_one_on_the_same_folder_is_refused(lasting: Up) -> None:
    second = Up(lasting.data)
    assert second.process.wait(60) == 2
    assert second.output == (
        f"lrs: `lrs up` is running on {lasting.data} already (process {lasting.process.pid}): "
        "stop that one, or name another folder with LRS_DATA\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LRS_WORKERS", "none", "LRS_WORKERS: expected a whole number from 1 to 64, not 'none'"),
        ("LRS_DATABASE_URL", "here", "LRS_DATABASE_URL is no Postgres URL: write postgresql://user@host/database"),
        ("LRS_NATS_URL", "here", "LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222"),
        ("LRS_WITNESSES", "here", "LRS_WITNESSES: "),
        ("LRS_OIDC_ROLES", "x=king", "LRS_OIDC_ROLES: expected value=learner or "),
    ],
)
def test_a_wrong_setting_is_one_line(data: Path, name: str, value: str, said: str) -> None:
    refused = Up(data, **{name: value})
    assert refused.process.wait(60) == 2
    assert refused.output.startswith(f"lrs: {said}")
    assert refused.output.count("\n") == 1
    assert not data.exists()


def test_a_wrong_master_key_at_the_first_start_leaves_the_folder_usable(data: Path) -> None:
    refused = Up(data, LRS_MASTER_KEY="zz")
    assert refused.process.wait(60) == 2
    assert refused.output.startswith("lrs: LRS_MASTER_KEY: ")
    running = Up(data)
    running.wait_until_ready()
    assert running.stop() == 0


def test_a_folder_too_deep_for_a_socket_works(data: Path) -> None:
    deep = Up(data / ("deep" * 30) / "data", LRS_WORKERS="2", TMPDIR=str(data.parent))
    deep.wait_until_ready()
    deep.send()
    assert deep.stop() == 0


def test_a_lost_master_key_is_not_replaced(up: Up, data: Path) -> None:
    assert up.stop() == 0
    (data / "master.key").unlink()
    refused = Up(data)
    assert refused.process.wait(60) == 2
    assert refused.output.startswith(f"lrs: {data / 'master.key'} is missing")


def test_the_given_first_credential_works_and_is_kept_nowhere(data: Path) -> None:
    running = Up(data, LRS_KEY="mine", LRS_SECRET="my secret")
    running.wait_until_ready()
    assert not (data / "credential").exists()
    assert "my secret" in running.output
    assert running.stop() == 0

"""`lrs import`, stopped in the middle."""

import signal
import subprocess
import time

import pytest

from tests.importer.given import Lrs, lines, many


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_and_run_again_it_is_complete(lrs: Lrs, number: signal.Signals) -> None:
    items = many(20_000)
    path = lrs.folder / "export"
    path.write_bytes(lines(*items))
    process = lrs.start("import", str(path))
    while lrs.count() < 2_000:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    with lrs.held():  # however quick it is, it doesn't get to the end before the signal
        process.send_signal(number)
    out, err = process.communicate(timeout=120)
    interrupted = lrs.count()
    assert 2_000 <= interrupted < 20_000
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert b"run the same command again" in err
        assert f"Stored        {interrupted:>12,}" in out.decode()
    outcome = lrs.run("import", str(path))
    assert outcome.code == 0
    assert (outcome.count("Already there"), outcome.count("Stored")) == (interrupted, 20_000 - interrupted)
    assert [str(one) for one in lrs.ids()] == [item["id"] for item in items]


def test_interrupted_while_a_pipe_is_silent_it_ends_at_once(lrs: Lrs) -> None:
    process = lrs.start("import", "-", stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(lines(*many(700)))
    process.stdin.flush()
    while lrs.count() < 500:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    _, err = process.communicate()
    assert err == b"lrs: interrupted; run the same command again to go on\n"

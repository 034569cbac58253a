"""What few need isn't loaded by programs that start (DECISIONS.md, 2026-11-28)."""

import subprocess
import sys

import pytest

_SERVER = {"httpx", "joserfc", "nats", "psutil", "rich"}
_COMMAND_LINE = {"httpx", "joserfc", "litestar", "nats", "rich"}


@pytest.mark.parametrize(
    ("modules", "others"),
    [
        ("lrs.cli.serve, lrs.app, lrs.protocol", _SERVER),
        ("lrs.cli.up, lrs.cli.first, lrs.cli.dashboard", _COMMAND_LINE),
        ("lrs.audit.tree.notary", _COMMAND_LINE),
    ],
)
def test_what_few_need_is_not_loaded_by_all(modules: str, others: set[str]) -> None:
    program = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert others.isdisjoint(loaded)

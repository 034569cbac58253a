"""What a figure was measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from lrs.settings import Settings


def described(settings: Settings) -> str:
    """Give date, processor, memory and versions in a line."""
    with psycopg.connect(settings.database()) as connection:
        durable = {name: _setting(connection, name) for name in ("fsync", "synchronous_commit", "full_page_writes")}
        postgres = _setting(connection, "server_version")
    return ", ".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"{_processor()}, {os.cpu_count()} cores",
            f"{psutil.virtual_memory().total / (1 << 30):.0f} GiB",
            platform.platform(terse=True),
            f"Python {platform.python_version()}",
            f"PostgreSQL {postgres} ({', '.join(f'{name} {value}' for name, value in durable.items())})",
        ]
    )


def load() -> str:
    """Say how busy the machine was before the run: figures from a shared one say less."""
    return f"load average before: {os.getloadavg()[0]:.1f}"


def _setting(connection: "psycopg.Connection[tuple[str, ...]]", name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row
    return row[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())

"""One browser for these tests, and people who are signed in."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from lrs.cli.dashboard import new_link, opened_as
from lrs.settings import load
from tests.browser.chromium import MISSING, chromium
from tests.browser.visit import Look, Visit, visiting
from tests.demo.played import Demo

# Nothing here is about how quick things are, and machines are busy.
expect.set_options(timeout=30_000)
PEOPLE: dict[str, tuple[str | None, list[str]]] = {
    "learner": ("sanne.appelboom@example.org", []),
    "manager": ("noor.lichthart@example.org", []),
    "lnd": ("tariq.vanderzee@example.org", ["lnd"]),
    "admin": (None, []),
}
"""Who looks: their address and roles."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run Chromium. Not longer than for these tests: while it runs, no other event loop can."""
    program = chromium()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="package")
def signed_in(demo: Demo) -> Callable[[str], Mapping[str, str]]:
    """Give the cookies of somebody's session; each of ``PEOPLE`` signs in once."""
    sessions: dict[str, Mapping[str, str]] = {}

    def cookies(who: str) -> Mapping[str, str]:
        if who not in sessions:
            with httpx.Client(follow_redirects=False) as client:
                assert client.get(one_time_link(demo, who)).status_code == 303
                sessions[who] = dict(client.cookies)
        return sessions[who]

    return cookies


def one_time_link(demo: Demo, who: str) -> str:
    """Give a new link that signs somebody in."""
    settings = load({"LRS_DATA": str(demo.up.data)})
    # In a thread of its own: the browser's event loop runs in this one.
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(new_link, settings, opened_as(*PEOPLE[who], settings.store)).result()


@pytest.fixture(scope="package")
def windows(browser: Browser, demo: Demo) -> Iterator[Callable[[Look], Visit]]:
    """Give a window for each look, opened once: windows are slow to open."""
    with ExitStack() as open_windows:
        opened: dict[Look, Visit] = {}

        def window(look: Look) -> Visit:
            if look not in opened:
                opened[look] = open_windows.enter_context(visiting(browser, demo.url, look, {}))
            return opened[look]

        yield window

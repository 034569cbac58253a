"""One browser for these tests, and people who are signed in."""

import os
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import MISSING, chromium
from tests.demo.played import Demo

# Nothing here is about how quick things are, and machines are busy.
expect.set_options(timeout=30_000)
PEOPLE = {
    "learner": ("--as", "sanne.appelboom@example.org"),
    "manager": ("--as", "noor.lichthart@example.org"),
    "invisible": ("--as", "victor.centenbak@example.org"),
    "lnd": ("--as", "tariq.vanderzee@example.org", "--role", "lnd"),
    "admin": (),
}
"""Who looks, and how a one-time link for them is asked for."""


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
    printed = demo.run("dashboard", "link", *PEOPLE[who])
    assert printed.returncode == 0, printed.stderr
    return printed.stdout.split()[-1]

"""How tests visit pages: as a browser would, with a session that a one-time link opened."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx

from lrs.sign_in import Links, Person, Role, TokenSeal, stored_secret
from tests.insights.house import KEY, House, mail

EVIL = "<script>alert(1)</script>' onload=\"x"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def links(house: House) -> Links:
    """The server's links."""
    url = house.settings.database_url
    return Links(url, TokenSeal(lambda: stored_secret(url, KEY)))


def new_link(house: House, who: str | None, *roles: Role, store: str = "default") -> str:
    """A link for somebody with these roles."""
    identity = None if who is None else f"mbox:mailto:{mail(who)}"
    person = Person("test", who or "Administrator", identity, frozenset({"learner", *roles}), store, by_link=True)
    return f"/dashboard/enter/{asyncio.run(links(house).make(person))}"


def stranger(house: House, **headers: str) -> httpx.Client:
    """A browser in which nobody is signed in."""
    return httpx.Client(base_url=house.url, headers={**BROWSER, **headers}, timeout=30)


@contextmanager
def visit(
    house: House, who: str | None, *roles: Role, store: str = "default", **headers: str
) -> Iterator[httpx.Client]:
    """A browser in which somebody is signed in."""
    with stranger(house, **headers) as browser:
        assert browser.get(new_link(house, who, *roles, store=store)).status_code == 303
        yield browser


def csrf(page: httpx.Response) -> str:
    """The token that a page's forms send."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a" and (href := dict(attrs).get("href")):
            self.links.append(href)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: httpx.Response) -> _Page:
    """A page's tags, links and text."""
    made = _Page()
    made.feed(page.text)
    return made


def text(page: httpx.Response) -> str:
    """What is to be read on a page, spaces brought together."""
    return " ".join(" ".join(parsed(page).text).split())

"""A visit to the dashboard: a page in a browser, signed in as somebody, whose every complaint is noted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

Language = Literal["nl", "en"]
NARROW, WIDE = (390, 844), (1280, 900)
_AXE = Axe()


class Look(NamedTuple):
    """How somebody looks at a page."""

    language: Language
    size: tuple[int, int]
    theme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.language}-{'narrow' if self.size == NARROW else 'wide'}-{self.theme}"


LOOKS = (
    Look("nl", NARROW, "light"),
    Look("nl", WIDE, "dark"),
    Look("en", NARROW, "dark"),
    Look("en", WIDE, "light"),
)
"""Each language, width and theme with each of the others."""


class Visit:
    """A page and what went wrong on it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.loaded: dict[str, int] = {}
        """Bytes of each answer, by its address."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def sign_in(self, cookies: Mapping[str, str]) -> None:
        """Look with the eyes of whose session this is."""
        self.context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in cookies.items()])

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page and give it when it has loaded."""
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status} {self.page.title()}"
        return self.page

    def axe(self) -> str:
        """Give what axe finds wrong with the page; empty: nothing."""
        found = _AXE.run(self.page)
        return str(found.generate_report()) if found.violations_count else ""

    def wide_enough(self) -> bool:
        """Tell whether the page fits the window without scrolling sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def texts(self) -> set[str]:
        """Give each text that is on the page, also those for screen readers and tooltips."""
        return set(self.page.evaluate(_TEXTS))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({self.page.url})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and f"{address.scheme}://{address.netloc}" != self.url:
            self.problems.append(f"asks somebody else: {request.url}")

    def _answered(self, response: Response) -> None:
        self.loaded[response.url] = int(response.headers.get("content-length", 0))
        if response.status >= 500:
            self.problems.append(f"answered with {response.status}: {response.url}")


_TEXTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement.closest("script, style, [lang]:not(html), code, pre");
    if (!parent) found.push(walk.currentNode.textContent.replace(/\\s+/g, " ").trim());
  }
  for (const one of document.querySelectorAll("[title], [aria-label]"))
    found.push((one.title || "").trim(), (one.getAttribute("aria-label") || "").trim());
  return found.filter((text) => text);
}"""


@contextmanager
def visiting(browser: Browser, url: str, look: Look, cookies: Mapping[str, str], **options: Any) -> Iterator[Visit]:
    """Look at pages in a window of their own; ends with an assertion that nothing went wrong."""
    width, height = look.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=look.theme,
        locale=look.language,
        timezone_id="Europe/Amsterdam",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(60_000)
    visit = Visit(context, url)
    visit.sign_in({"vliegwiel-language": look.language, "vliegwiel-theme": look.theme, **cookies})
    try:
        yield visit
        assert visit.problems == []
    finally:
        context.close()

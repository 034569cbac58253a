"""Pictures of each view of the dashboard, on the demo: ``make screenshots`` puts them in ``docs/screenshots``."""

import sys
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.chromium import MISSING, chromium
from tests.browser.conftest import PEOPLE, one_time_link
from tests.browser.views import VIEWS, follow
from tests.browser.visit import NARROW, WIDE, Look, visiting
from tests.demo.played import played

FOLDER = Path("docs/screenshots")
_COLOURS = 255
_LOOKS = (Look("en", WIDE, "light"), Look("nl", NARROW, "dark"))
_TALLEST = 1700


def main() -> None:
    """Start the demo, look at each view, and keep what it looks like."""
    program = chromium()
    if program is None:
        sys.exit(MISSING)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with played() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        sessions = {}
        for who in PEOPLE:
            with httpx.Client() as client:
                client.get(one_time_link(demo, who))
                sessions[who] = dict(client.cookies)
        for look in _LOOKS:
            for view in VIEWS:
                path = FOLDER / f"{view.name}-{look}.png"
                with visiting(browser, demo.url, look, sessions[view.who]) as visit:
                    page = visit.open(view.path)
                    follow(page, view)
                    keep(page.screenshot(full_page=True, animations="disabled"), path)
                print(f"{path}  {path.stat().st_size // 1024} kB")
        browser.close()


def keep(picture: bytes, path: Path) -> None:
    """Write a picture, its bottom cut off if it is very tall, in as few colours as don't show."""
    with Image.open(BytesIO(picture)) as image:
        cut = image.convert("RGB").crop((0, 0, image.width, min(image.height, _TALLEST)))
        cut.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()

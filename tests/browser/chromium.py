"""Finds Chromium on this machine. Playwright brings none: a browser is the machine's to install and keep up to date."""

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "there is no Chromium here: `apt-get install chromium` (Debian), `brew install --cask chromium` (macOS), "
    "or name one in CHROMIUM"
)


def chromium() -> str | None:
    """Give the program, None if there is none: what CHROMIUM names, else the first of the usual ones."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = (shutil.which(name) for name in _NAMES)
    return next((one for one in on_path if one), None) or next((one for one in _ON_MACOS if Path(one).exists()), None)

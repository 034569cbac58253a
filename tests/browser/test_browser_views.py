"""Each view, in each language, narrow and wide, light and dark: readable for everybody, and quiet."""

from collections.abc import Callable, Mapping
from io import StringIO

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser

from lrs.dashboard.language import catalogue_of
from tests.browser.views import VIEWS, View, follow
from tests.browser.visit import LOOKS, Look, visiting
from tests.demo.played import Demo

Cookies = Callable[[str], Mapping[str, str]]
ENGLISH = {
    one.id
    for one in read_po(StringIO(catalogue_of("nl")), locale="nl")
    if isinstance(one.id, str) and one.id and one.string and one.id != one.string and "%" not in one.id
}
"""Texts that are said otherwise in Dutch."""


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_is_for_everybody(view: View, look: Look, browser: Browser, demo: Demo, signed_in: Cookies) -> None:
    with visiting(browser, demo.url, look, signed_in(view.who)) as visit:
        page = visit.open(view.path)
        follow(page, view)
        assert page.locator("html").get_attribute("lang") == look.language
        assert page.locator("h1").count() == 1
        assert visit.wide_enough(), f"{view.name} is wider than {look.size[0]}"
        assert visit.axe() == ""
        if look.language == "nl":
            assert not ENGLISH & visit.texts()
        page.evaluate("document.fonts.ready")

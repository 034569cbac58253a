"""Each view, in each language, narrow and wide, light and dark: readable for everybody, and quiet."""

from collections.abc import Callable, Mapping
from io import StringIO

import pytest
from babel.messages.pofile import read_po

from lrs.dashboard.language import catalogue_of
from tests.browser.views import VIEWS, View, follow
from tests.browser.visit import LOOKS, Look, Visit

ENGLISH = {
    one.id
    for one in read_po(StringIO(catalogue_of("nl")), locale="nl")
    if isinstance(one.id, str) and one.id and one.string and one.id != one.string and "%" not in one.id
}
"""Texts that are said otherwise in Dutch."""


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_view_is_for_everybody(
    view: View, look: Look, windows: Callable[[Look], Visit], signed_in: Callable[[str], Mapping[str, str]]
) -> None:
    visit = windows(look)
    visit.problems.clear()
    visit.sign_in(signed_in(view.who))
    page = visit.open(view.path)
    follow(page, view)
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.locator("h1").count() == 1
    assert visit.wide_enough(), f"{view.name} is wider than {look.size[0]}"
    assert visit.axe() == ""
    if look.language == "nl":
        english = ENGLISH & visit.texts()
        assert not english
    assert visit.problems == []

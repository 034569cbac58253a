"""What people do with the dashboard: sign in and out, by keyboard alone, and see what is new without asking."""

from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from projections.meaning.read import PROFILE
from tests.browser.conftest import one_time_link
from tests.browser.visit import LOOKS, NARROW, WIDE, Look, visiting
from tests.demo.played import Demo

Cookies = Callable[[str], Mapping[str, str]]
ENGLISH = Look("en", WIDE, "light")


def test_a_link_signs_in_once(browser: Browser, demo: Demo) -> None:
    link = one_time_link(demo, "learner").removeprefix(demo.url)
    with visiting(browser, demo.url, ENGLISH, {}) as visit:
        page = visit.open(link)
        assert page.url.endswith("/dashboard/me")
        expect(page.locator("h1")).to_contain_text("Sanne")
        # The session's secret is nothing that a script can read.
        assert "session" not in page.evaluate("document.cookie")
    with visiting(browser, demo.url, ENGLISH, {}) as visit:
        visit.open(link, status=403)
        assert visit.axe() == ""
        visit.problems.clear()  # the browser says so itself of every page that is refused


def test_signing_out_ends_it(browser: Browser, demo: Demo) -> None:
    link = one_time_link(demo, "manager").removeprefix(demo.url)
    with visiting(browser, demo.url, ENGLISH, {}) as visit:
        page = visit.open(link)
        page.locator("details.account summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
        page.goto(f"{demo.url}/dashboard/me")
        expect(page.locator("h1")).not_to_contain_text("Noor")
        visit.problems.clear()


@pytest.mark.parametrize(
    ("who", "sees", "not_theirs"),
    [
        (
            "learner",
            ["Me", "Statements"],
            ["/dashboard/team/sales", "/dashboard/organisation", "/dashboard/operations"],
        ),
        ("manager", ["Me", "My team", "Statements"], ["/dashboard/team/sales", "/dashboard/organisation"]),
        ("lnd", ["Me", "Organisation", "Statements"], ["/dashboard/operations"]),
    ],
)
def test_everybody_sees_what_is_theirs(
    who: str, sees: list[str], not_theirs: list[str], browser: Browser, demo: Demo, signed_in: Cookies
) -> None:
    with visiting(browser, demo.url, ENGLISH, signed_in(who)) as visit:
        page = visit.open("/dashboard/me")
        assert page.locator("nav.views a").all_inner_texts() == sees
        for path in not_theirs:
            answer = page.goto(f"{demo.url}{path}")
            assert answer is not None
            assert answer.status in (403, 404), path
            assert page.locator("h1").count() == 1
        visit.problems.clear()


def test_what_is_new_is_there_without_reloading(browser: Browser, demo: Demo, signed_in: Cookies) -> None:
    with visiting(browser, demo.url, ENGLISH, signed_in("learner")) as visit:
        page = visit.open("/dashboard/me")
        page.evaluate("window.sameAsBefore = true")
        newest = page.locator("[data-live='did'] li a").first
        before = newest.get_attribute("href")
        say(demo)
        expect(newest).not_to_have_attribute("href", str(before))
        expect(newest).to_contain_text("Looked back")
        assert page.evaluate("window.sameAsBefore"), "it was loaded anew"
        expect(page.locator("[data-live-status]")).to_have_text("Just updated")


def say(demo: Demo) -> None:
    """Let Sanne reflect on what she learnt, in some app."""
    with demo.up.client() as client:
        answer = client.post(
            "/statements",
            json={
                "actor": {"mbox": "mailto:sanne.appelboom@example.org"},
                "verb": {"id": f"{PROFILE}/verbs/reflected"},
                "object": {
                    "id": "https://content.example.org/cmi5/difficult-calls",
                    "definition": {"type": "https://w3id.org/xapi/cmi5/activitytype/course"},
                },
                "result": {"response": "Now I know."},
            },
        )
    assert answer.status_code == 200, answer.text


def test_language_and_colours_are_chosen_and_kept(browser: Browser, demo: Demo, signed_in: Cookies) -> None:
    with visiting(browser, demo.url, ENGLISH, signed_in("learner")) as visit:
        page = visit.open("/dashboard/me")
        page.get_by_role("button", name="Nederlands").click()
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        page.locator("button[name='theme'][value='dark']").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        visit.open("/dashboard/me")
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("who", "path"), [("learner", "/dashboard/me"), ("manager", "/dashboard/team"), ("lnd", "/dashboard/organisation")]
)
def test_everything_is_reached_by_keyboard(
    who: str, path: str, size: tuple[int, int], browser: Browser, demo: Demo, signed_in: Cookies
) -> None:
    with visiting(browser, demo.url, Look("en", size, "light"), signed_in(who)) as visit:
        page = visit.open(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.goto(f"{demo.url}{path}")
        reachable = page.evaluate(_REACHABLE)
        for number in range(reachable):
            page.keyboard.press("Tab")
            state = page.evaluate(_FOCUSED)
            assert state["number"] == number, state
            assert state["shown"], f"nobody sees that {state['text']!r} has the focus"


def test_signing_out_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    link = one_time_link(demo, "learner").removeprefix(demo.url)
    with visiting(browser, demo.url, ENGLISH, {}) as visit:
        page = visit.open(link)
        tab_to(page, "summary")
        page.keyboard.press("Enter")
        tab_to(page, "button.quiet")
        page.keyboard.press("Enter")
        expect(page.locator("details.account")).to_have_count(0)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} isn't reached by Tab")


_REACHABLE = """() => {
  const kinds = "a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex='0']";
  window.reachable = [...document.querySelectorAll(kinds)]
    .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  return window.reachable.length;
}"""
_FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    number: window.reachable.indexOf(one),
    text: one.textContent.trim() || one.name || one.tagName,
    shown: box.width > 0 && (style.outlineStyle !== "none" || style.boxShadow !== "none"),
  };
}"""


def test_the_first_page_is_small(browser: Browser, demo: Demo, signed_in: Cookies) -> None:
    with visiting(browser, demo.url, ENGLISH, signed_in("learner")) as visit:
        visit.open("/dashboard/me")
        assert visit.loaded
        assert sum(visit.loaded.values()) < 100_000, visit.loaded


def test_a_page_prints_without_what_is_for_screens(browser: Browser, demo: Demo, signed_in: Cookies) -> None:
    for look in LOOKS[:1]:
        with visiting(browser, demo.url, look, signed_in("lnd")) as visit:
            page = visit.open("/dashboard/organisation")
            page.emulate_media(media="print")
            expect(page.locator("nav.views")).not_to_be_visible()
            assert len(page.pdf()) > 5_000

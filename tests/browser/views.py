"""The dashboard's views: who looks at them, and where they are."""

from typing import NamedTuple

from playwright.sync_api import Page


class View(NamedTuple):
    """A page of the dashboard."""

    name: str
    who: str
    path: str
    then: str = ""
    """Which link to follow from there (a selector); empty: none."""


VIEWS = (
    View("me", "learner", "/dashboard/me"),
    View("follow-up", "learner", "/dashboard/me", "main a[href*='/follow-ups/']"),
    View("week", "learner", "/dashboard/me", "main a[href*='/weeks/']"),
    View("my-statements", "learner", "/dashboard/me", "main a[href*='/statements?']"),
    View("team", "manager", "/dashboard/team"),
    View("person", "manager", "/dashboard/team", "main a[href*='/people/']"),
    View("follow-ups", "manager", "/dashboard/follow-ups"),
    View("organisation", "lnd", "/dashboard/organisation"),
    View("statements", "admin", "/dashboard/statements"),
    View("statement", "admin", "/dashboard/statements", "main a[href*='/dashboard/statements/']"),
    View("operations", "admin", "/dashboard/operations"),
)


def follow(page: Page, view: View) -> None:
    """Follow the view's link, if there is one."""
    if view.then:
        page.goto(str(page.locator(view.then).first.evaluate("(link) => link.href")))

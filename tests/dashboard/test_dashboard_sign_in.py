"""Getting in and out: one-time links, sessions, the provider, forms of other sites."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from lrs.sign_in import link as link_module
from tests.dashboard.visit import csrf, links, new_link, stranger, text, visit
from tests.insights.house import House


def test_a_link_opens_once(lived_in: House) -> None:
    address = new_link(lived_in, None, "admin")
    with stranger(lived_in) as browser, stranger(lived_in) as other:
        opened = browser.get(address)
        assert (opened.status_code, opened.headers["location"]) == (303, "/dashboard")
        cookie = opened.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert opened.headers["cache-control"] == "no-store"
        assert opened.headers["referrer-policy"] == "no-referrer"
        again = other.get(address)
        assert again.status_code == 403
        assert "set-cookie" not in again.headers
        assert "works once" in text(again)
        assert browser.get("/dashboard/statements").status_code == 200


def test_of_many_who_open_a_link_at_once_one_gets_in(lived_in: House) -> None:
    address = new_link(lived_in, None, "admin")

    def attempt(_: int) -> int:
        with stranger(lived_in) as browser:
            return browser.get(address).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [303] + [403] * 7


def test_a_link_ends(lived_in: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "LIFE", timedelta(seconds=-1))
    with stranger(lived_in) as browser:
        assert browser.get(new_link(lived_in, None, "admin")).status_code == 403


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "..%2f..", "é"])
def test_a_made_up_link_opens_nothing(lived_in: House, token: str) -> None:
    with stranger(lived_in) as browser:
        assert browser.get(f"/dashboard/enter/{token}").status_code in (403, 404)
        assert not browser.cookies


def test_fetching_ahead_leaves_a_link_as_it_was(lived_in: House) -> None:
    address = new_link(lived_in, None, "admin")
    with stranger(lived_in) as browser:
        assert browser.get(address, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
        assert browser.head(address).status_code == 503
        assert browser.get(address).status_code == 303


def test_the_database_knows_no_link(lived_in: House) -> None:
    """What is kept of a link opens nothing, and names nobody."""
    import psycopg

    token = new_link(lived_in, "s1").rpartition("/")[2]
    with psycopg.connect(lived_in.settings.database_url) as connection:
        rows = connection.execute("SELECT digest, sealed FROM vliegwiel.one_time_links").fetchall()
    assert rows
    for digest, sealed in rows:
        assert token.encode() not in digest
        assert token not in sealed
        assert "example" not in sealed

    assert asyncio.run(links(lived_in).use(token)) is not None


def test_without_a_session_pages_lead_to_the_provider(lived_in: House) -> None:
    with stranger(lived_in) as browser:
        sent = browser.get("/dashboard/statements?kind=shared")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/sign-in?return_to=%2Fdashboard%2Fstatements%3Fkind%3Dshared"
        welcome = browser.get("/")
        assert welcome.status_code == 200
        assert "/sign-in?return_to=%2Fdashboard" in welcome.text


@pytest.mark.parametrize("cookie", ["", "x", "A" * 300, "A" * 70000])
def test_a_forged_cookie_is_nobody(lived_in: House, cookie: str) -> None:
    with stranger(lived_in) as browser:
        browser.cookies.set("vliegwiel", cookie)
        assert browser.get("/dashboard/me").status_code == 303


def test_a_changed_cookie_is_nobody(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        given = browser.cookies["vliegwiel"]
        assert browser.get("/dashboard/me").status_code == 200
        browser.cookies.clear()
        browser.cookies.set("vliegwiel", given[:60] + ("A" if given[60] != "A" else "B") + given[61:])
        assert browser.get("/dashboard/me").status_code == 303


def test_forms_of_other_sites_change_nothing(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser, visit(lived_in, "s2") as other:
        theirs = csrf(other.get("/dashboard/me"))
        for form in ({"theme": "dark"}, {"theme": "dark", "csrf": "guessed"}, {"theme": "dark", "csrf": theirs}):
            assert browser.post("/dashboard/preferences", data=form).status_code == 403
        assert browser.post("/sign-out", data={"csrf": theirs}).status_code == 403
        assert browser.get("/dashboard/me").status_code == 200
        sent = browser.post("/dashboard/preferences", content=b"theme=dark", headers={"Content-Type": "text/plain"})
        assert sent.status_code == 415


def test_language_and_colours_are_remembered(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        token = csrf(browser.get("/dashboard/me"))
        form = {"csrf": token, "theme": "dark", "language": "nl", "back": "/dashboard/statements"}
        sent = browser.post("/dashboard/preferences", data=form)
        assert (sent.status_code, sent.headers["location"]) == (303, "/dashboard/statements")
        page = browser.get("/dashboard/statements")
        assert '<html lang="nl" data-theme="dark">' in page.text
        for elsewhere in ("https://evil.example/", "//evil.example", "/dashboard\\evil", "javascript:alert(1)"):
            sent = browser.post("/dashboard/preferences", data={"csrf": token, "back": elsewhere})
            assert sent.headers["location"] == "/dashboard"
        browser.post("/dashboard/preferences", data={"csrf": token, "theme": "<b>", "language": "xx"})
        assert '<html lang="nl" data-theme="dark">' in browser.get("/dashboard/me").text


def test_signing_out(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        page = browser.get("/dashboard/me")
        assert browser.post("/sign-out", data={"csrf": csrf(page)}).status_code == 303
        assert browser.get("/dashboard/me").status_code == 303


def test_who_came_by_a_link_is_told_so(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        assert "You see what S1 sees" in text(browser.get("/dashboard/me"))

"""What pages are made of: safe, light, and true to what the read API says."""

import re

import httpx
import pytest

from tests.dashboard.visit import parsed, stranger, text, visit
from tests.insights.house import House, mail

PAGES = ("/dashboard/me", "/dashboard/statements", "/dashboard/follow-ups")


@pytest.mark.parametrize("path", ["/", *PAGES, "/dashboard/nowhere", "/nowhere"])
def test_nothing_is_loaded_or_run_from_elsewhere(lived_in: House, path: str) -> None:
    with visit(lived_in, "s1", "admin") as browser:
        page = browser.get(path, follow_redirects=True)
    rules = page.headers["content-security-policy"]
    assert rules.startswith("default-src 'none'; ")
    assert "unsafe" not in rules
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "private, no-store"
    for tag, given in parsed(page).tags:
        assert not any(name.startswith("on") or name == "style" for name in given), (tag, given)
        assert tag != "style"
        source = given.get("src") or (given.get("href") if tag == "link" else None)
        assert tag != "script" or source
        assert source is None or source.startswith("/dashboard/")


def test_pages_are_light(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        page = browser.get("/dashboard/me")
        loaded = [browser.get(src) for src in set(re.findall(r'(?:href|src)="(/dashboard/static/[^"]+)"', page.text))]
    assert len(loaded) == 3
    assert all("immutable" in one.headers["cache-control"] for one in loaded)
    assert sum(len(one.content) for one in (page, *loaded)) < 100_000


def test_what_people_call_themselves_is_text(lived_in: House) -> None:
    ids = lived_in.ids()
    with visit(lived_in, None, "admin") as admin:
        pages = [
            admin.get(f"/dashboard/people/{ids['evil']}"),
            admin.get("/dashboard/statements?verb=http://example.org/v"),
        ]
        statement = re.search(r'href="(/dashboard/statements/[0-9a-f-]{36})"', pages[1].text)
        assert statement is not None
        pages.append(admin.get(statement[1]))
    with visit(lived_in, "mia", "manager") as mia:
        pages.append(mia.get("/dashboard/team"))
    with visit(lived_in, "evil") as evil:
        pages.append(evil.get("/dashboard/me"))
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert(1)</script>" in "".join(parsed(page).text)
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "path", ["/dashboard/nowhere", "/dashboard/statements/6b0f5a0e-6c0e-4f6e-9d0a-3a4b1f5a7c11", "/nowhere"]
)
def test_what_isn_t_there_is_said_in_words(lived_in: House, path: str) -> None:
    with visit(lived_in, "s1") as browser:
        page = browser.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in text(page)
    assert "Traceback" not in page.text


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "nothing=1", "since=yesterday", "cursor=made-up", "limit=0", "as_of=1", "person=x"]
)
def test_a_bad_address_is_said_in_words(lived_in: House, query: str) -> None:
    with visit(lived_in, "s1") as browser:
        page = browser.get(f"/dashboard/statements?{query}")
    assert page.status_code == 400
    assert query.partition("=")[0] in text(page)


def test_programs_still_get_problem_details(lived_in: House) -> None:
    assert httpx.get(f"{lived_in.url}/nowhere").headers["content-type"] == "application/problem+json"


def test_filters_that_are_left_empty_are_left_out(lived_in: House) -> None:
    with visit(lived_in, "s1") as browser:
        sent = browser.get("/dashboard/statements?kind=&verb=&activity=&since=2026-01-01&until=")
    assert (sent.status_code, sent.headers["location"]) == (303, "/dashboard/statements?since=2026-01-01")


def test_every_link_of_every_page_leads_somewhere(lived_in: House) -> None:
    """Whoever follows what a page offers never meets a page that refuses them."""
    for who, roles in (("s1", ()), ("mia", ("manager",)), ("eve", ("lnd",)), (None, ("admin",))):
        with visit(lived_in, who, *roles) as browser:
            todo = ["/dashboard"]
            seen: set[str] = set()
            while todo and len(seen) < 40:
                path = todo.pop(0)
                page = browser.get(path, follow_redirects=True)
                assert page.status_code == 200, (who, path)
                links = [link.partition("#")[0] for link in parsed(page).links]
                fresh = [link for link in links if link.startswith("/dashboard") and link not in seen]
                seen.update(fresh)
                todo.extend(fresh)


def test_a_team_with_a_slash_in_its_id_has_a_page(quiet: House) -> None:
    quiet.organise(f"email,team\n{mail('s1')},R/D\n", "team,name\nR/D,Research\n")
    with visit(quiet, "eve", "lnd") as eve:
        assert "/dashboard/team/R/D" in parsed(eve.get("/dashboard/organisation")).links
        for address in ("/dashboard/team/R/D", "/dashboard/team/R%2FD"):
            assert "Research" in text(eve.get(address))


def test_the_first_page_is_where_somebody_has_something_to_see(lived_in: House) -> None:
    for who, roles, first in (
        ("s1", (), "/dashboard/me"),
        ("mia", ("manager",), "/dashboard/me"),
        (None, ("admin",), "/dashboard/organisation"),
    ):
        with visit(lived_in, who, *roles) as browser:
            assert browser.get("/dashboard").headers["location"] == first


def test_a_language_is_chosen_by_the_browser(lived_in: House) -> None:
    for wanted, language in (("nl-NL,en;q=0.5", "nl"), ("de,fr;q=0.9,nl;q=0.1", "nl"), ("de", "en"), (";;q=x", "en")):
        with stranger(lived_in, **{"Accept-Language": wanted}) as browser:
            page = browser.get("/")
            assert f'<html lang="{language}"' in page.text
            assert page.headers["content-language"] == language
    with stranger(lived_in) as browser:
        lines = [("Accept-Language", "de"), ("Accept-Language", "nl")]
        assert browser.get("/", headers=lines).headers["content-language"] == "nl"

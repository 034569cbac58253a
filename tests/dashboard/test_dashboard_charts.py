"""Drawings: in the page's colours, without anything that could run, drawn aside."""

import asyncio
import multiprocessing
import re
import sys
import threading
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest

from lrs.dashboard import charts
from lrs.dashboard.charts import Charts, Drawn
from tests.dashboard import hanging
from tests.dashboard.visit import EVIL, parsed, text, visit
from tests.insights.house import House


def drawn(*specifications: object) -> list[Drawn | None]:
    async def draw() -> list[Drawn | None]:
        made = Charts()
        try:
            return [await made.drawn(one) for one in specifications]  # type: ignore[arg-type]
        finally:
            made.close()

    return asyncio.run(draw())


def test_a_drawing_is_shapes_and_words() -> None:
    (both,) = drawn(charts.bars([("completed", 38, "38"), (EVIL, 10, EVIL)], most=38))
    assert both is not None
    for svg in both:
        assert svg.startswith("<svg")
        assert "var(--c1)" in svg
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg
        assert not re.search(r"\s(style|on\w+)=", re.sub(r">[^<]*<", "><", svg))


def test_a_drawing_for_a_phone_is_narrower() -> None:
    (both,) = drawn(charts.stacked([("Lab", "in rhythm", 3), ("Lab", "not yet", 1)], ["in rhythm", "not yet"]))
    assert both is not None
    wide, narrow = (float(re.findall(r'width="([\d.]+)"', svg)[0]) for svg in both)
    assert narrow < 390 < wide


def test_what_can_t_be_drawn_is_left_out_and_the_next_is_drawn() -> None:
    wrong = {"mark": "nonsense", "data": {"values": []}}
    right = charts.over_time([("2026-11-25T10:00:00", 3)], title="an hour")
    assert [one is None for one in drawn(wrong, right)] == [True, False]


KILLED = """
import asyncio
from lrs.dashboard import charts

async def draw():
    print(await charts.Charts().drawn(charts.bars([("completed", 1, "1")], most=1)) is not None, flush=True)
    await asyncio.Event().wait()

asyncio.run(draw())
"""


def test_who_draws_ends_with_a_server_that_is_killed() -> None:
    process = Popen([sys.executable, "-c", KILLED], stdout=PIPE, stderr=DEVNULL, text=True)
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    process.kill()
    # Nobody holds our end of the pipe any more.
    assert not process.communicate(timeout=60)[0]


@pytest.fixture
def hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a drawing that hangs says which process draws it."""
    monkeypatch.setattr(charts, "draw", hanging.draw)
    monkeypatch.setattr(charts, "_PATIENCE", 4)
    return tmp_path / "hung"


def test_a_drawing_that_hangs_ends_no_other(hung: Path) -> None:
    async def draw() -> list[Drawn | None]:
        made = Charts()
        try:
            wanted = [{"word": "slow", "hangs": str(hung)}, {"word": "next"}, {"word": "next"}, {"word": "last"}]
            return await asyncio.gather(*map(made.drawn, wanted))
        finally:
            made.close()

    assert asyncio.run(draw()) == [None, ("next", "next"), ("next", "next"), ("last", "last")]
    pid = int(hung.read_text())
    for _ in range(6_000):
        if pid not in {child.pid for child in multiprocessing.active_children()}:
            break
        threading.Event().wait(0.01)
    else:
        raise AssertionError("the process that hangs is still there")


def test_a_page_goes_without_a_drawing_that_takes_long(hung: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "_LONGEST_WAIT", 0)
    assert drawn({"word": "slow", "hangs": str(hung)}) == [None]


@pytest.mark.usefixtures("hung")
def test_who_hangs_up_takes_nobody_s_drawing_away() -> None:
    async def draw() -> Drawn | None:
        made = Charts()
        try:
            first = asyncio.create_task(made.drawn({"word": "same"}))
            second = asyncio.create_task(made.drawn({"word": "same"}))
            await asyncio.sleep(0)
            first.cancel()
            return await second
        finally:
            made.close()

    assert asyncio.run(draw()) == ("same", "same")


def test_nothing_is_fetched() -> None:
    (svg,) = drawn({"data": {"url": "http://127.0.0.1:9/x.json"}, "mark": "bar", "encoding": {}})
    assert svg is None


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_organisation_is_drawn_and_told(lived_in: House, language: str) -> None:
    with visit(lived_in, "eve", "lnd", **{"Accept-Language": language}) as eve:
        page = eve.get("/dashboard/organisation")
    figures = [given for tag, given in parsed(page).tags if tag == "figure"]
    assert len(figures) == 2
    assert all(given["role"] == "img" and given["aria-label"] for given in figures)
    assert ("completed" if language == "en" else "afgerond") in text(page)


def test_small_groups_are_left_out_of_the_drawing(lived_in: House) -> None:
    """The lab is of two people: neither drawn nor told."""
    with visit(lived_in, "eve", "lnd") as eve:
        page = eve.get("/dashboard/organisation")
    svg = re.findall(r"<figure.*?</figure>", page.text, re.DOTALL)
    assert svg
    assert not any(">Lab<" in one for one in svg)
    row = next(part for part in page.text.split("<tr>") if "/dashboard/team/lab" in part)
    assert "too few to tell" in row


def test_figures_are_those_of_the_read_api(lived_in: House) -> None:
    with lived_in.person("eve", "lnd") as eve:
        items = eve.get("/follow-ups/figures").json()["items"]
    shown = {item["group"]: item for item in items if not item["withheld"]}
    with visit(lived_in, "eve", "lnd") as browser:
        page = browser.get("/dashboard/organisation")
    for iri, item in shown.items():
        row = next(
            part for part in page.text.split("<tr>") if iri.rpartition("/")[2] in part and '<th scope="row"' in part
        )
        assert f">{item['plans']}</a>" in row

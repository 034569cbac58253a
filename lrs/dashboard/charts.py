"""Charts: Vega-Lite specifications, drawn to SVG on this machine, in the colours of the page.

Colours are the page's own custom properties, so that a drawing follows light, dark and a store's look, and prints.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

from markupsafe import Markup
from msgspec import json

from lrs.dashboard.drawing import draw, end_with_parent
from lrs.dashboard.language import Speech

Drawing = Callable[[Speech], Mapping[str, Any] | None]
"""Gives the specification of a chart in somebody's language; None: there is nothing to draw."""
_log = logging.getLogger(__name__)
_PATIENCE: Final = 15.0
"""Seconds a drawing may take once it is its turn; the first one includes the start of the process that draws."""
_LONGEST_WAIT: Final = 30.0
"""Seconds a page waits for a drawing, its turn included: then it goes without, and the drawing is there next time."""
_REMEMBERED: Final = 128
_FONT: Final = "system-ui, sans-serif"
_SOFT, _INK, _LINE = "var(--soft)", "var(--ink)", "var(--line)"
COLOURS: Final = ("var(--c1)", "var(--w2)", "var(--c3)", "var(--c5)")
"""From what goes well to what hasn't begun; none of them alarms."""
_CONFIG: Final[Mapping[str, Any]] = {
    "aria": False,
    "background": None,
    # The page's letters may be wider than those that drawing reckons with.
    "padding": {"left": 28, "top": 4, "right": 28, "bottom": 4},
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "labelFontSize": 13,
        "labelLimit": 240,
        "labelPadding": 8,
        "titleColor": _SOFT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domain": False,
        "ticks": False,
        "gridColor": _LINE,
    },
    "legend": {
        "labelColor": _INK,
        "labelFontSize": 13,
        "title": None,
        "orient": "top",
        "symbolType": "square",
        "labelLimit": 240,
        "columnPadding": 36,
    },
    "text": {"fill": _INK, "fontSize": 13},
}
_NARROW: Final = 150
"""How wide the bars of a drawing for a phone are: its letters are then as large as those around it."""
_NARROW_CONFIG: Final = {
    **_CONFIG,
    "padding": {"left": 24, "top": 4, "right": 24, "bottom": 4},
    "legend": {**_CONFIG["legend"], "columns": 1},
}


class Drawn(NamedTuple):
    """A drawing for wide windows, and the same for narrow ones."""

    wide: Markup
    narrow: Markup


class Charts:
    """Draws and remembers. For one event loop; ``close`` it when done."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        # One at a time: whoever waited in the pool's own line would be cancelled with it when a drawing hangs.
        self._turn = asyncio.Lock()
        self._drawing: dict[bytes, asyncio.Task[Markup | None]] = {}
        self._drawn: OrderedDict[bytes, Markup] = OrderedDict()

    async def drawn(self, specification: Mapping[str, Any]) -> Drawn | None:
        """Give a drawing as part of a page; None if it can't be had now: the table beside it says the same."""
        wide = await self._draw({**specification, "config": _CONFIG})
        narrow = await self._draw({**specification, "width": _NARROW, "config": _NARROW_CONFIG})
        return None if wide is None or narrow is None else Drawn(wide, narrow)

    def close(self) -> None:
        """End the process that draws; who still waits goes without."""
        for task in self._drawing.values():
            task.cancel()
        self._end()

    async def _draw(self, specification: Mapping[str, Any]) -> Markup | None:
        text = json.encode(specification, order="sorted")
        if text in self._drawn:
            self._drawn.move_to_end(text)
            return self._drawn[text]
        # Whoever wants the same waits for the same; it is drawn to the end, whoever hangs up.
        task = self._drawing.get(text) or self._begin(text)
        done, _ = await asyncio.wait([task], timeout=_LONGEST_WAIT)
        return task.result() if done and not task.cancelled() else None

    def _begin(self, text: bytes) -> asyncio.Task[Markup | None]:
        task = self._drawing[text] = asyncio.create_task(self._draw_in_turn(text))
        task.add_done_callback(lambda _: self._drawing.pop(text, None))
        return task

    async def _draw_in_turn(self, text: bytes) -> Markup | None:
        async with self._turn:
            try:
                svg = await asyncio.wait_for(
                    asyncio.get_running_loop().run_in_executor(self._running(), draw, text.decode()), _PATIENCE
                )
            except (BrokenProcessPool, TimeoutError, ValueError, OSError):
                _log.exception("a chart could not be drawn")
                self._end()
                return None
        self._drawn[text] = Markup(svg)  # noqa: S704  # shapes and escaped words: drawing sees to it
        if len(self._drawn) > _REMEMBERED:
            self._drawn.popitem(last=False)
        return self._drawn[text]

    def _end(self) -> None:
        if self._pool is None:
            return
        # A pool that is shut down waits for what is being drawn, and that may never end.
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001  # Python 3.14: kill_workers()
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Forked from nothing of ours: no sockets, no keys.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
        return self._pool


def bars(rows: Sequence[tuple[str, float, str]], *, most: float) -> Mapping[str, Any]:
    """Horizontal bars, in the order given: what, how much, and what is written beside it."""
    values = [
        {"what": what, "value": value, "said": said, "place": place} for place, (what, value, said) in enumerate(rows)
    ]
    y = {"field": "what", "type": "nominal", "sort": {"field": "place"}, "title": None}
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, most * 1.18 or 1]}}
    return {
        "width": 760,
        "height": {"step": 34},
        "data": {"values": values},
        "encoding": {"y": y, "x": x},
        "layer": [
            {"mark": {"type": "bar", "cornerRadiusEnd": 5, "height": 20, "color": COLOURS[0]}},
            {
                "mark": {"type": "text", "align": "left", "dx": 8},
                "encoding": {"text": {"field": "said", "type": "nominal"}},
            },
        ],
    }


def stacked(rows: Sequence[tuple[str, str, float]], parts: Sequence[str]) -> Mapping[str, Any]:
    """Horizontal bars of the same length, each made of parts: what, which part, how much."""
    values = [{"what": what, "part": part, "value": value, "place": parts.index(part)} for what, part, value in rows]
    return {
        "width": 760,
        "height": {"step": 34},
        "data": {"values": values},
        "mark": {"type": "bar", "height": 20},
        "encoding": {
            "y": {"field": "what", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "value", "type": "quantitative", "stack": "normalize", "axis": None},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": {"domain": list(parts), "range": list(COLOURS[: len(parts)])},
            },
            "order": {"field": "place"},
        },
    }


def over_time(rows: Sequence[tuple[str, float]], *, title: str) -> Mapping[str, Any]:
    """Columns along time: a moment (local, ISO 8601) and how much."""
    return {
        "width": 820,
        "height": 140,
        "data": {"values": [{"at": at, "value": value} for at, value in rows]},
        "mark": {"type": "bar", "color": COLOURS[0], "cornerRadiusEnd": 2},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "title": None,
                "axis": {"format": "%d-%m %H:%M", "grid": False, "labelColor": _SOFT, "labelSeparation": 48},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": title,
                "axis": {"tickCount": 3, "labelColor": _SOFT},
            },
        },
    }

"""*Organisation*: trainings with their follow-up, teams compared with care, managers who lead by example."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from lrs.dashboard import charts
from lrs.dashboard.dashboard import Shown, View
from lrs.dashboard.language import Speech
from lrs.dashboard.visitor import Visitor
from lrs.dashboard.words import N_, STAGES
from lrs.insights import figures, managers, teams
from lrs.insights.activities import names_of
from lrs.insights.figures import GroupFollowUps, GroupStreaks
from lrs.insights.snapshot import Snapshot
from lrs.problem import Problem

_STAGES: Final = ("reflect", "share", "check-in", "apply", "repeat")
_PARTS: Final = {
    "running": N_("in rhythm"),
    "at_risk": N_("in rhythm, this week still open"),
    "broken": N_("ready for a new start"),
    "none": N_("not started yet"),
}


class Row(NamedTuple):
    """A training or a team, and how far its follow-ups came."""

    id: str
    name: Mapping[str, str]
    withheld: bool
    plans: int
    people: int
    stages: Mapping[str, int]
    """Plans that came so far."""


class TeamRow(NamedTuple):
    """A team, by its people's rhythm and its follow-ups."""

    id: str
    name: str
    rhythm: GroupStreaks | None
    follow_up: Row | None


def show(snapshot: Snapshot, visitor: Visitor) -> Shown:
    """Show the organisation to who sees all of it."""
    if not visitor.sees_organisation:
        raise Problem(403, "the whole organisation is for L&D, auditors and administrators")
    trainings = snapshot.items(figures.FOLLOW_UPS)
    names = names_of(snapshot, (one.group for one in trainings))
    rows = sorted(
        (_row(one, names.get(one.group, {})) for one in trainings), key=lambda row: (row.withheld, -row.plans)
    )
    shown = [row for row in rows if not row.withheld]
    compared = _teams(snapshot)
    managing = next((one for one in snapshot.items(managers.FIGURES) if one.team is None), None)
    return Shown(
        "organisation.html",
        {
            "rows": shown,
            "first": _first(shown),
            "best": _best(shown),
            "withheld": sum(row.withheld for row in rows),
            "teams": compared,
            "few": sum(one.rhythm is None and one.follow_up is None for one in compared),
            "managing": managing.figures if managing else None,
            "managers": snapshot.items(managers.LIST, sort="-status", limit=60),
            "columns": _STAGES,
        },
        charts={"funnel": _funnel(rows), "rhythm": _rhythm(compared)},
    )


def training(iri: str) -> View:
    """Show one training: its funnel, and how teams followed it up."""

    def show_training(snapshot: Snapshot, visitor: Visitor) -> Shown:
        if not visitor.sees_organisation:
            raise Problem(403, "the whole organisation is for L&D, auditors and administrators")
        names = names_of(snapshot, [iri])
        found = snapshot.items(figures.FOLLOW_UPS, training=iri)
        if not found:
            raise Problem(404, "nobody completed this training, or too few did to tell about them")
        row = _row(found[0], names.get(iri, {}))
        called = {one.id: one.name for one in snapshot.items(teams.LIST)}
        by_team = [
            _row(one, {"und": called.get(one.group, one.group)})
            for one in snapshot.items(figures.FOLLOW_UPS, by="team", training=iri)
            if one.group
        ]
        return Shown(
            "training.html",
            {"training": iri, "names": names, "row": row, "teams": by_team, "columns": _STAGES},
            charts={"funnel": _funnel([row])},
        )

    return show_training


def _row(one: GroupFollowUps, name: Mapping[str, str]) -> Row:
    stages = {stage.name: stage.plans for stage in one.stages}
    return Row(one.group, name, one.withheld, one.plans or 0, one.people or 0, stages)


def _first(rows: Sequence[Row]) -> Row | None:
    """Give the training on which most people still have to look back; None: on each, half of them or more did."""
    waiting = [row for row in rows if row.stages.get("reflect", 0) * 2 < row.plans]
    return max(waiting, key=lambda row: row.plans - row.stages.get("reflect", 0), default=None)


def _best(rows: Sequence[Row]) -> Row | None:
    """Give the training that is used at work most; None: there is none that half of the people use."""
    used = [row for row in rows if row.plans and row.stages.get("apply", 0) * 2 >= row.plans]
    return max(used, key=lambda row: (row.stages["apply"] / row.plans, row.plans), default=None)


def _teams(snapshot: Snapshot) -> list[TeamRow]:
    rhythm: dict[str | None, GroupStreaks] = {one.team: one for one in snapshot.items(figures.STREAKS)}
    followed: dict[str, GroupFollowUps] = {one.group: one for one in snapshot.items(figures.FOLLOW_UPS, by="team")}
    rows = []
    for team in snapshot.items(teams.LIST):
        weeks, plans = rhythm.get(team.id), followed.get(team.id)
        rows.append(
            TeamRow(
                team.id,
                team.name,
                None if weeks is None or weeks.withheld else weeks,
                None if plans is None or plans.withheld else _row(plans, {}),
            )
        )
    return sorted(rows, key=lambda row: (row.rhythm is None and row.follow_up is None, row.name.casefold()))


def _funnel(rows: Sequence[Row]) -> charts.Drawing:
    shown = [row for row in rows if not row.withheld]
    plans = sum(row.plans for row in shown)
    counts = [("completed", plans), *((name, sum(row.stages.get(name, 0) for row in shown)) for name in _STAGES)]

    def specification(speech: Speech) -> Mapping[str, Any] | None:
        if not plans:
            return None
        said = [
            (speech.gettext(STAGES[name]), count, f"{speech.number(count)} · {speech.percent(round(count / plans, 2))}")
            for name, count in counts
        ]
        return charts.bars(said, most=plans)

    return specification


def _rhythm(rows: Sequence[TeamRow]) -> charts.Drawing:
    def specification(speech: Speech) -> Mapping[str, Any] | None:
        parts = [
            (row.name or row.id, speech.gettext(words), getattr(row.rhythm.figures, part))
            for row in rows
            if row.rhythm is not None
            for part, words in _PARTS.items()
        ]
        return charts.stacked(parts, [speech.gettext(words) for words in _PARTS.values()]) if parts else None

    return specification

"""What the projections say of each team of the demo is what its story says."""

from collections import Counter
from typing import Any

from tests.demo.played import Demo

DONE = ("done", "done late")


def followed(demo: Demo, team: str) -> dict[str, Counter[str]]:
    """Give a team's steps by status: the share of its plans in which a step stands so."""
    (found,) = (one for one in demo.insights("/follow-ups/figures", by="team")["items"] if one["group"] == team)
    assert not found["withheld"]
    steps: dict[str, Counter[str]] = {}
    for figure in found["figures"]:
        steps.setdefault(figure["step"], Counter())[figure["status"]] = figure["plans"]
    return steps


def share(of: Counter[str], *statuses: str) -> float:
    """Give how many of what isn't open any more, or open and not due yet, stand so."""
    decided = sum(count for status, count in of.items() if status not in ("open", "due"))
    return sum(of[status] for status in statuses) / decided


def rhythm(demo: Demo, team: str) -> dict[str, Any]:
    (found,) = demo.insights("/streaks/figures", team=team)["items"]
    figures: dict[str, Any] = found["figures"]
    return figures


def manager(demo: Demo, team: str) -> dict[str, Any]:
    (found,) = (one for one in demo.insights("/managers")["items"] if team in one["teams"])
    return dict(found)


def test_service_thrives(demo: Demo) -> None:
    steps = followed(demo, "service")
    for step, least in (("reflect", 0.85), ("share", 0.65), ("check-in", 0.8), ("apply", 0.7), ("repeat-7", 0.6)):
        assert share(steps[step], "done") >= least, (step, steps[step])
    assert rhythm(demo, "service")["median"] >= 12
    assert manager(demo, "service")["status"] == "visible"
    assert manager(demo, "service")["check_ins"]["done"] >= 10


def test_sales_learns_and_nothing_follows(demo: Demo) -> None:
    steps = followed(demo, "sales")
    for step in ("reflect", "share", "check-in", "apply"):
        assert share(steps[step], *DONE) <= 0.2, (step, steps[step])
    assert rhythm(demo, "sales")["median"] >= 6
    assert manager(demo, "sales")["status"] == "visible"


def test_transport_follows_up_and_then_learns_nothing_for_months(demo: Demo) -> None:
    steps = followed(demo, "transport")
    assert share(steps["reflect"], *DONE) >= 0.7
    assert share(steps["check-in"], *DONE) >= 0.7
    assert share(steps["repeat-30"], *DONE) == 0
    assert rhythm(demo, "transport")["median"] == 0
    assert rhythm(demo, "transport")["broken"] >= 7
    assert manager(demo, "transport")["status"] == "visible"


def test_finance_sees_nothing_of_its_new_manager(demo: Demo) -> None:
    new = manager(demo, "finance")
    assert new["person"]["name"] == "Victor Centenbak"
    assert new["status"] == "invisible"
    assert new["last"] is None
    assert new["check_ins"]["overdue"] >= 10
    assert new["check_ins"]["done"] == 0
    steps = followed(demo, "finance")
    assert share(steps["reflect"], *DONE) >= 0.5
    assert share(steps["apply"], *DONE) >= 0.4
    assert rhythm(demo, "finance")["median"] >= 6
    checked_in = "https://w3id.org/vliegwiel/xapi/verbs/checked-in"
    before = demo.statements(agent='{"mbox": "mailto:gijs.voorganger@example.org"}', verb=checked_in)
    assert len(before) >= 5, "who managed them before did have a talk after a training"


def test_it_does_everything_and_too_late(demo: Demo) -> None:
    steps = followed(demo, "it")
    for step in ("reflect", "share", "check-in"):
        assert share(steps[step], "done late") >= 0.4, (step, steps[step])
        assert share(steps[step], "done") <= 0.25, (step, steps[step])
    assert manager(demo, "it")["status"] == "visible"


def test_lab_leaves_the_tests_that_it_failed(demo: Demo) -> None:
    failed = demo.statements(verb="http://adlnet.gov/expapi/verbs/failed")
    of_exams = [one for one in failed if "chemicals" in one["object"]["id"] or "sterile" in one["object"]["id"]]
    assert len(of_exams) >= 12
    exams = {"https://content.example.org/cmi5/chemicals", "https://content.example.org/storyline/sterile-work"}
    plans = demo.insights("/follow-ups", team="lab", limit=500)["items"]
    assert plans
    assert sum(one["training"] in exams for one in plans) <= 3
    steps = followed(demo, "lab")
    assert share(steps["share"], *DONE) == 0, "nobody shows what they learn"
    assert share(steps["check-in"], *DONE) >= 0.4


def test_everybody_is_one_person_by_whatever_identifier(demo: Demo) -> None:
    people = demo.insights("/people", limit=100)["items"]
    assert len(people) == 60
    (two,) = (one for one in people if one["name"] == "Sanne Appelboom")
    assert len(two["identifiers"]) == 2
    plans = demo.insights("/follow-ups", person=two["id"])["items"]
    platform = [one for one in plans if one["training"].startswith("https://leren.example.org/")]
    assert platform, "what the learning platform says by number"
    assert len(plans) > len(platform), "and what others say by address"


def test_verbs_that_nobody_knows_wait_for_somebody_to_say_what_they_mean(demo: Demo) -> None:
    verbs = {one["verb"] for one in demo.insights("/unknown-verbs")["items"]}
    assert verbs >= {"https://vr.example.org/verbs/walked-through", "https://duel.example.org/verbs/challenged"}


def test_what_was_taken_back_counts_nowhere(demo: Demo) -> None:
    voided = demo.statements(verb="http://adlnet.gov/expapi/verbs/voided")
    assert len(voided) >= 4
    gone = {one["object"]["id"] for one in voided}
    evidence = {one["plan"] for one in demo.insights("/follow-ups", limit=500)["items"] if "plan" in one}
    assert not gone & evidence

"""Whose reads of what are noted."""

import pytest

from lrs.access import record
from tests.insights.house import House, commented, completion, course
from tests.store.given import person, statement


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "GATHERED", 0.01)


def looked(house: House, who: str, means: str, name: str | None = None) -> list[tuple[str, str | None]]:
    """Who looked at somebody, by means; waits until something is noted, of whom if that is said."""
    found = house.lookers(who, means, name)
    return [(one.kind, one.name) for one in found if one.means == means]


def test_reads_about_persons_are_noted(quiet: House) -> None:
    check_in = statement("mia", course(), verb={"id": "http://adlnet.gov/expapi/verbs/shared"})
    check_in["context"] = {"instructor": person("s2")}
    quiet.post(completion("s1"), completion("s2"), commented("s1"), check_in)
    ids = quiet.ids()
    with quiet.person("mia", "manager", name="Mia Tanaka") as mia:
        for path, means in (
            ("/follow-ups", "follow-ups"),
            ("/streaks", "streaks"),
            (f"/streaks/{ids['s1']}", "streak"),
            ("/people", "people"),
            (f"/people/{ids['s1']}", "person"),
        ):
            assert mia.get(path).status_code == 200
            assert ("person", "Mia Tanaka") in looked(quiet, ids["s1"], means, "Mia Tanaka"), path
        assert mia.get("/managers", params={"person": ids["nora"]}).status_code == 200
        assert ("person", "Mia Tanaka") in looked(quiet, ids["nora"], "managers")
    with quiet.program("insights/read/people") as program:
        assert program.get(f"/people/{ids['o1']}").status_code == 200
    assert [kind for kind, _ in looked(quiet, ids["o1"], "person")] == ["program"]
    # Of a statement, everybody that it mentions.
    with quiet.person("xi", "auditor", name="Xi") as auditor:
        assert auditor.get(f"/statements/{check_in['id']}").status_code == 200
    for name in ("mia", "s2"):
        assert looked(quiet, ids[name], "statement") == [("person", "Xi")]


def test_reading_about_oneself_and_reading_figures_leaves_nothing(quiet: House) -> None:
    quiet.post(*(completion(f"s{number}") for number in range(1, 6)))
    ids = quiet.ids()
    with quiet.person("s1") as one, quiet.person("mia", "manager") as mia:
        for path in ("/follow-ups", "/streaks", f"/streaks/{ids['s1']}", "/people"):
            assert one.get(path).status_code == 200
        for path in ("/follow-ups/figures", "/streaks/figures", "/teams", "/positions", "/me"):
            assert mia.get(path).status_code == 200
        # What comes after is noted, so that what came before would have been.
        assert mia.get(f"/streaks/{ids['s1']}").status_code == 200
    assert looked(quiet, ids["s1"], "streak") == [("person", "mia@example.org")]
    means = {one.means for one in quiet.lookers(ids["s1"], "streak")}
    # L&D asked who there is, to know the ids.
    assert means == {"streak", "people"}

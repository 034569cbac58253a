"""Both languages, whole: nothing untranslated or left over, the same blanks to fill in, right numbers and days."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.dashboard.language import LANGUAGES, Speech, chosen
from tests.dashboard.said import Text, texts, translations
from tests.dashboard.visit import text, visit
from tests.insights.house import House

NOW = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
_BLANK = re.compile(r"%\((\w+)\)\w")


def speech(language: str = "nl", zone: str = "Europe/Amsterdam") -> Speech:
    return Speech(language, ZoneInfo(zone), NOW, {})  # type: ignore[arg-type]


def _forms(one: Text) -> tuple[str, ...]:
    return (one,) if isinstance(one, str) else one


def test_every_text_is_translated() -> None:
    said, known = texts(), translations("nl")
    assert len(said) > 300
    assert {one: where for one, where in said.items() if one not in known} == {}
    assert [one for one in known if one not in said] == []
    assert [one for one, translated in known.items() if not all(translated)] == []


def test_translations_fill_in_the_same_blanks() -> None:
    for one, translated in translations("nl").items():
        wanted = [set(_BLANK.findall(form)) for form in _forms(one)]
        assert len(translated) == len(wanted)
        assert [set(_BLANK.findall(form)) for form in translated] == wanted, one


def test_few_texts_are_the_same_in_both_languages() -> None:
    """A text that was copied and not translated would be."""
    same = {one for one, translated in translations("nl").items() if one == translated[0]}
    assert same == {
        "Statements",
        "Details",
        "Training",
        "Teams",
        "Team",
        "Statement",
        "Filters",
        "auditor",
        "%(seconds)s s",
    }


def test_numbers_and_days_are_written_as_people_do() -> None:
    dutch, english = speech("nl"), speech("en")
    assert dutch.number(1234567) == "1.234.567"
    assert english.number(1234567) == "1,234,567"
    assert dutch.number(2.5) == "2,5"
    assert dutch.day(date(2026, 12, 1)) == "dinsdag 1 december"
    assert english.day(date(2026, 12, 1)) == "Tuesday 1 December"
    assert english.day(date(2025, 12, 1)) == "Monday 1 December 2025"
    assert dutch.ngettext("%(num)d week", "%(num)d weeks", 1) == "%(num)d week"
    assert dutch.ngettext("%(num)d week", "%(num)d weeks", 2) == "%(num)d weken"


def test_days_are_those_where_the_reader_is() -> None:
    """Half past ten in the evening in Greenwich is half past eleven in Amsterdam, and tomorrow in Tokyo."""
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert speech("nl").away(late) == "morgen"
    assert speech("nl", "UTC").away(late) == "vandaag"
    assert speech("nl", "Asia/Tokyo").away(late) == "vandaag"
    assert speech("nl", "Asia/Tokyo").today == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("days", "dutch", "english"),
    [
        (0, "vandaag", "today"),
        (-1, "gisteren", "yesterday"),
        (3, "over 3 dagen", "in 3 days"),
        (-3, "3 dagen geleden", "3 days ago"),
        (21, "over 3 weken", "in 3 weeks"),
    ],
)
def test_how_far_away_a_day_is(days: int, dutch: str, english: str) -> None:
    day = speech().today + timedelta(days=days)
    assert (speech("nl").away(day), speech("en").away(day)) == (dutch, english)


@given(st.text(max_size=200), st.none() | st.sampled_from([*LANGUAGES, "xx"]))
def test_any_header_gives_a_language(header: str, own: str | None) -> None:
    assert chosen(own, header) in LANGUAGES
    if own in LANGUAGES:
        assert chosen(own, header) == own


def test_names_of_others_come_in_the_closest_language() -> None:
    names = {"en-US": "Safety", "nl-NL": "Veiligheid", "de": "Sicherheit"}
    assert (speech("nl").named(names), speech("en").named(names)) == (("Veiligheid", ""), ("Safety", ""))
    assert speech("nl").named({"de-AT": "Sicherheit"}) == ("Sicherheit", "de-AT")
    assert speech("nl").named({"und": "Safety"}) == ("Safety", "")
    assert speech("nl").named({}) == ("", "")


def test_pages_are_dutch_for_who_reads_dutch(lived_in: House) -> None:
    with visit(lived_in, "mia", "manager", "admin", **{"Accept-Language": "nl"}) as browser:
        for path, words in (
            ("/dashboard/me", "De volgende kleine stap"),
            ("/dashboard/team", "Ritme van het team"),
            ("/dashboard/organisation", "Waar leren beweegt"),
            ("/dashboard/statements", "Opgevat als"),
            ("/dashboard/operations", "Wat er binnenkomt"),
            ("/dashboard/nowhere", "Hier is niets"),
        ):
            page = browser.get(path)
            assert '<html lang="nl"' in page.text
            assert words in text(page), path

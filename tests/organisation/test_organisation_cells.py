"""What the cells of a table may say."""

from collections.abc import Callable
from datetime import date, time
from typing import Any, NoReturn

import pytest

from lrs.configuration import time_zone
from lrs.organisation import cells
from lrs.organisation.identifier import actor_of, identity_of_actor, parse_identifier, shown_identifier
from lrs.organisation.wanted import WantedZone
from schemas.organisation import Period, WorkingHours

_WEEK = WorkingHours((1, 2, 3, 4, 5), time(9), time(17, 30))
_JULY = Period(date(2024, 7, 1), date(2024, 7, 14))


@pytest.mark.parametrize(
    ("read", "text", "found"),
    [
        (cells.a_date, "2024-12-31", date(2024, 12, 31)),
        (cells.a_date, "31-12-2024", date(2024, 12, 31)),
        (cells.a_date, "1-2-2024", date(2024, 2, 1)),
        (cells.a_zone, "Europe/Paris", WantedZone("Europe/Paris")),
        (cells.a_zone, "Europe/Paris since 2024-06-01", WantedZone("Europe/Paris", date(2024, 6, 1))),
        (cells.working_hours, "mon-fri 09:00-17:30", _WEEK),
        (cells.working_hours, "Mon-Fri 9.00 \u2013 17.30", _WEEK),
        (cells.working_hours, "fri,mon,tue,wed-thu 9:00 to 17:30", _WEEK),
        (cells.working_hours, "sat-mon 08:00-12:00", WorkingHours((1, 6, 7), time(8), time(12))),
        (cells.leave, "2024-07-01..2024-07-14", (_JULY,)),
        (cells.leave, "2024-07-08..2024-07-14 | 2024-07-01..2024-07-07", (_JULY,)),
        (cells.leave, "2024-12-31", (Period(date(2024, 12, 31), date(2024, 12, 31)),)),
        (cells.locale, "nl-BE", "nl-BE"),
        (cells.person_name, "  Ann   de Vries ", "Ann de Vries"),
    ],
)
def test_cells(read: Callable[[str], Any], text: str, found: Any) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (cells.a_date, "12/31/2024", "'12/31/2024' is no date: write 2024-12-31"),
        (cells.a_date, "2024-02-30", "'2024-02-30' is no date: write 2024-12-31"),
        (cells.a_date, "20241231", "is no date"),
        (cells.a_date, "1024-12-31", "1024-12-31 is not between 1900-01-01 and 2199-12-31"),
        (cells.a_zone, "Europe/Amsterdm", "'Europe/Amsterdm' is no IANA time zone: did you mean Europe/Amsterdam?"),
        (cells.a_zone, "europe/amsterdam", "did you mean Europe/Amsterdam?"),
        (cells.a_zone, "amsterdam", "did you mean Europe/Amsterdam?"),
        (cells.a_zone, "Etc/GTM", "did you mean Etc/GMT?"),
        (cells.a_zone, "localtime", "'localtime' is no IANA time zone"),
        (cells.a_zone, "CEST+2", "'CEST+2' is no IANA time zone"),
        (cells.a_zone, "../etc/passwd", "is no IANA time zone"),
        (cells.a_zone, "Europe/Paris from 2024-06-01", "write Europe/Paris since 2024-06-01"),
        (cells.working_hours, "9-5", "'9-5' are no working hours: write mon-fri 09:00-17:30"),
        (cells.working_hours, "moon 09:00-17:30", "'moon' are no days"),
        (cells.working_hours, "mon 25:00-26:00", "'25:00' is no time"),
        (cells.working_hours, "mon 22:00-06:00", "06:00 is not after 22:00"),
        (cells.leave, "2024-07-14..2024-07-01", "2024-07-01 is before 2024-07-14"),
        (cells.locale, "Dutch!", "'Dutch!' is no language tag"),
        (cells.team_id, "a|b", "without |"),
        (cells.person_name, "x" * 501, "up to 500 characters"),
    ],
)
def test_what_a_cell_can_t_say(read: Callable[[str], Any], text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read(text)
    assert reason in str(refused.value)


class _Unscanned(frozenset[str]):
    """Zones that can be looked up but not gone through."""

    def __iter__(self) -> NoReturn:
        pytest.fail("went through all time zones")


def test_a_wrong_time_zone_is_not_compared_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="did you mean Europe/Paris"):
        cells.zone_name("Europe/Pariss")
    monkeypatch.setattr(time_zone, "_zones", lambda: _Unscanned({"Europe/Paris"}))
    with pytest.raises(ValueError, match=r"'Europe/Parijs 2' is no IANA time zone$"):
        cells.zone_name("Europe/Parijs 2")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("ann@EXAMPLE.org", "mbox:mailto:ann@example.org"),
        ("mailto:ann@example.org", "mbox:mailto:ann@example.org"),
        ("mbox:mailto:ann@example.org", "mbox:mailto:ann@example.org"),
        ("account:https://lms.example ann", "account:https://lms.example ann"),
        ("https://lms.example ann b", "account:https://lms.example ann b"),
        ("A" * 40, "mbox_sha1sum:" + "a" * 40),
        ("openid:https://ann.example", "openid:https://ann.example"),
    ],
)
def test_identifiers_as_people_write_them(text: str, who: str) -> None:
    assert parse_identifier(text) == who
    assert identity_of_actor(actor_of(who)) == who
    assert parse_identifier(shown_identifier(who)) == who


@pytest.mark.parametrize("text", ["ann", "", "ann@", "account:ann", "openid:ann", "mbox_sha1sum:12", "lms ann"])
def test_what_is_no_identifier(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_identifier(text)

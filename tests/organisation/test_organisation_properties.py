"""What holds whatever files are imported."""

from datetime import date, timedelta
from functools import reduce

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrs.organisation.circle import circles
from lrs.organisation.decide import How
from lrs.organisation.known import Known, difference
from lrs.organisation.period import contains
from lrs.organisation.pieces import pieces
from schemas.organisation import Organisation
from tests.organisation.given import JUNE, NOBODY, table, take

_NAMES = st.sampled_from(["ann", "bob", "cas", "dan", "eva"])
_DAYS = st.sampled_from(["", "", "-", "2024-05-20", "2024-06-03", "2024-06-20"])
_ROW = st.fixed_dictionaries(
    {"email": _NAMES},
    optional={
        "team": st.sampled_from(["", "-", "A", "B", "C", "A|B"]),
        "manager": st.one_of(st.sampled_from(["", "-", "yes", "no"]), _NAMES),
        "since": _DAYS,
        "until": _DAYS,
        "team_since": _DAYS,
        "time_zone": st.sampled_from(["", "Europe/Paris", "Asia/Tokyo since 2024-06-02", "Asia/Tokyo"]),
        "leave": st.sampled_from(["", "-", "2024-06-01..2024-06-05", "2024-06-04|2024-07-01..2024-07-20"]),
        "name": st.sampled_from(["", "-", "Somebody"]),
        "account": st.sampled_from(["", "https://lms.example one", "https://lms.example two"]),
    },
)
FILES = st.lists(
    st.tuples(
        st.lists(_ROW, min_size=2, max_size=5, unique_by=lambda row: row["email"]).map(lambda rows: table(*rows)),
        st.builds(
            How,
            on=st.integers(0, 30).map(lambda days: JUNE + timedelta(days)),
            whole=st.booleans(),
            new_teams=st.just(True),
            good_rows=st.just(True),
        ),
    ),
    min_size=1,
    max_size=4,
)


def _import(known: Known, file: tuple[bytes, How]) -> Known:
    return take(known, *file).after


_SOON = How(JUNE, new_teams=True, good_rows=True)
_WITH_A_MANAGER = table({"email": "ann"}, {"email": "cas", "manager": "ann"})
_BEGINS_LATER = b"email,team,manager,since\nann@example.org,,,\ncas@example.org,,-,2024-06-03\n"
_ALL = How(JUNE, whole=True, new_teams=True, good_rows=True)
_IN_A = b"email,team\nann@example.org,A\n"
_NOWHERE = b"email,team\nann@example.org,\n"
_BACK_IN_A = b"email,team,team_since\nann@example.org,A,2024-05-20\n"


@settings(max_examples=75)
@given(FILES, st.integers(0, 40))
@example([(_WITH_A_MANAGER, _SOON), (_BEGINS_LATER, _SOON)], 2)
@example([(_IN_A, _SOON), (_NOWHERE, _ALL), (_BACK_IN_A, _SOON)], 0)
def test_the_same_file_again_changes_nothing(files: list[tuple[bytes, How]], later: int) -> None:
    files.sort(key=lambda file: file[1].on)
    *others, (data, how) = files
    if how.whole and b"until" not in data.splitlines()[0]:
        later = (
            0  # Who is in a file that is everything, and doesn't say until when, is here beyond an end known before.
        )
    first = take(reduce(_import, others, NOBODY), data, how)
    again = take(first.after, data, how._replace(on=how.on + timedelta(later)))
    # A row that is refused may be right once the others are in, or on a later day.
    assert first.refusals or not difference(first.after, again.after)


@settings(max_examples=50)
@given(FILES)
def test_changes_lead_from_what_was_to_what_is(files: list[tuple[bytes, How]]) -> None:
    folded, known = Organisation(), NOBODY
    for file in files:
        after = _import(known, file)
        for piece in pieces(difference(known, after).change):
            folded = folded.after(piece)
        known = after
        assert folded.people == known.organisation.people
        assert folded.teams == known.organisation.teams
        assert set(folded.memberships) == set(known.organisation.memberships)
        assert set(folded.managements) == set(known.organisation.managements)


@settings(max_examples=50)
@given(FILES)
def test_nobody_is_two_persons_or_manages_themselves(files: list[tuple[bytes, How]]) -> None:
    for file in files:
        organisation = take(NOBODY, *file).after.organisation
        learners = [learner for person in organisation.people.values() for learner in person.learners]
        assert len(learners) == len(set(learners))
        assert not list(circles(_above(organisation, file[1].on)))


def _above(organisation: Organisation, on: date) -> dict[object, set[object]]:
    managing = [(one.team, one.manager) for one in organisation.managements if contains(one.during, on)]
    return {
        person: {
            manager
            for one in organisation.memberships
            if one.person == person and contains(one.during, on)
            for team, manager in managing
            if team == one.team
        }
        for person in organisation.people
    }

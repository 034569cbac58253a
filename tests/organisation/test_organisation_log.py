"""The organisation in the store's log and in its tables, on a real Postgres."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.utils import get_topic, resolve_topic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json
from psycopg.sql import SQL, Identifier

from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.errors import Malformed, NotFound
from lrs.index.rebuild import rebuild as rebuild_index
from lrs.log.personal_change import keys_of, opened
from lrs.organisation import Directory, How, Outcome
from lrs.organisation.pieces import MOST
from lrs.organisation.rebuild import rebuild
from lrs.organisation.sealing import bound_to, open_details
from lrs.organisation.store_organisation import StoreOrganisation
from lrs.organisation.tables import TABLES
from lrs.seal import PersonKey
from schemas.configuration_event import ConfigurationEvent, SealedDetails, decode_configuration_event
from schemas.organisation import Organisation, OrganisationChange
from tests.organisation.conftest import MASTER
from tests.organisation.given import JUNE, table
from tests.organisation.test_organisation_properties import FILES

_HOW = How(JUNE, new_teams=True)
_FEW = table(
    {"email": "ann", "name": "Ann de Vries", "team": "Sales", "time_zone": "Europe/Paris", "leave": "2024-07-01"},
    {"email": "kim", "team": "Sales", "manager": "yes", "hours": "mon-fri 09:00-17:00"},
)
_LMS = "account:https://lms.example ann"


def _take(directory: Directory, data: bytes = _FEW, how: How = _HOW, *, dry_run: bool = False) -> Outcome:
    return directory.take(data, "people.csv", "people", how, by="test", dry_run=dry_run)


def _rows(url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = store_north")
        return connection.execute(query.encode(), parameters or None).fetchall()


def _events(url: str) -> list[tuple[Any, ...]]:
    return _rows(
        url, "SELECT notification_id, originator_version, topic, state FROM stored_events ORDER BY notification_id"
    )


def _quiet(_: int, __: int) -> None:
    pass


def _live_is_rebuilt(url: str) -> bool:
    return all(one.equal for one in rebuild(url, "store_north", MASTER, _quiet, replace=False))


def test_every_event_has_the_one_topic(directory: Directory, url: str) -> None:
    _take(directory)
    directory.link("ann@example.org", _LMS, by="test")
    assert [row[:3] for row in _events(url)] == [(1, 1, "organisation.changed"), (2, 2, "organisation.changed")]
    assert resolve_topic("organisation.changed") is StoreOrganisation.Changed
    assert get_topic(StoreOrganisation.Changed) == "organisation.changed"


def test_the_log_read_without_the_library_gives_the_organisation(
    directory: Directory, log: ConfigurationLog, url: str
) -> None:
    _take(directory)
    organisation = Organisation()
    with log.reading() as cursor:
        for _, _, _, state in _events(url):
            event = decode_configuration_event(state)
            assert event.by == "test"
            organisation = organisation.after(opened(event, log.keyring.by_id(cursor, keys_of(event))))
    known = directory.known().organisation
    assert organisation.people == known.people
    assert set(organisation.memberships) == set(known.memberships)


def test_what_an_older_version_recorded_in_clear_is_read_as_it_is(directory: Directory, url: str) -> None:
    _take(directory)
    known = directory.known().organisation
    change = OrganisationChange(
        people=tuple(known.people.values()),
        teams=tuple(known.teams.values()),
        added_memberships=known.memberships,
        added_managements=known.managements,
    )
    common, parts = change.parted()
    assert common == OrganisationChange(teams=change.teams)
    assert parts.keys() == known.people.keys()
    clear = ConfigurationEvent(json.encode(change).decode())
    assert opened(clear, {}) == change == common.joined(parts.values())
    assert _live_is_rebuilt(url)


def test_the_tables_say_what_the_events_say(directory: Directory, url: str) -> None:
    _take(directory)
    known = directory.known()
    ann = known.person_of[directory.person("ann@example.org")[1].id]
    row = _rows(url, "SELECT learners, zones, leave, employed::text FROM people WHERE person = %s", ann)[0]
    assert row == ([ann], [{"name": "Europe/Paris"}], [{"first": "2024-07-01", "last": "2024-07-01"}], "(,)")
    assert _rows(url, "SELECT person, team, during::text FROM memberships") == [(ann, "Sales", "(,)")]
    assert len(_rows(url, "SELECT FROM person_learners")) == 2
    moved = table({"email": "ann", "team": "Support"})
    _take(directory, moved)
    assert _rows(url, "SELECT team, during::text FROM memberships ORDER BY team") == [
        ("Sales", "(,2024-06-01)"),
        ("Support", "[2024-06-01,)"),
    ]
    assert _live_is_rebuilt(url)


def test_nobody_s_name_or_identifier_is_in_clear(directory: Directory, log: ConfigurationLog, url: str) -> None:
    _take(directory)
    everything = str(_events(url)) + "".join(str(_rows(url, f"SELECT {name} FROM {name}")) for name in TABLES)  # noqa: S608
    assert "Sales" in everything
    # What is said of somebody is in the tables, which can be changed; not in the log, which can't.
    assert "Europe/Paris" in everything
    assert "Europe/Paris" not in str(_events(url))
    for secret in ("Vries", "ann@", "example.org", "kim"):
        assert secret not in everything
    sealed = {
        person: SealedDetails(key, bytes(text))
        for person, key, text in _rows(url, "SELECT person, key_id, sealed FROM people")
    }
    with log.reading() as cursor:
        assert open_details(cursor, log.keyring, sealed) == directory.known().details
        (one, other) = sealed
        with pytest.raises(Exception, match=r"^$"):
            open_details(cursor, log.keyring, {one: sealed[other]})
    assert bound_to(one) != bound_to(other)


def test_who_was_erased_can_t_be_read_and_the_rest_can(directory: Directory, log: ConfigurationLog, url: str) -> None:
    _take(directory)
    known = directory.known()
    ann = directory.person("ann@example.org")[1].id
    Erasures(log).erase("ann@example.org", confirm=ann, by="test")
    after = directory.known()
    assert after.organisation.people == {id_: one for id_, one in known.organisation.people.items() if id_ != ann}
    assert after.organisation.memberships == ()
    assert after.organisation.managements == known.organisation.managements
    assert after.details.keys() == known.details.keys() - {ann}
    assert _live_is_rebuilt(url)


def test_a_dry_run_or_a_refused_file_leaves_nothing_behind(directory: Directory, url: str) -> None:
    outcome = _take(directory, dry_run=True)
    assert [(one.what, one.how) for one in outcome.differences] == [
        ("person", "added"),
        ("person", "added"),
        ("team", "added"),
        ("member", "added"),
        ("manager", "added"),
    ]
    refused = _take(directory, table({"email": "ann"}, {"email": "bob", "time_zone": "Mars"}))
    assert (refused.applied, refused.differences, len(refused.refusals)) == (False, [], 1)
    assert _events(url) == []
    assert _rows(url, "SELECT FROM learners") == []
    directory.link("ann@example.org", "bob@example.org", by="test", dry_run=True)
    assert _rows(url, "SELECT FROM learners") == []


def test_an_empty_file_isn_t_the_whole_organisation(directory: Directory) -> None:
    # Most likely what wrote it went wrong.
    with pytest.raises(Malformed, match=r"people\.csv has nobody in it"):
        _take(directory, b"email,name\n", _HOW._replace(whole=True))


def test_the_same_file_again_is_no_event(directory: Directory, url: str) -> None:
    whole = _HOW._replace(whole=True)
    assert _take(directory, how=whole).applied
    again = _take(directory, how=whole)
    assert (again.applied, again.position, again.differences) == (False, None, [])
    assert len(_events(url)) == 1


def test_differences_are_told_in_words(directory: Directory) -> None:
    _take(directory)
    changed = _take(
        directory, table({"email": "ann", "name": "Ann Smit", "team": "Support", "until": "2024-12-31"}), dry_run=True
    )
    told = {(one.what, one.how, one.who): one.details for one in changed.differences}
    assert told == {
        ("person", "changed", "Ann Smit"): "name Ann de Vries → Ann Smit, employed always → … to 2024-12-31",
        ("team", "added", "Support"): "existed always",
        ("member", "changed", "Ann Smit of Sales"): "always → … to 2024-05-31",
        ("member", "added", "Ann Smit of Support"): "2024-06-01 to 2024-12-31",
    }


def test_a_large_file_is_several_events_and_one_transaction(directory: Directory, url: str) -> None:
    rows = [{"email": f"p{number}", "team": "Sales"} for number in range(MOST + 1)]
    outcome = _take(directory, table(*rows))
    events = _events(url)
    assert outcome.position == len(events) == 5
    assert [len(decode_configuration_event(state).change) < 500_000 for _, _, _, state in events] == [True] * 5
    assert len(_rows(url, "SELECT FROM people")) == MOST + 1
    assert _live_is_rebuilt(url)
    assert not _take(directory, table(*rows)).differences


def test_linking_and_unlinking(directory: Directory, url: str) -> None:
    _take(directory)
    ann = directory.person("ann@example.org")[1]
    linked = directory.link(_LMS, "ann@example.org", by="test")
    assert linked.applied
    known, person = directory.person(_LMS)
    # Of the two only the second was known to the organisation: its id stays.
    assert (person.id, len(person.learners)) == (ann.id, 2)
    assert known.details[ann.id].identifiers == ("mbox:mailto:ann@example.org", _LMS)
    assert not directory.link("ann@example.org", _LMS, by="test").applied
    assert len(_rows(url, "SELECT FROM person_learners WHERE person = %s", ann.id)) == 2
    other = next(one for one in person.learners if one != ann.id)
    assert directory.unlink(str(other), by="test").applied
    assert directory.person("ann@example.org")[1] == ann
    assert directory.known().details[ann.id].identifiers == ("mbox:mailto:ann@example.org",)
    with pytest.raises(NotFound):
        directory.person(_LMS)
    assert _live_is_rebuilt(url)


def test_linking_two_persons_keeps_the_first_and_all_they_held(directory: Directory, url: str) -> None:
    _take(directory)
    _take(directory, table({"email": "ann.home", "name": "Annie", "team": "Choir", "locale": "nl"}))
    ann, home = directory.person("ann@example.org")[1], directory.person("ann.home@example.org")[1]
    directory.link("ann@example.org", "ann.home@example.org", by="test")
    known = directory.known()
    person = known.organisation.people[ann.id]
    assert home.id not in known.organisation.people
    assert (person.learners, person.locale, person.zones) == ((ann.id, home.id), "nl", ann.zones)
    assert known.details[ann.id].name == "Ann de Vries"
    assert {one.team for one in known.organisation.memberships if one.person == ann.id} == {"Sales", "Choir"}
    assert _live_is_rebuilt(url)
    directory.unlink("ann.home@example.org", by="test")
    assert home.id not in directory.known().organisation.people


def test_learners_nobody_knows_are_linked_by_their_ids(directory: Directory, log: ConfigurationLog, url: str) -> None:
    with log.reading() as cursor:
        keys = log.keyring.of(cursor, ["mbox:mailto:a@example.org", "mbox:mailto:b@example.org"])
    one, other = (key.learner for key in keys.values())
    directory.link(str(one), str(other), by="test")
    known, person = directory.person(str(other))
    assert (person.id, person.learners) == (one, (one, other))
    assert known.details[one].identifiers == ()
    assert _live_is_rebuilt(url)


@pytest.mark.parametrize(
    ("act", "kind", "reason"),
    [
        (lambda d: d.link("ann", "kim@example.org", by="t"), Malformed, "'ann' is no identifier"),
        (lambda d: d.link(str(uuid4()), "kim@example.org", by="t"), NotFound, "there is no learner"),
        (lambda d: d.link("ann@example.org", "kim@example.org", by="t"), Malformed, "belong to 'Sales', which they"),
        (lambda d: d.unlink("ann@example.org", by="t"), Malformed, "this learner isn't linked to any other"),
        (lambda d: d.unlink("zoe@example.org", by="t"), Malformed, "this learner isn't linked to any other"),
        (lambda d: d.person("zoe@example.org"), NotFound, "the organisation doesn't know zoe@example.org"),
    ],
)
def test_links_that_can_t_be(
    directory: Directory, act: Callable[[Directory], object], kind: type[Exception], reason: str
) -> None:
    _take(directory)
    with pytest.raises(kind) as refused:
        act(directory)
    assert reason in str(refused.value)


def test_the_first_identifier_can_t_be_unlinked(directory: Directory) -> None:
    _take(directory)
    directory.link("ann@example.org", _LMS, by="test")
    with pytest.raises(Malformed, match="this is the first identifier of its person"):
        directory.unlink("ann@example.org", by="test")


def test_two_imports_at_once_are_made_one_after_the_other(directory: Directory, url: str) -> None:
    _take(directory)
    logs = [ConfigurationLog(url, "north", MASTER) for _ in range(4)]
    barrier = threading.Barrier(len(logs))
    outcomes: list[Outcome] = []

    def run(number: int, log: ConfigurationLog) -> None:
        barrier.wait()
        rows = [
            {"email": f"new{number}", "team": "Sales"},
            {"email": "ann", "account": f"https://lms.example {number}"},
        ]
        outcomes.append(_take(Directory(log), table(*rows)))

    threads = [threading.Thread(target=run, args=one) for one in enumerate(logs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for log in logs:
        log.close()
    assert sorted(one.position or 0 for one in outcomes) == [2, 3, 4, 5]
    known, ann = directory.person("ann@example.org")
    assert len(ann.learners) == 5
    assert len(known.organisation.people) == 6
    assert _live_is_rebuilt(url)


def test_who_is_erased_while_a_file_is_taken_is_somebody_new(
    directory: Directory, log: ConfigurationLog, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Directory._keys
    erased: list[UUID] = []

    def and_erase(self: Directory, *arguments: Any) -> dict[UUID, PersonKey]:
        found = keys(self, *arguments)
        if not erased:
            erased.extend(found)
            Erasures(log).erase("ann@example.org", confirm=erased[0], by="test")
        return found

    monkeypatch.setattr(Directory, "_keys", and_erase)
    _take(directory, table({"email": "ann", "name": "Ann"}))
    (person,) = directory.known().organisation.people
    assert [person] != erased
    assert directory.known().details[person].name == "Ann"
    assert _live_is_rebuilt(url)


def test_a_rebuild_puts_tables_right(directory: Directory, url: str) -> None:
    _take(directory)
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = store_north")
        connection.execute("DELETE FROM person_learners; UPDATE teams SET name = 'x'")
    told = {one.table: (one.rows, one.missing, one.surplus) for one in rebuild(url, "store_north", MASTER, _quiet)}
    assert told == {
        "people": (2, 0, 0),
        "person_learners": (2, 2, 0),
        "teams": (1, 1, 1),
        "memberships": (1, 0, 0),
        "managements": (1, 0, 0),
    }
    assert _live_is_rebuilt(url)


def test_several_rebuild_at_once_and_none_sees_the_others(directory: Directory, url: str) -> None:
    _take(directory)
    before = _rows(url, "SELECT person FROM people ORDER BY person")
    others: list[bool] = []

    def another(_: int, __: int) -> None:
        others.append(_live_is_rebuilt(url))
        others.append(all(one.equal for one in rebuild(url, "store_north", MASTER, _quiet)))

    assert all(one.equal for one in rebuild(url, "store_north", MASTER, another))
    assert others
    assert all(others)
    assert _rows(url, "SELECT person FROM people ORDER BY person") == before


def test_the_statement_index_doesn_t_mind(directory: Directory, url: str) -> None:
    _take(directory)
    assert all(one.equal for one in rebuild_index(url, "store_north", MASTER, _quiet))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, st.booleans())
def test_after_any_imports_the_tables_are_what_the_log_says(
    directory: Directory, log: ConfigurationLog, url: str, files: list[tuple[bytes, How]], link: bool
) -> None:
    for data, how in files:
        _take(directory, data, how)
    if link:
        directory.link(f"{uuid4().hex}@example.org", f"{uuid4().hex}@example.org", by="test")
    assert _live_is_rebuilt(url)
    known = directory.known()
    with log.reading() as cursor:
        found = cursor.execute(SQL("SELECT person FROM {}").format(Identifier("people"))).fetchall()
    assert {person for (person,) in found} == set(known.organisation.people)

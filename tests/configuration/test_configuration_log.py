"""Policy and vocabulary in the store's log, on a real Postgres."""

import threading
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lrs.configuration import Configuration, ConfigurationLog
from lrs.errors import ChangedMeanwhile, Malformed, NotFound
from lrs.log.messages import MessageLog
from lrs.log.work import Unavailable
from lrs.seal import MasterKey, WrongMasterKey
from lrs.statement.verb import VOIDED
from lrs.store_name import BadStoreName
from schemas.act import ActKind
from schemas.policy import Policy
from schemas.vocabulary import VerbMeaning
from tests.configuration.conftest import MASTER

_PARIS, _TOKYO = Policy(time_zone="Europe/Paris"), Policy(time_zone="Asia/Tokyo")
_VERB = "https://lms.example/verbs/finished"
_TYPE = "https://lms.example/types/quiz"


def _events(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT notification_id, originator_version, topic FROM store_north.stored_events ORDER BY notification_id"
        ).fetchall()


def test_a_store_begins_with_what_is_shipped(configuration: Configuration, url: str) -> None:
    assert configuration.policy() == Policy()
    assert configuration.history() == []
    assert configuration.meanings() == []
    assert configuration.present().version == 0
    assert _events(url) == []


def test_policies_are_set_whole_and_remembered(configuration: Configuration, url: str) -> None:
    assert configuration.set_policy(_PARIS, by="ann", why="we moved").position == 1
    assert configuration.set_policy(_TOKYO, by="bob").position == 2
    assert not configuration.set_policy(_TOKYO, by="bob").applied
    assert configuration.policy() == _TOKYO
    assert [(one.version, one.by, one.why, one.policy) for one in configuration.history()] == [
        (1, "ann", "we moved", _PARIS),
        (2, "bob", "", _TOKYO),
    ]
    assert configuration.version(1).policy == _PARIS
    with pytest.raises(NotFound, match="no version 3"):
        configuration.version(3)
    assert _events(url) == [(1, 1, "policy.changed"), (2, 2, "policy.changed")]


def test_the_shipped_policy_can_be_set(configuration: Configuration) -> None:
    # From then on later defaults don't change what was decided.
    assert configuration.set_policy(Policy(), by="ann").applied
    assert not configuration.set_policy(Policy(), by="ann").applied


def test_a_dry_run_sets_nothing(configuration: Configuration, url: str) -> None:
    assert not configuration.set_policy(_PARIS, by="ann", dry_run=True).applied
    assert not configuration.map_verb(_VERB, "completed", by="ann", dry_run=True).applied
    assert _events(url) == []


def test_a_policy_that_somebody_else_set_isn_t_overwritten_unseen(configuration: Configuration) -> None:
    configuration.set_policy(_PARIS, by="ann", seen=0)
    with pytest.raises(ChangedMeanwhile, match="at version 1 now, not 0"):
        configuration.set_policy(_TOKYO, by="bob", seen=0)
    assert configuration.policy() == _PARIS


def test_of_those_who_saw_the_same_at_once_one_succeeds(configuration: Configuration, url: str) -> None:
    barrier = threading.Barrier(3)
    came: list[object] = []

    def run(zone: str) -> None:
        log = ConfigurationLog(url, "north", MASTER)
        barrier.wait()
        try:
            came.append(Configuration(log).set_policy(Policy(time_zone=zone), by=zone, seen=0).position)
        except ChangedMeanwhile:
            came.append(None)
        log.close()

    threads = [threading.Thread(target=run, args=[zone]) for zone in ("Asia/Tokyo", "Europe/Paris", "Europe/Rome")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came, key=str) == [1, None, None]
    assert len(configuration.history()) == 1


def test_verbs_are_mapped_and_unmapped(configuration: Configuration, url: str) -> None:
    configuration.map_verb(_VERB, "completed", by="ann")
    configuration.map_verb(_VERB, "passed", (_TYPE,), by="ann")
    configuration.map_verb(_VERB, None, ("Agent",), by="ann")
    assert configuration.meanings() == [
        VerbMeaning(verb=_VERB, kind=None, origin="store", types=("Agent",)),
        VerbMeaning(verb=_VERB, kind=ActKind.PASSED, origin="store", types=(_TYPE,)),
        VerbMeaning(verb=_VERB, kind=ActKind.COMPLETED, origin="store"),
    ]
    assert not configuration.map_verb(_VERB, "completed", by="ann").applied
    assert configuration.unmap_verb(_VERB, by="ann").position == 4
    assert configuration.meanings() == []
    with pytest.raises(NotFound, match="no meaning of its own"):
        configuration.unmap_verb(_VERB, by="ann")
    assert [row[2] for row in _events(url)] == ["vocabulary.changed"] * 4


def test_what_can_t_be_mapped(configuration: Configuration) -> None:
    for verb, kind, types, reason in (
        ("finished", "completed", (), "'finished' can't be a verb: write an IRI"),
        (_VERB, "flown", (), "'flown' is no kind of learning act: choose from assigned, planned"),
        (_VERB, "completed", ("quiz",), "'quiz' can't be an activity type"),
    ):
        with pytest.raises(Malformed) as refused:
            configuration.map_verb(verb, kind, types, by="ann")
        assert reason in str(refused.value)
    with pytest.raises(Malformed, match="a reason is one line"):
        configuration.map_verb(_VERB, "completed", by="ann", why="a\nb")


def test_what_contradicts_itself_isn_t_mapped(configuration: Configuration) -> None:
    for meanings, removed, reason in (
        ([(_VERB, "completed", ())], [_VERB], "is in meanings and in removed"),
        ([(_VERB, "completed", (_TYPE,)), (_VERB, None, (_TYPE, _TYPE))], [], "is given two kinds"),
        ([(VOIDED, None, ())], [], "voids a statement"),
    ):
        with pytest.raises(Malformed, match=reason):
            configuration.change_meanings(meanings, removed, by="ann")
    assert configuration.meanings() == []
    assert configuration.change_meanings([(_VERB, "completed", ())] * 2, [], by="ann").applied


def test_changes_are_messages(configuration: Configuration, url: str) -> None:
    configuration.set_policy(_PARIS, by="ann")
    configuration.map_verb(_VERB, "completed", by="ann")
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        connection.execute("SET search_path = store_north")
        messages = MessageLog(connection, "north", MASTER).after(cursor, 0, 2, 10)
    assert [(one.position, one.previous, one.kind) for one in messages] == [(1, 0, "policy"), (2, 1, "vocabulary")]
    assert b'"time_zone":"Europe/Paris"' in bytes(messages[0].change)


def test_the_ids_of_aggregates_differ_between_stores(url: str, log: ConfigurationLog) -> None:
    south = ConfigurationLog(url, "south", MASTER)
    ids: set[UUID] = {one.keyring.digest("configuration", "policy.changed") for one in (log, south)}
    south.close()
    assert len(ids) == 2


def test_what_can_t_be_opened(url: str, log: ConfigurationLog) -> None:
    assert log.store == "north"
    with pytest.raises(NotFound, match="there is no store west"):
        ConfigurationLog(url, "west", MASTER)
    with pytest.raises(BadStoreName):
        ConfigurationLog(url, "no store", MASTER)
    with pytest.raises(WrongMasterKey):
        ConfigurationLog(url, "north", MasterKey(bytes(range(32))))
    with pytest.raises(Unavailable):
        ConfigurationLog("postgresql://nobody@127.0.0.1:1/nothing", "north", MASTER)

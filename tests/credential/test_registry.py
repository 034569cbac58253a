"""Stores and credentials: made, listed, rotated, revoked."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from eventsourcing.domain import DomainEvent
from eventsourcing.utils import get_topic

from lrs.credential import Expired, Registry, Revoked, Secret
from lrs.credential.access_key import AccessKey
from lrs.credential.control_log import ControlLog
from lrs.credential.registered_store import RegisteredStore
from lrs.credential.secret import Pepper
from lrs.errors import ChangedMeanwhile, Malformed, NotFound, NotMigrated, Refused, Taken
from lrs.log.work import Unavailable
from lrs.problem import describe
from lrs.seal import WrongMasterKey
from lrs.store_name import BadStoreName
from schemas.xapi import Account, Actor


def test_stores_are_listed_oldest_first(registry: Registry) -> None:
    assert [(store.name, store.label) for store in registry.stores()] == [("north", "The north"), ("south", "")]
    assert registry.store("north").created_by == "test"


def test_a_store_s_name_is_taken_once(registry: Registry) -> None:
    with pytest.raises(Taken, match="a store north already"):
        registry.register_store("north", "", by="test")


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (RegisteredStore.Created, "lrs.credential.registered_store:RegisteredStore.Created"),
        (AccessKey.Issued, "lrs.credential.access_key:AccessKey.Issued"),
        (AccessKey.Rotated, "lrs.credential.access_key:AccessKey.Rotated"),
        (AccessKey.Revoked, "lrs.credential.access_key:AccessKey.Revoked"),
    ],
)
def test_events_are_called_as_logs_out_there_have_them(event: type[DomainEvent], topic: str) -> None:
    """By where their classes lay: whoever moves one registers its old topic (eventsourcing.utils.register_topic)."""
    assert get_topic(event) == topic


_NO_ROOM = """
CREATE FUNCTION vliegwiel.no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON vliegwiel.stored_events
FOR EACH ROW WHEN (NEW.topic LIKE '%AccessKey%') EXECUTE FUNCTION vliegwiel.no_room()
"""


def test_a_store_is_founded_with_its_credential_or_not_at_all(registry: Registry, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_NO_ROOM)
        with pytest.raises(Unavailable):
            registry.found_store("east", "The east", by="Ada")
        owner.execute("DROP TRIGGER no_room ON vliegwiel.stored_events")
    store, first = registry.found_store("east", "The east", by="Ada")
    assert store == registry.store("east")
    assert registry.credentials("east") == [first.credential]
    assert first.credential.scopes == ["admin"]
    assert registry.has_secret(first.credential.key, first.secret)
    with pytest.raises(Taken, match="a store east already"):
        registry.found_store("east", "", by="Ada")


@pytest.mark.parametrize("name", ["North", "", "1st", "a-b", "x" * 41, "é", "a\n"])
def test_a_store_needs_a_proper_name(registry: Registry, name: str) -> None:
    with pytest.raises(BadStoreName, match="is no name for a store: expected"):
        registry.register_store(name, "", by="test")


def test_issued_with_defaults(registry: Registry) -> None:
    made = registry.issue("north", ["statements/read", "define", "statements/write"], label="Video player", by="Ada")
    told = made.credential
    assert told == registry.credential(told.key)
    assert told.scopes == ["statements/write", "statements/read", "define"]
    assert (told.store, told.label, told.status, told.expires) == ("north", "Video player", "active", None)
    assert told.authority == Actor(object_type="Agent", account=Account("https://lrs.example", told.key))
    assert told.last_event.name == "Issued"
    assert told.last_event.by == "Ada"
    assert told.last_event.at == told.issued
    assert len(made.secret.reveal()) == 43


def test_issued_as_wished(registry: Registry) -> None:
    expires = datetime.now(UTC) + timedelta(days=1)
    made = registry.issue(
        "north",
        ["all"],
        by="test",
        key="player",
        secret=Secret("s"),
        authority=Actor(mbox="mailto:lms@x.org"),
        expires=expires,
    )
    assert made.credential.key == "player"
    assert made.credential.expires == expires
    assert made.credential.authority == Actor(object_type="Agent", mbox="mailto:lms@x.org")
    assert registry.has_secret("player", Secret("s"))
    assert not registry.has_secret("player", Secret("t"))


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"scopes": []}, "at least one scope"),
        ({"scopes": ["everything"]}, "'everything' is not a scope"),
        ({"key": "a:b"}, "can't be a key"),
        ({"key": "-x"}, "can't be a key"),
        ({"secret": Secret("")}, "secret is empty"),
        ({"label": "two\nlines"}, "one line"),
        ({"expires": datetime(2000, 1, 1, tzinfo=UTC)}, "in the past"),
        ({"expires": datetime(2999, 1, 1)}, "needs a time zone"),  # noqa: DTZ001 - that is the point
        ({"authority": Actor()}, "authority: an Agent needs exactly one"),
        ({"authority": Actor(mbox="x@y.z")}, "authority.mbox"),
        ({"authority": Actor(object_type="Group", mbox="mailto:x@y.z")}, "authority.objectType"),
    ],
)
def test_refused_wishes(registry: Registry, wish: dict[str, object], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        registry.issue("north", **{"scopes": ["all"], "by": "test", **wish})  # type: ignore[arg-type]
    assert registry.credentials() == []


def test_no_credential_without_a_store(registry: Registry) -> None:
    with pytest.raises(NotFound, match="no store east"):
        registry.issue("east", ["all"], by="test")


def test_a_key_is_taken_once_over_all_stores(registry: Registry) -> None:
    registry.issue("north", ["all"], by="test", key="player")
    with pytest.raises(Taken, match="key player already"):
        registry.issue("south", ["all"], by="test", key="player")


def test_listed_by_store(registry: Registry) -> None:
    north, south = (registry.issue(store, ["all"], by="test").credential for store in ("north", "south"))
    assert registry.credentials("north") == [north]
    assert registry.credentials("south") == [south]
    assert registry.credentials() == [north, south]


def test_rotated(registry: Registry) -> None:
    key = registry.issue("north", ["all"], by="test").credential.key
    first = registry.rotate(key, by="Ada")
    assert first.credential.last_event.name == "Rotated"
    assert first.credential.previous_until is None
    second = registry.rotate(key, by="Ada", grace=timedelta(hours=1))
    assert second.credential.previous_until is not None
    assert second.secret.reveal() != first.secret.reveal()
    assert registry.credential(key) == second.credential
    for grace in (timedelta(seconds=-1), timedelta(weeks=999_999)):
        with pytest.raises(Malformed, match=r"can't be negative, nor longer than 36,500 days"):
            registry.rotate(key, by="Ada", grace=grace)


def test_revoked_for_ever(registry: Registry) -> None:
    key = registry.issue("north", ["all"], by="test").credential.key
    assert registry.revoke(key, by="Ada").status == "revoked"
    for change in (registry.rotate, registry.revoke):
        with pytest.raises(Revoked, match="make a new one"):
            change(key, by="Ada")
    assert [one.status for one in registry.credentials()] == ["revoked"]


def test_expired_for_ever(registry: Registry, url: str) -> None:
    key = AccessKey(
        key="player",
        store="north",
        digest="00" * 32,
        scopes=["all"],
        label="",
        authority='{"mbox": "mailto:player@example.org"}',
        expires=datetime(2001, 1, 1, tzinfo=UTC),
        by="test",
    )
    with closing(ControlLog(url)) as log:
        log.record(key)
    with pytest.raises(Expired, match="expired on 2001-01-01; make a new one") as refused:
        registry.rotate("player", by="Ada")
    assert describe(refused.value).status == 409
    assert registry.credential("player").last_event.name == "Issued"
    assert registry.revoke("player", by="Ada").status == "revoked"


def test_unknown_keys(registry: Registry) -> None:
    for key in ("nobody", "", "a:b", "\ud800"):
        with pytest.raises(NotFound):
            registry.revoke(key, by="test")
        assert registry.find(key) is None


def test_of_two_rotations_at_once_one_is_told(registry: Registry, open_registry: Callable[..., Registry]) -> None:
    key = registry.issue("north", ["all"], by="test").credential.key
    mine = registry.access_key(key)
    assert mine is not None
    winner = open_registry().rotate(key, by="Bob")
    mine.rotate("00" * 32, None, "Ada")
    with pytest.raises(ChangedMeanwhile, match="try again"):
        registry._record_change(mine)
    assert registry.has_secret(key, winner.secret)


def test_many_rotations_at_once(registry: Registry) -> None:
    key = registry.issue("north", ["all"], by="test").credential.key

    def rotate(number: int) -> Secret | None:
        try:
            return registry.rotate(key, by=str(number)).secret
        except ChangedMeanwhile:
            return None

    with ThreadPoolExecutor(8) as threads:
        secrets = [secret for secret in threads.map(rotate, range(16)) if secret]
    assert secrets
    assert sum(registry.has_secret(key, secret) for secret in secrets) == 1


def test_secrets_are_nowhere(registry: Registry, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chosen = "hunter2-weak"
    made = registry.issue("north", ["all"], by="test", key="player", secret=Secret(chosen))
    rotated = registry.rotate("player", by="test", grace=timedelta(days=1))
    shown = f"{made!r} {made} {rotated!r} {made.secret!s} {registry.credentials()!r} {registry.access_key('player')!r}"
    with psycopg.connect(url) as connection:
        stored = [bytes(row[0]) for row in connection.execute("SELECT state FROM vliegwiel.stored_events")]
        rows = str(connection.execute("SELECT * FROM vliegwiel.secrets").fetchall())
    pepper = registry.pepper()
    for secret in (chosen, rotated.secret.reveal()):
        assert secret not in shown + caplog.text + rows
        assert not any(secret.encode() in state for state in stored)
        assert any(pepper.digest(secret).hex().encode() in state for state in stored)
        # Without the pepper the digest can't be found by guessing.
        assert Pepper(bytes(32)).digest(secret) != pepper.digest(secret)
    assert repr(pepper) == "Pepper(…)"
    assert "digest" not in msgspec.json.encode(registry.credentials()).decode()


def test_history_can_only_grow(registry: Registry, url: str) -> None:
    registry.issue("north", ["all"], by="test")
    with psycopg.connect(url, autocommit=True) as owner:
        for change in ("UPDATE vliegwiel.stored_events SET topic = ''", "DELETE FROM vliegwiel.stored_events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(change)
        owner.execute("SET ROLE vliegwiel_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            owner.execute("UPDATE vliegwiel.stored_events SET topic = ''")


def test_pepper_is_shared_and_needs_the_master_key(registry: Registry, open_registry: Callable[..., Registry]) -> None:
    key, secret = "player", Secret("s")
    registry.issue("north", ["all"], by="test", key=key, secret=secret)
    assert open_registry().has_secret(key, secret)
    with pytest.raises(WrongMasterKey):
        open_registry(master=bytes(32)).has_secret(key, secret)


def test_an_unmigrated_database_says_so(registry: Registry, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP TABLE vliegwiel.stored_events")
    with pytest.raises(NotMigrated, match="lrs migrate"):
        registry.credentials()


def test_a_database_that_is_away(open_registry: Callable[..., Registry]) -> None:
    away = open_registry(url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        away.find("player")
    with pytest.raises(Unavailable):
        away.pepper()
    assert not issubclass(Unavailable, Refused)

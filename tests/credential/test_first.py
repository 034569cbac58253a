"""The first credential: at every start, by several processes, given or made up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lrs.cli.first import given_credential, local_credential
from lrs.credential import Registry, Secret, ensure_first_credential, ensure_store
from lrs.errors import Malformed, Refused
from lrs.local.secrets import Credential, keep_credential, kept_credential
from lrs.settings import Settings, SettingsError


def test_made_up(open_registry: Callable[..., Registry]) -> None:
    registry = open_registry()
    first = ensure_first_credential(registry, "north")
    assert first.secret is not None
    assert first.credential.scopes == ["all"]
    assert registry.has_secret(first.credential.key, first.secret)
    assert [store.name for store in registry.stores()] == ["north"]
    again = ensure_first_credential(registry, "north")
    assert again.credential == first.credential
    assert again.secret is None


def test_a_store_is_registered_once(open_registry: Callable[..., Registry], url: str) -> None:
    for _ in range(2):
        ensure_store(url, "north")
    assert [store.name for store in open_registry().stores()] == ["north"]


def test_given_and_kept(registry: Registry) -> None:
    first = ensure_first_credential(registry, "north", key="mykey", secret="mysecret")
    assert (first.credential.key, first.secret and first.secret.reveal()) == ("mykey", "mysecret")
    assert first.done == "issued"
    again = ensure_first_credential(registry, "north", key="mykey", secret="mysecret")
    assert again.credential == first.credential
    assert again.done is None
    assert ensure_first_credential(registry, "north", key="mykey").secret is None


def test_given_another_secret(registry: Registry) -> None:
    ensure_first_credential(registry, "north", key="mykey", secret="old")
    changed = ensure_first_credential(registry, "north", key="mykey", secret="new")
    assert changed.credential.last_event.name == "Rotated"
    assert changed.done == "rotated"
    assert changed.secret is not None
    assert registry.has_secret("mykey", changed.secret)


def test_given_a_key_that_can_t_be_used(registry: Registry) -> None:
    ensure_first_credential(registry, "north", key="mykey", secret="s")
    with pytest.raises(Refused, match="belongs to the store north, not to south"):
        ensure_first_credential(registry, "south", key="mykey", secret="s")
    with pytest.raises(Malformed, match="without the key"):
        ensure_first_credential(registry, "north", secret="s")


def test_a_given_key_of_another_store_is_a_wrong_setting(url: str, registry: Registry, tmp_path: Path) -> None:
    registry.issue("south", ["all"], by="test", key="mykey")
    master = bytes(range(32)).hex()
    settings = Settings(database_url=url, master_key=master, store="north", key="mykey", secret="s")
    with pytest.raises(SettingsError, match=r"^LRS_KEY and LRS_SECRET: .* belongs to the store south, not to north"):
        local_credential(settings, tmp_path)


def test_what_was_decided_since_stays_so(registry: Registry) -> None:
    """A start with the settings of old would bring back a secret that leaked, or fail for one that was revoked."""
    ensure_first_credential(registry, "north", key="mykey", secret="leaked")
    rotated = registry.rotate("mykey", by="test")
    again = ensure_first_credential(registry, "north", key="mykey", secret="leaked")
    assert (again.secret, again.done, again.unheeded) == (None, None, "was given another secret since")
    assert registry.has_secret("mykey", rotated.secret)
    assert ensure_first_credential(registry, "north", key="mykey", secret="new").done == "rotated"
    registry.revoke("mykey", by="test")
    closed = ensure_first_credential(registry, "north", key="mykey", secret="new")
    assert (closed.secret, closed.done, closed.unheeded) == (None, None, "is revoked")


def test_settings_may_go_back_to_a_secret_that_settings_replaced(registry: Registry) -> None:
    for secret in ("one", "two", "one"):
        ensure_first_credential(registry, "north", key="mykey", secret=secret)
        assert registry.has_secret("mykey", Secret(secret))


def test_a_given_one_that_was_revoked_is_told_of_and_another_shown(
    url: str, registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    master = bytes(range(32)).hex()
    settings = Settings(database_url=url, master_key=master, store="north", key="mykey", secret="s")
    assert local_credential(settings, tmp_path) == Credential("mykey", "s")
    registry.revoke("mykey", by="test")
    shown = local_credential(settings, tmp_path)
    assert shown.secret
    assert shown == kept_credential(tmp_path)
    assert registry.has_secret(shown.key, Secret(shown.secret))
    told = "the credential with key mykey is revoked: LRS_KEY and LRS_SECRET change nothing about that"
    assert capsys.readouterr().err == f"lrs: {told}\n"
    assert local_credential(settings, tmp_path) == shown
    assert told in capsys.readouterr().err
    assert given_credential(settings) == []
    assert told in capsys.readouterr().err


def test_one_without_the_right_to_do_all_is_not_enough(registry: Registry) -> None:
    registry.issue("north", ["all/read"], by="test", key="reader")
    assert ensure_first_credential(registry, "north").credential.key != "reader"


def test_what_can_t_be_kept_is_not_issued(open_registry: Callable[..., Registry]) -> None:
    """Kept afterwards, a secret would be lost with a start that ends in between."""
    registry = open_registry()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        ensure_first_credential(registry, "north", keep=full)
    assert registry.credentials() == []
    kept: list[tuple[str, Secret]] = []
    first = ensure_first_credential(registry, "north", keep=lambda *both: kept.append(both))
    assert kept == [(first.credential.key, first.secret)]
    ensure_first_credential(registry, "north", keep=full)


def test_a_kept_one_that_was_never_issued_is_replaced(url: str, tmp_path: Path) -> None:
    keep_credential(tmp_path, Credential("never", "issued"))
    settings = Settings(database_url=url, master_key="00" * 32, store="north")
    credential = local_credential(settings, tmp_path)
    assert credential.secret
    assert credential.key != "never"
    assert kept_credential(tmp_path) == credential == local_credential(settings, tmp_path)


@pytest.mark.parametrize("old", [None, "old"])
def test_several_at_once(open_registry: Callable[..., Registry], old: str | None) -> None:
    if old:
        ensure_first_credential(open_registry(), "north", key="mykey", secret=old)
    registries = [open_registry() for _ in range(4)]

    def ensure(registry: Registry) -> str:
        first = ensure_first_credential(registry, "north", key="mykey", secret="s")
        assert first.secret is not None
        return first.secret.reveal()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ensure, registries)) == ["s"] * 4
    assert [one.key for one in registries[0].credentials()] == ["mykey"]

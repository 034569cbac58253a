"""The first credential: at every start, by several processes, given or made up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lrs.credential import Malformed, Registry, ensure_first_credential, ensure_store
from lrs.errors import Refused


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
    registry.revoke("mykey", by="test")
    with pytest.raises(Refused, match="is revoked: use another key"):
        ensure_first_credential(registry, "north", key="mykey", secret="s")
    with pytest.raises(Malformed, match="without the key"):
        ensure_first_credential(registry, "north", secret="s")


def test_one_without_the_right_to_do_all_is_not_enough(registry: Registry) -> None:
    registry.issue("north", ["all/read"], by="test", key="reader")
    assert ensure_first_credential(registry, "north").credential.key != "reader"


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

"""Any graph of references and voidings, in any order and any cut into requests, against a model of the rules."""

import asyncio
import random
from typing import Any

import pytest

from lrs.index import targets
from lrs.index.rebuild import rebuild
from lrs.index.targets import LONGEST_CHAIN
from lrs.store import Store
from tests.store.conftest import MASTER
from tests.store.given import append, found, person, ref, statement, voiding, who

NAMES = ("ann", "bea", "cas")


def _graph(chance: random.Random) -> list[dict[str, Any]]:
    """A few statements, most of which target others, in chains, rings and voidings."""
    made = [statement(chance.choice(NAMES)) for _ in range(chance.randrange(3, 8))]
    for one in made:
        aim, kind = chance.choice(made), chance.random()
        if kind < 0.55:
            one["object"] = ref(aim)
        elif kind < 0.8:
            one |= {**voiding(aim), "id": one["id"], "actor": one["actor"]}
    return made


class _Model:
    """The rules, read off the specification: which statements a filter by actor lists."""

    def __init__(self, made: list[dict[str, Any]], longest: int) -> None:
        self._made = {one["id"]: one for one in made}
        self._longest = longest

    def listed(self, name: str) -> set[str]:
        return {
            one["id"]
            for one in self._made.values()
            if not self._is_voided(one) and any(step["actor"] == person(name) for step in self._chain(one))
        }

    def _chain(self, one: dict[str, Any]) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        step: dict[str, Any] | None = one
        while step is not None and step not in steps and len(steps) <= self._longest:
            steps.append(step)
            targets = step["object"].get("objectType") == "StatementRef"
            step = self._made.get(step["object"]["id"]) if targets else None
        return steps

    def _is_voided(self, one: dict[str, Any]) -> bool:
        return not self._voids(one) and any(
            self._voids(other) and other["object"]["id"] == one["id"] for other in self._made.values()
        )

    def _voids(self, one: dict[str, Any]) -> bool:
        return bool(one["verb"]["id"] == "http://adlnet.gov/expapi/verbs/voided")


@pytest.mark.parametrize("seed", range(20))
async def test_filters_list_what_the_rules_say(
    store: Store, migrated_url: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    longest = chance.choice([LONGEST_CHAIN, 3, 2, 1])
    monkeypatch.setattr(targets, "LONGEST_CHAIN", longest)
    for _ in range(8):
        made = _graph(chance)
        waiting = chance.sample(made, len(made))
        before = {name: set(await found(store, agent=who(name), limit=1000)) for name in NAMES}
        while waiting:
            size = chance.randrange(1, len(waiting) + 1)
            await append(store, *waiting[:size])
            del waiting[:size]
        model = _Model(made, longest)
        for name in NAMES:
            assert set(await found(store, agent=who(name), limit=1000)) - before[name] == model.listed(name)
    differences = await asyncio.to_thread(
        rebuild, migrated_url, "store_default", MASTER, lambda _reached, _head: None, replace=False
    )
    assert all(difference.equal for difference in differences)

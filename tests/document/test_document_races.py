"""Many at once, and requests that go twice."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.document import Changed, Content, Documents, Exists, Key
from lrs.log import appender
from lrs.log.work import Unavailable
from lrs.store import Stores
from tests.document.given import (
    LIMITS,
    MASTER,
    activity_profile,
    agent_profile,
    delete,
    delete_all,
    events,
    merge,
    put,
    state,
    value,
)

WRITERS = 12


async def outcomes(*attempts: Any) -> Counter[str]:
    """Run attempts at once; give how many went well and how many failed, by the kind of failure."""
    found = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter(type(one).__name__ if isinstance(one, BaseException) else "done" for one in found)


@pytest.fixture
async def two(documents: Documents, documents_url: str) -> Any:
    """The same store as two processes have it."""
    stores = Stores(documents_url, MASTER)
    yield documents, Documents(await stores.get("default"), LIMITS)
    await stores.close()


async def test_of_writers_with_the_same_etag_exactly_one_wins(two: tuple[Documents, Documents]) -> None:
    for place in (state(), agent_profile(), activity_profile()):
        key = Key(place, "a")
        etag = await put(two[0], key, {"writer": None}, if_none_match="*")
        found = await outcomes(*(put(two[n % 2], key, {"writer": n}, if_match=etag) for n in range(WRITERS)))
        assert found == {"done": 1, Changed.__name__: WRITERS - 1}


async def test_of_writers_of_a_new_document_exactly_one_wins(two: tuple[Documents, Documents]) -> None:
    key = Key(state(), "a")
    found = await outcomes(*(put(two[n % 2], key, {"writer": n}, if_none_match="*") for n in range(WRITERS)))
    assert found == {"done": 1, Changed.__name__: WRITERS - 1}
    key = Key(state(), "a")
    found = await outcomes(*(put(two[n % 2], key, {"writer": n}, version="2.0.0") for n in range(WRITERS)))
    assert found == {"done": 1, Exists.__name__: WRITERS - 1}


async def test_of_writers_and_deleters_with_the_same_etag_exactly_one_wins(two: tuple[Documents, Documents]) -> None:
    key = Key(agent_profile(), "a")
    etag = await merge(two[0], key, {"a": 1})
    found = await outcomes(
        *(put(two[n % 2], key, {"writer": n}, if_match=etag) for n in range(4)),
        *(merge(two[n % 2], key, {"writer": n}, if_match=etag) for n in range(4)),
        *(delete(two[n % 2], key, if_match=etag) for n in range(4)),
    )
    assert found == {"done": 1, Changed.__name__: 11}


async def test_no_merge_is_lost(two: tuple[Documents, Documents]) -> None:
    key = Key(state(), "a")
    found = await outcomes(*(merge(two[n % 2], key, {f"of {n}": n}) for n in range(WRITERS)))
    assert found == {"done": WRITERS}
    assert await value(two[0], key) == {f"of {n}": n for n in range(WRITERS)}
    versions = [version for version, _, _ in await events(two[0]._store, key)]
    assert versions == list(range(1, WRITERS + 1))


async def test_first_documents_of_a_person_all_belong_to_one_learner(two: tuple[Documents, Documents]) -> None:
    place = state()
    found = await outcomes(*(put(two[n % 2], Key(place, str(n)), {}) for n in range(WRITERS)))
    assert found == {"done": WRITERS}
    assert len((await two[0].ids(place)).ids) == WRITERS


async def test_deleting_all_while_others_write_leaves_whole_documents(two: tuple[Documents, Documents]) -> None:
    place = state()
    found = await outcomes(
        *(merge(two[n % 2], Key(place, f"{n % 3}"), {"n": n}) for n in range(WRITERS)),
        *(delete_all(two[n % 2], place) for n in range(4)),
    )
    assert found == {"done": WRITERS + 4}
    for name in (await two[0].ids(place)).ids:
        assert await value(two[1], Key(place, name))
    await delete_all(two[0], place)
    for name in ("0", "1", "2"):
        versions = [version for version, _, _ in await events(two[0]._store, Key(place, name))]
        assert versions == list(range(1, len(versions) + 1))


names = st.sampled_from("ab")
objects = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 9), max_size=2)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), names, objects),
        st.tuples(st.just("merge"), names, objects),
        st.tuples(st.just("delete"), names, st.none()),
        st.tuples(st.just("delete all"), st.just(""), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_documents_are_what_a_dictionary_would_be(documents: Documents, steps: list[Any]) -> None:
    place = state()
    expected: dict[str, dict[str, int]] = {}
    for step, name, what in steps:
        if step == "put":
            await put(documents, Key(place, name), what)
            expected[name] = what
        elif step == "merge":
            await merge(documents, Key(place, name), what)
            expected[name] = {**expected.get(name, {}), **what}
        elif step == "delete":
            await delete(documents, Key(place, name))
            expected.pop(name, None)
        else:
            await delete_all(documents, place)
            expected.clear()
        found = await documents.ids(place)
        assert found.ids == sorted(expected)
        assert {name: await value(documents, Key(place, name)) for name in found.ids} == expected


async def test_documents_that_wait_count_by_what_they_hold(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appender, "WAITING_BYTES", 10_000)
    place = activity_profile()
    large = Content(bytes(20_000), "application/octet-stream")
    small = Content(b"", "application/octet-stream")
    one_after = (
        put(documents, Key(place, name), what, if_none_match="*") for name, what in (("a", large), ("b", small))
    )
    assert await outcomes(*one_after) == {"done": 1, Unavailable.__name__: 1}
    both = (put(documents, Key(place, name), small, if_none_match="*") for name in ("c", "d"))
    assert await outcomes(*both) == {"done": 2}

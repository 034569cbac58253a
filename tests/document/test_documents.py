"""Storing, merging, giving and deleting documents."""

from datetime import UTC, datetime
from hashlib import sha1
from uuid import uuid4

import pytest

from lrs.document import (
    Changed,
    Content,
    DocumentLimits,
    Documents,
    Exists,
    Key,
    NotMergeable,
    Place,
    TooLarge,
    Unconditional,
)
from lrs.statement import Version
from lrs.store import Store, Stores
from tests.document.given import (
    LIMITS,
    activity_profile,
    agent_profile,
    content,
    delete,
    delete_all,
    iri,
    merge,
    person,
    put,
    state,
    value,
)

BYTES = bytes(range(256))
EVERYWHERE = pytest.mark.parametrize("place", [state(), agent_profile(), activity_profile()], ids=lambda p: p.resource)
PROFILES = pytest.mark.parametrize("place", [agent_profile(), activity_profile()], ids=lambda p: p.resource)


def a_key(place: Place) -> Key:
    return Key(place, str(uuid4()))


@EVERYWHERE
async def test_a_document_is_kept_byte_for_byte_with_its_type(documents: Documents, place: Place) -> None:
    key = a_key(place)
    started = datetime.now(UTC)
    etag = await put(documents, key, Content(BYTES, 'text/x; a="b"'), if_none_match="*")
    found = await documents.get(key)
    assert found is not None
    assert found.content == Content(BYTES, 'text/x; a="b"')
    assert found.content.etag == etag == f'"{sha1(BYTES).hexdigest()}"'  # noqa: S324
    assert started <= found.updated <= datetime.now(UTC)


@EVERYWHERE
async def test_an_empty_document_is_a_document(documents: Documents, place: Place) -> None:
    key = a_key(place)
    await put(documents, key, Content(b"", "text/plain"), if_none_match="*")
    found = await documents.get(key)
    assert found is not None
    assert found.content.data == b""


@pytest.mark.parametrize("name", ["a b", "é🎓", "'; --", "x" * 5000, "a\0b", "*", "null", "../.."])
async def test_a_name_may_be_anything(documents: Documents, name: str) -> None:
    place = state()
    await put(documents, Key(place, name), {"a": 1})
    assert await value(documents, Key(place, name)) == {"a": 1}
    assert (await documents.ids(place)).ids == [name]


async def test_each_part_of_a_key_tells_documents_apart(documents: Documents) -> None:
    activity, agent, registration = iri(), person(), uuid4()
    keys = [
        Key(state(activity=activity, agent=agent), "a"),
        Key(state(activity=activity, agent=agent), "b"),
        Key(state(activity=activity, agent=agent), "A"),
        Key(state(activity=activity, agent=person()), "a"),
        Key(state(activity=iri(), agent=agent), "a"),
        Key(state(activity=activity, agent=agent, registration=registration), "a"),
        Key(state(activity=activity, agent=agent, registration=uuid4()), "a"),
        Key(agent_profile(agent), "a"),
        Key(Place(resource="activity_profile", activity=activity), "a"),
    ]
    for number, key in enumerate(keys):
        await put(documents, key, {"number": number}, if_none_match="*")
    assert [await value(documents, key) for key in keys] == [{"number": number} for number in range(len(keys))]


async def test_stores_do_not_see_each_others_documents(documents: Documents, stores: Stores) -> None:
    key = a_key(state())
    await put(documents, key, {"a": 1})
    other = Documents(await stores.get("other"), LIMITS)
    assert await other.get(key) is None
    assert (await other.ids(key.place)).ids == []


@EVERYWHERE
async def test_a_merge_makes_a_document_if_there_is_none(documents: Documents, place: Place) -> None:
    key = a_key(place)
    await merge(documents, key, Content(b' {"x" : 1.0}\n', "application/json; charset=utf-8"))
    found = await documents.get(key)
    assert found is not None
    assert found.content == Content(b' {"x" : 1.0}\n', "application/json; charset=utf-8")


@EVERYWHERE
async def test_a_merge_sets_properties_and_leaves_the_others(documents: Documents, place: Place) -> None:
    key = a_key(place)
    await merge(documents, key, {"x": "foo", "y": {"deep": 1}, "w": "bar"})
    etag = await merge(documents, key, {"x": "bash", "z": "faz", "y": {"other": 2}})
    assert await value(documents, key) == {"x": "bash", "y": {"other": 2}, "w": "bar", "z": "faz"}
    found = await documents.get(key)
    assert found is not None
    assert found.content.etag == etag


@EVERYWHERE
@pytest.mark.parametrize(
    ("stored", "posted"),
    [
        (content({"a": 1}), Content(b'{"b":2}', "text/plain")),
        (content({"a": 1}), Content(b'{"b":2', "application/json")),
        (content({"a": 1}), content([2])),
        (content([1]), content({"b": 2})),
        (Content(b'{"a":', "application/json"), content({"b": 2})),
        (Content(b'{"a":1}', "text/plain"), content({"b": 2})),
        (Content(b"\xff", "application/octet-stream"), content({"b": 2})),
    ],
)
async def test_what_can_not_be_merged_changes_nothing(
    documents: Documents, place: Place, stored: Content, posted: Content
) -> None:
    key = a_key(place)
    await put(documents, key, stored, if_none_match="*")
    with pytest.raises(NotMergeable):
        await merge(documents, key, posted)
    found = await documents.get(key)
    assert found is not None
    assert found.content == stored


@pytest.mark.parametrize("posted", [Content(b"{", "application/json"), Content(b"{}", "text/plain")])
async def test_a_new_document_is_posted_as_a_json_object_too(documents: Documents, posted: Content) -> None:
    key = a_key(state())
    with pytest.raises(NotMergeable):
        await merge(documents, key, posted)
    assert await documents.get(key) is None


async def test_a_document_is_limited_in_size_also_when_merged(store: Store) -> None:
    documents = Documents(store, DocumentLimits(size=20, depth=64))
    key = a_key(state())
    with pytest.raises(TooLarge):
        await put(documents, key, Content(bytes(21), "a/b"))
    await merge(documents, key, {"a": "123456"})
    with pytest.raises(TooLarge):
        await merge(documents, key, {"b": "123456"})
    await merge(documents, key, {"a": "654321"})
    assert await value(documents, key) == {"a": "654321"}


@EVERYWHERE
async def test_a_deleted_document_is_gone_and_may_come_back(documents: Documents, place: Place) -> None:
    key = a_key(place)
    await put(documents, key, {"a": 1}, if_none_match="*")
    await delete(documents, key)
    assert await documents.get(key) is None
    assert key.id not in (await documents.ids(place)).ids
    await put(documents, key, {"b": 2}, if_none_match="*")
    assert await value(documents, key) == {"b": 2}


@EVERYWHERE
async def test_deleting_what_is_not_there_is_fine(documents: Documents, place: Place) -> None:
    await delete(documents, a_key(place))
    with pytest.raises(Changed):
        await delete(documents, a_key(place), if_match="*")


@EVERYWHERE
@pytest.mark.parametrize("if_match", ['"1111111111111111111111111111111111111111"', 'W/"{}"', '"a", "b"', ""])
async def test_another_etag_changes_nothing(documents: Documents, place: Place, if_match: str) -> None:
    key = a_key(place)
    etag = await put(documents, key, {"a": 1}, if_none_match="*")
    if_match = if_match.replace('"{}"', etag)
    with pytest.raises(Changed):
        await put(documents, key, {"b": 2}, if_match)
    with pytest.raises(Changed):
        await merge(documents, key, {"b": 2}, if_match)
    with pytest.raises(Changed):
        await delete(documents, key, if_match)
    with pytest.raises(Changed):
        await put(documents, key, {"b": 2}, if_none_match="*")
    with pytest.raises(Changed):
        await put(documents, key, {"b": 2}, if_none_match=etag)
    assert await value(documents, key) == {"a": 1}


@EVERYWHERE
async def test_the_right_etag_lets_changes_through(documents: Documents, place: Place) -> None:
    key = a_key(place)
    etag = await put(documents, key, {"a": 1}, if_none_match="*")
    etag = await put(documents, key, {"b": 2}, if_match=f'"other", {etag}')
    etag = await merge(documents, key, {"c": 3}, if_match=etag)
    assert await value(documents, key) == {"b": 2, "c": 3}
    await delete(documents, key, if_match=etag)
    assert await documents.get(key) is None


@PROFILES
async def test_a_profile_put_without_headers_conflicts_with_one_there_is(documents: Documents, place: Place) -> None:
    key = a_key(place)
    etag = await merge(documents, key, {"a": 1})
    for version in ("1.0.3", "2.0.0"):
        with pytest.raises(Exists, match=etag):
            await put(documents, key, {"b": 2}, version=version)
    assert await value(documents, key) == {"a": 1}


@PROFILES
async def test_a_new_profile_put_without_headers_is_refused_by_1_0_3_only(documents: Documents, place: Place) -> None:
    key = a_key(place)
    with pytest.raises(Unconditional):
        await put(documents, key, {"a": 1}, version="1.0.3")
    assert await documents.get(key) is None
    await put(documents, key, {"a": 1}, version="2.0.0")
    assert await value(documents, key) == {"a": 1}


async def test_a_state_is_put_without_headers_in_1_0_3_and_once_in_2_0(documents: Documents) -> None:
    key = a_key(state())
    await put(documents, key, {"a": 1}, version="2.0.0")
    with pytest.raises(Exists):
        await put(documents, key, {"b": 2}, version="2.0.0")
    await put(documents, key, {"c": 3}, version="1.0.3")
    assert await value(documents, key) == {"c": 3}


@EVERYWHERE
@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
async def test_merges_and_deletions_need_no_headers(documents: Documents, place: Place, version: Version) -> None:
    key = a_key(place)
    await put(documents, key, {"a": 1}, if_none_match="*", version=version)
    await merge(documents, key, {"b": 2})
    await delete(documents, key)
    assert await documents.get(key) is None


@EVERYWHERE
async def test_a_repeated_request_gets_the_same_answer(documents: Documents, place: Place) -> None:
    key = a_key(place)
    assert await merge(documents, key, {"a": 1}) == await merge(documents, key, {"a": 1})
    assert await merge(documents, key, {"b": 2}) == await merge(documents, key, {"b": 2})
    await delete(documents, key)
    await delete(documents, key)


async def test_ids_are_those_of_one_place(documents: Documents) -> None:
    place, other = state(), state()
    for name in ("c", "a", "b"):
        await put(documents, Key(place, name), {})
    await put(documents, Key(other, "d"), {})
    assert (await documents.ids(place)).ids == ["a", "b", "c"]
    assert (await documents.ids(other)).ids == ["d"]
    nothing = await documents.ids(state())
    assert (nothing.ids, nothing.updated, nothing.body) == ([], None, b"[]")


async def test_without_registration_ids_are_those_of_all(documents: Documents) -> None:
    place = state()
    one, two = place.of(uuid4()), place.of(uuid4())
    for key in (Key(place, "a"), Key(one, "a"), Key(one, "b"), Key(two, "c")):
        await put(documents, key, {})
    assert (await documents.ids(place)).ids == ["a", "b", "c"]
    assert (await documents.ids(one)).ids == ["a", "b"]
    assert (await documents.ids(two)).ids == ["c"]


async def test_since_is_exclusive_and_counts_changes(documents: Documents) -> None:
    place = state()
    for name in ("a", "b", "c"):
        await put(documents, Key(place, name), {"x": 1})
    second = await documents.get(Key(place, "b"))
    assert second is not None
    assert (await documents.ids(place, second.updated)).ids == ["c"]
    await merge(documents, Key(place, "a"), {"x": 2})
    listing = await documents.ids(place, second.updated)
    assert listing.ids == ["a", "c"]
    newest = await documents.get(Key(place, "a"))
    assert newest is not None
    assert listing.updated == newest.updated
    assert (await documents.ids(place, newest.updated)).ids == []


async def test_all_states_of_a_place_are_deleted(documents: Documents) -> None:
    place, other = state(), state()
    one = place.of(uuid4())
    for key in (Key(place, "a"), Key(place, "b"), Key(one, "a"), Key(other, "a")):
        await put(documents, key, {})
    await delete_all(documents, one)
    assert (await documents.ids(place)).ids == ["a", "b"]
    await delete_all(documents, place)
    await delete_all(documents, place)
    assert (await documents.ids(place)).ids == []
    assert (await documents.ids(other)).ids == ["a"]


async def test_deleting_all_without_registration_includes_every_registration(documents: Documents) -> None:
    place = state()
    await put(documents, Key(place.of(uuid4()), "a"), {})
    await delete_all(documents, place)
    assert (await documents.ids(place)).ids == []


async def test_deleting_all_may_be_conditional_on_the_list(documents: Documents) -> None:
    place = state()
    await put(documents, Key(place, "a"), {})
    listing = await documents.ids(place)
    await put(documents, Key(place, "b"), {})
    with pytest.raises(Changed):
        await delete_all(documents, place, if_match=listing.etag)
    assert (await documents.ids(place)).ids == ["a", "b"]
    await delete_all(documents, place, if_match=(await documents.ids(place)).etag)
    assert (await documents.ids(place)).ids == []

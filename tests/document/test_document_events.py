"""What documents leave in the log and in the table."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.document import Content, Documents, Key
from lrs.document.change import event_context
from lrs.log.event import NewEvent
from lrs.store import Store
from schemas.document_event import (
    DOCUMENT_CHANGED,
    DOCUMENT_DELETED,
    DocumentChanged,
    DocumentDeleted,
    decode_changed,
    decode_deleted,
    decode_document_event,
)
from schemas.event import SealedPart
from tests.document.given import (
    TOOL,
    activity_profile,
    agent_profile,
    delete,
    delete_all,
    events,
    merge,
    put,
    rows,
    state,
    value,
)
from tests.store.given import destroy


async def opened(store: Store, key: Key) -> list[DocumentChanged | DocumentDeleted]:
    """Give a document's events, their seals opened."""
    found: list[DocumentChanged | DocumentDeleted] = []
    document = store.keys.digest("document", key.text())
    for version, topic, state_ in await events(store, key):
        what = decode_document_event(bytes(state_)).what
        if isinstance(what, SealedPart):
            key_id = UUID(bytes=what.key)
            person = (await store.keys.by_id([key_id]))[key_id]
            what = person.unseal(what.sealed, event_context(document, version))
        found.append(decode_changed(what) if topic == DOCUMENT_CHANGED else decode_deleted(what))
    return found


async def test_each_change_is_an_event_and_versions_go_on_after_a_deletion(documents: Documents, store: Store) -> None:
    key = Key(state(registration=uuid4()), "bookmark")
    await put(documents, key, Content(b"page 1", "text/plain"))
    await put(documents, key, {"page": 2})
    await merge(documents, key, {"line": 3})
    await delete(documents, key)
    await delete(documents, key)
    await put(documents, key, {})
    found = await events(store, key)
    assert [version for version, _, _ in found] == [1, 2, 3, 4, 5]
    assert [topic for _, topic, _ in found] == [DOCUMENT_CHANGED] * 3 + [DOCUMENT_DELETED, DOCUMENT_CHANGED]
    place = key.place
    whose = {"agent": place.agent, "activity": place.activity, "registration": place.registration}
    what = await opened(store, key)
    assert what[0] == DocumentChanged(
        resource="state",
        id="bookmark",
        **whose,  # type: ignore[arg-type]
        by=TOOL,
        content_type="text/plain",
        size=6,
        sha256=sha256(b"page 1").hexdigest(),
    )
    assert what[3] == DocumentDeleted(resource="state", id="bookmark", **whose, by=TOOL)  # type: ignore[arg-type]


async def test_a_refused_change_leaves_no_event(documents: Documents, store: Store) -> None:
    key = Key(agent_profile(), "a")
    for attempt in (
        put(documents, key, {}),
        put(documents, key, {}, if_match="*"),
        merge(documents, key, []),
        delete(documents, key, if_match="*"),
    ):
        try:
            await attempt
        except Exception:  # noqa: S112 - which ones is tested elsewhere
            continue
        raise AssertionError
    assert await events(store, key) == []


async def test_deleting_all_leaves_an_event_for_each(documents: Documents, store: Store) -> None:
    place = state()
    registered = place.of(uuid4())
    keys = [Key(place, "a"), Key(registered, "a"), Key(registered, "b")]
    for key in keys:
        await put(documents, key, {})
    await delete_all(documents, place)
    for key in keys:
        what = await opened(store, key)
        assert what[-1] == DocumentDeleted(
            resource="state",
            id=key.id,
            activity=place.activity,
            agent=place.agent,
            registration=key.place.registration,
            by=TOOL,
        )


async def everything(store: Store, key: Key) -> bytes:
    """Give all that table and log hold of a document."""
    document = store.keys.digest("document", key.text())
    table = await rows(store, "SELECT * FROM documents WHERE document = %(document)s", document=document)
    log = await events(store, key)
    return b"\n".join(_bytes(column) for row in (*table, *log) for column in row)


def _bytes(column: Any) -> bytes:
    return column if isinstance(column, bytes) else str(column).encode()


async def test_nothing_of_a_person_is_in_the_clear(documents: Documents, store: Store) -> None:
    secret = str(uuid4())
    agent = f"mbox:mailto:{secret}@example.org"
    for place in (state(agent=agent, activity=f"http://example.org/{secret}"), agent_profile(agent)):
        key = Key(place, f"of {secret}")
        data = json.encode({"mail": secret})
        await put(documents, key, Content(data, "application/json"), if_none_match="*")
        held = await everything(store, key)
        assert secret.encode() not in held
        # The hash of a short content would give it away as well.
        assert sha256(data).hexdigest().encode() not in held
        assert sha256(data).digest() not in held


async def test_an_activitys_documents_are_in_the_clear(documents: Documents, store: Store) -> None:
    key = Key(activity_profile(), "how it went")
    await put(documents, key, {"said": "hello"}, if_none_match="*")
    held = await everything(store, key)
    for part in (b"how it went", b"hello", str(key.place.activity).encode()):
        assert part in held


async def learner_of(store: Store, agent: str) -> UUID:
    return (await store.keys.of([agent]))[agent].learner


async def test_rows_name_their_learner_so_that_they_can_be_purged(documents: Documents, store: Store) -> None:
    place = state()
    agent = str(place.agent)
    keys = [Key(place, "a"), Key(agent_profile(agent), "b")]
    for key in keys:
        await put(documents, key, {}, if_none_match="*")
    learner = await learner_of(store, agent)
    found = await rows(store, "SELECT document FROM documents WHERE learner = %(learner)s", learner=learner)
    assert {document for (document,) in found} == {store.keys.digest("document", key.text()) for key in keys}
    for key in keys:
        for _, _, state_ in await events(store, key):
            assert decode_document_event(bytes(state_)).learner == learner.bytes


async def forget(store: Store, agent: str) -> None:
    """Destroy a person's key and forget who they are, but leave the documents: as if the erasure had stopped there."""
    learner = await learner_of(store, agent)

    def job(cursor: Cursor[TupleRow]) -> tuple[Sequence[NewEvent], None]:
        destroy(cursor, "learner = %s", learner)
        cursor.execute("DELETE FROM learners WHERE learner = %s", [learner])
        return [], None

    await store.perform(job)  # type: ignore[arg-type]


async def test_documents_of_a_forgotten_person_are_gone_with_the_key(documents: Documents, store: Store) -> None:
    place = state()
    key = Key(place, "a")
    await put(documents, key, {"a": 1})
    await forget(store, str(place.agent))
    assert await documents.get(key) is None
    assert (await documents.ids(place)).ids == []
    await delete(documents, key)
    await delete_all(documents, place)
    await merge(documents, key, {"b": 2})
    assert await value(documents, key) == {"b": 2}
    assert [version for version, _, _ in await events(store, key)] == [1, 2]


async def test_a_person_forgotten_while_a_change_is_decided_comes_back_as_somebody_new(
    documents: Documents, store: Store
) -> None:
    place = state()
    agent = str(place.agent)
    key = Key(place, "a")
    before = await learner_of(store, agent)
    perform = store.perform
    attempts: list[Any] = []

    async def perform_after_forgetting(job: Any, *, size: int = 0) -> Any:
        if not attempts:
            store.perform = perform  # type: ignore[method-assign]
            await forget(store, agent)
            store.perform = perform_after_forgetting  # type: ignore[method-assign]
        attempts.append(job)
        return await perform(job, size=size)

    store.perform = perform_after_forgetting  # type: ignore[method-assign]
    await put(documents, key, {"a": 1})
    assert len(attempts) == 2
    assert await value(documents, key) == {"a": 1}
    assert await learner_of(store, agent) != before
    assert len(await events(store, key)) == 1

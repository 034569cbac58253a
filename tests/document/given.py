"""Words to write documents with."""

from typing import Any
from uuid import uuid4

from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.document import Conditions, Content, DocumentLimits, Documents, Key, Place
from lrs.seal import MasterKey
from lrs.statement import Version
from lrs.store import Store

MASTER = MasterKey(bytes(32))
TOOL = "the-tool"
LIMITS = DocumentLimits(size=10 << 20, depth=64)


def person() -> str:
    """Give the identity of somebody new."""
    return f"mbox:mailto:{uuid4()}@example.org"


def iri() -> str:
    """Give the IRI of a new activity."""
    return f"http://example.org/activities/{uuid4()}"


def state(**parts: Any) -> Place:
    """Give where somebody's states in an activity are: both new, unless given."""
    return Place(resource="state", **{"activity": iri(), "agent": person(), **parts})


def agent_profile(agent: str | None = None) -> Place:
    """Give where somebody's profiles are."""
    return Place(resource="agent_profile", agent=agent or person())


def activity_profile() -> Place:
    """Give where a new activity's profiles are."""
    return Place(resource="activity_profile", activity=iri())


def content(value: Any) -> Content:
    """Give a value as a content."""
    return Content(json.encode(value), "application/json")


async def put(
    documents: Documents,
    key: Key,
    what: Any,
    if_match: str | None = None,
    if_none_match: str | None = None,
    version: Version = "1.0.3",
) -> str:
    """Put a document; anything but a Content becomes JSON."""
    made = what if isinstance(what, Content) else content(what)
    return await documents.put(key, made, Conditions(if_match, if_none_match), by=TOOL, version=version)


async def merge(documents: Documents, key: Key, what: Any, if_match: str | None = None) -> str:
    """Post a document; anything but a Content becomes JSON."""
    made = what if isinstance(what, Content) else content(what)
    return await documents.merge(key, made, Conditions(if_match), by=TOOL)


async def delete(documents: Documents, key: Key, if_match: str | None = None) -> None:
    """Delete a document."""
    await documents.delete(key, Conditions(if_match), by=TOOL)


async def delete_all(documents: Documents, place: Place, if_match: str | None = None) -> None:
    """Delete all documents in a place."""
    await documents.delete_all(place, Conditions(if_match), by=TOOL)


async def value(documents: Documents, key: Key) -> Any:
    """Give what a JSON document says; None if there is none."""
    found = await documents.get(key)
    return None if found is None else json.decode(found.content.data)


async def rows(store: Store, query: str, **parameters: Any) -> list[TupleRow]:
    """Ask the database."""

    def ask(cursor: Cursor[TupleRow]) -> list[TupleRow]:
        return cursor.execute(query.encode(), parameters).fetchall()

    return await store.run(ask)


async def events(store: Store, key: Key) -> list[TupleRow]:
    """Give version, topic and state of a document's events."""
    return await rows(
        store,
        "SELECT originator_version, topic, state FROM stored_events"
        " WHERE originator_id = %(document)s ORDER BY originator_version",
        document=store.keys.digest("document", key.text()),
    )

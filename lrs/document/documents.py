"""The documents of a store: giving, replacing, merging and deleting them (xAPI 1.0.3 Communication 2.2)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, structs
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.document.change import Change, make, new_event
from lrs.document.conditions import Conditions
from lrs.document.document import Content, Document, Listing
from lrs.document.errors import Changed, Exists, NotMergeable, TooLarge, Unconditional
from lrs.document.finder import Finder, Keys, Listed
from lrs.document.locked import KeyUnknown, Locked
from lrs.document.merge import is_json, merge, read_object
from lrs.document.place import Key, Place
from lrs.document.row import row
from lrs.errors import shown
from lrs.log.event import NewEvent
from lrs.seal import PersonKey
from lrs.statement import Version
from lrs.store import Store
from schemas.document_event import DocumentChanged, DocumentDeleted

T = TypeVar("T")


class DocumentLimits(Struct, frozen=True):
    """How large a document may be."""

    size: int
    """Bytes of a content, merged or not."""
    depth: int
    """Lists and objects inside each other in a content that is merged."""


class Documents:
    """The three document resources of one store. ``by`` is the key of the credential a change is made with."""

    def __init__(self, store: Store, limits: DocumentLimits) -> None:
        self._store = store
        self._finder = Finder(store)
        self._limits = limits

    async def get(self, key: Key) -> Document | None:
        """Give a document."""
        return (await self._finder.find(key)).document

    async def ids(self, place: Place, since: datetime | None = None) -> Listing:
        """Give the ids of the documents in a place, or of those changed after a moment.

        A place without registration has the documents of all registrations and those of none, as 1.0.3 Communication
        2.3 says ("all state data for this context"); a single document without registration is that of none.
        """
        return _listing(await self._finder.names(place, since))

    async def put(self, key: Key, content: Content, conditions: Conditions, *, by: str, version: Version) -> str:
        """Store a document as it is, in place of any before; gives its entity tag.

        Raises Changed, Exists, Unconditional, TooLarge.
        """

        def after(before: Document | None) -> Content:
            if conditions.stated():
                _check(conditions, before)
            else:
                _check_unconditional(key.place, before, version)
            return content

        return await self._replace(key, after, by, len(content.data))

    async def merge(self, key: Key, content: Content, conditions: Conditions, *, by: str) -> str:
        """Merge a JSON object into a document, or store it if there is none; gives the document's entity tag.

        Raises Changed, NotMergeable, TooLarge.
        """
        if not is_json(content.content_type):
            sent = shown(content.content_type)
            raise NotMergeable(f"POST merges JSON objects, of type application/json; this is {sent}: PUT replaces")
        new = read_object(content.data, "the content", self._limits.depth)

        def after(before: Document | None) -> Content:
            _check(conditions, before)
            if before is None:
                return content
            data, content_type = before.content
            if not is_json(content_type):
                raise NotMergeable(
                    f"POST merges JSON objects, of type application/json; the stored document is {shown(content_type)}"
                )
            old = read_object(data, "the stored document", self._limits.depth)
            return Content(merge(old, new), content_type)

        return await self._replace(key, after, by, len(content.data))

    async def delete(self, key: Key, conditions: Conditions, *, by: str) -> None:
        """Delete a document, if there is one. Raises Changed."""

        def decide(locked: Locked) -> tuple[list[Change], None]:
            seen, person, document = locked.find(key)
            _check(conditions, document)
            return [] if document is None else [self._deletion(key, seen, person, by)], None

        await self._perform(decide)

    async def delete_all(self, place: Place, conditions: Conditions, *, by: str) -> None:
        """Delete all documents in a place, all or none; conditions are on the list of their ids. Raises Changed."""

        def decide(locked: Locked) -> tuple[list[Change], None]:
            found = locked.names(place)
            if not conditions.hold(_listing(found).etag):
                raise Changed("the list of documents is not the one that If-Match or If-None-Match means")
            return [self._deletion(key, seen, person, by) for key, person, _, seen in found], None

        await self._perform(decide)

    async def _replace(self, key: Key, after: Callable[[Document | None], Content], by: str, size: int) -> str:
        def decide(locked: Locked) -> tuple[list[Change], str]:
            found = locked.find(key)
            content = after(found.document)
            if len(content.data) > self._limits.size:
                raise TooLarge(f"the document would have {len(content.data)} bytes; {self._limits.size} are allowed")
            return [self._change(key, found.seen, content, locked.person, by)], content.etag

        return await self._perform(decide, key.place.agent, size)

    async def _perform(
        self, decide: Callable[[Locked], tuple[list[Change], T]], agent: str | None = None, size: int = 0
    ) -> T:
        """Decide on changes under the store's lock and make them; ``agent`` is who they are sealed for.

        ``size`` is about how many bytes wait with them.
        """
        keys: dict[UUID, PersonKey | None] = {}
        while True:
            person = None
            if agent is not None:
                person = (await self._store.keys.of([agent]))[agent]
                keys[person.id] = person
            job = partial(self._decided, decide, keys, person)
            try:
                return await self._store.perform(job, size=size)
            except KeyUnknown as missed:
                # Looked up for another attempt: a key of before, or none if its person was forgotten meanwhile.
                keys[missed.key_id] = (await self._store.keys.by_id([missed.key_id])).get(missed.key_id)

    def _decided(
        self,
        decide: Callable[[Locked], tuple[list[Change], T]],
        keys: Keys,
        person: PersonKey | None,
        cursor: Cursor[TupleRow],
    ) -> tuple[list[NewEvent], T]:
        changes, outcome = decide(Locked(cursor, self._finder, keys, person))
        return make(cursor, changes), outcome

    def _change(self, key: Key, seen: int, content: Content, person: PersonKey | None, by: str) -> Change:
        what = DocumentChanged(
            **structs.asdict(key.place),
            id=key.id,
            by=by,
            content_type=content.content_type,
            size=len(content.data),
            sha256=sha256(content.data).hexdigest(),
        )
        digest = self._finder.digest(key)
        context = self._finder.context(key.place)
        changed = row(key, content, person, document=digest, context=context)
        return Change(new_event(digest, seen, what, person), changed)

    def _deletion(self, key: Key, seen: int, person: PersonKey | None, by: str) -> Change:
        what = DocumentDeleted(**structs.asdict(key.place), id=key.id, by=by)
        return Change(new_event(self._finder.digest(key), seen, what, person), None)


def _check(conditions: Conditions, before: Document | None) -> None:
    if not conditions.hold(before.content.etag if before else None):
        now = f"its ETag is {before.content.etag}" if before else "there is none"
        raise Changed(f"the document is not the one that If-Match or If-None-Match means: {now}")


def _check_unconditional(place: Place, before: Document | None, version: Version) -> None:
    if version == "1.0.3" and place.resource == "state":
        # "State conflicts are unlikely" (1.0.3 Communication 3.1); the 2.0 conformance tests make no exception of it.
        return
    if before is not None:
        raise Exists(
            "there is a document already: look at it, then replace it with the header If-Match and its ETag, "
            f"now {before.content.etag}"
        )
    if version == "1.0.3":
        raise Unconditional("PUT of a profile takes the header If-Match, or If-None-Match: * for a new one")


def _listing(found: list[Listed]) -> Listing:
    # An id may be there for several registrations.
    ids = sorted({listed.key.id for listed in found})
    return Listing(ids, max((listed.updated for listed in found), default=None))

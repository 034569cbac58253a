"""Erases people from one store: what they said, what is said of them, and who they are.

The log stays as it is, byte for byte. What makes a person readable in it are keys, and these go, with all that was told
from what they open: the index, documents, attachments, rows of projections, the organisation's tables. All of that is
one transaction under the store's lock, with the event that says so as its last. What is outside the database (the
stream) and what others folded before they knew (projections) follows from that event: a crash leaves nothing half done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from lrs import access, sql
from lrs.audit.erasure.extent import Extent, extent
from lrs.audit.erasure.found import Finder
from lrs.configuration import ConfigurationLog
from lrs.errors import Malformed, NotFound
from lrs.index.hearing import Foreseen
from lrs.index.terms import authority
from lrs.log.event import NewEvent
from lrs.log.recorder import opening
from lrs.organisation.identifier import parse_identifier
from lrs.organisation.sealing import open_details
from lrs.organisation.store_organisation import StoreOrganisation
from lrs.organisation.tables import write_change
from projections.replay import read as projections
from schemas.configuration_event import Details
from schemas.erasure import LEARNER_ERASED, Erased, decode_erased, encode_erased
from schemas.organisation import OrganisationChange

_queries = sql.load(__package__)
_OPENING: Final = opening(first=projections.HOLD)
_MBOX = "mbox:"


class Outlook(NamedTuple):
    """What an erasure would take."""

    extent: Extent
    details: list[Details]
    """Who they are, as far as the organisation says."""
    is_authority: bool
    """Whether somebody of that identity vouches for statements: that is a credential, and stays."""


class Erasure(NamedTuple):
    """An erasure that was carried out."""

    position: int
    """Of its event in the log."""
    stored: datetime
    person: UUID
    erased: Erased
    purged: datetime | None
    """When the stream held nothing of it any more; None: not yet."""
    behind: list[str]
    """Projections that have yet to get to its event."""

    @property
    def waits_for(self) -> list[str]:
        """What is still to be done: by the relay (``stream``), by the consumers of projections."""
        return [*(["stream"] if self.purged is None else []), *self.behind]


class Erasures:
    """The erasures of one store. Synchronous and safe to use from several threads.

    Methods raise a ``Refused``, or Unavailable.
    """

    def __init__(self, log: ConfigurationLog, stream_days: int = 7) -> None:
        """Work on the store of this configuration log, whose stream keeps messages for so many days."""
        self._log = log
        self._keeps = timedelta(days=stream_days)
        self._finder = Finder(log.keyring)

    def look(self, who: str) -> Outlook:
        """Give what erasing somebody would take; ``who`` is an identifier, or the id of a learner or a person.

        Raises NotFound, Malformed.
        """
        details = self._log.get(StoreOrganisation).sealed
        with self._reading() as cursor:
            found = self._extent(cursor, who)
            known = open_details(
                cursor, self._log.keyring, {id_: details[id_] for id_ in found.known if id_ in details}
            )
            identities = {identity for one in known.values() for identity in one.identifiers}
            if _id(who) is None:
                identities.update(_identities(who))
            vouching = (self._log.keyring.term(*authority(identity)) for identity in identities)
            return Outlook(found, list(known.values()), self._finder.index.is_found(cursor, vouching))

    def takes(self, identity: str | None, outlook: Outlook) -> bool:
        """Tell whether whom an erasure would take goes by this identity."""
        if identity is None:
            return False
        digests = sql.uuids([self._log.keyring.digest("identity", identity)])
        with self._reading() as cursor:
            found = {learner for (learner,) in cursor.execute(_queries.learners_of, {"digests": digests})}
        return not found.isdisjoint(outlook.extent.learners)

    def erase(self, who: str, *, confirm: UUID, by: str) -> Erasure:
        """Erase somebody; ``confirm`` is the person's id as ``look`` gave it: so who is erased is who was looked at.

        Who was erased already isn't erased again: it is the same erasure, also if they came back as somebody new since.
        Returns once it is in the log and nothing in the database can be read any more; see ``Erasure.waits_for``.
        Raises NotFound, Malformed.
        """
        return self._log.decide(lambda: self._attempt(who, confirm, by))

    def of(self, learner: UUID) -> Erasure:
        """Give the erasure of a learner or a person. Raises NotFound."""
        with self._reading() as cursor:
            found = self._done(cursor, learner)
        if found is None:
            raise NotFound(f"nobody with the id {learner} was erased here")
        return found

    def everything(self) -> list[Erasure]:
        """Give all erasures of persons, the latest first."""
        with self._reading() as cursor:
            rows = cursor.execute(_queries.everything).fetchall()
            return [self._read(cursor, position, purged) for position, purged in rows]

    def _attempt(self, who: str, confirm: UUID, by: str) -> Erasure:
        with self._log.snapshot() as cursor:
            if (done := self._done(cursor, confirm)) is not None:
                return done
            foreseen = self._finder.index.foresee(cursor, self._extent(cursor, who).found.own)
        organisation = self._log.get(StoreOrganisation)
        with self._log.appending(_OPENING) as append:
            cursor = append.cursor
            if (done := self._done(cursor, confirm)) is not None:
                return done
            # Who was folding has ended that, and nobody begins until this is committed: rows that were made of what
            # goes are either there to be taken out, or never written.
            projections.overtake(cursor)
            found = self._extent(cursor, who)
            if confirm not in found.persons:
                raise Malformed(
                    f"{confirm} is not whom this names: look first, and confirm with the id of the person that is shown"
                )
            self._forget(cursor, found, foreseen)
            events = []
            if found.known:
                change = OrganisationChange(removed_people=tuple(found.known))
                organisation.change(change, {}, {}, by=by, why="erasure")
                # Should somebody else have changed the organisation since, this place in it is taken: then all of
                # this is undone, and tried again.
                events += self._log.new_events(organisation)
                write_change(cursor, change, {})
            (version,) = sql.one(cursor.execute(_queries.next_version, {"id": confirm}))
            state = Erased(
                learners=tuple(one.bytes for one in [confirm, *(one for one in found.learners if one != confirm)]),
                keys=tuple(key.bytes for key in found.keys),
                touched=tuple(one.bytes for one in sorted(found.found.touched)),
                references=tuple(one.reference for one in found.found.own if one.reference is not None),
                counts=found.counts,
                by=by,
            )
            events.append(NewEvent(confirm, version, LEARNER_ERASED, encode_erased(state)))
            position = append.write(events)[-1]
            cursor.execute(_queries.note, {"position": position, "learners": sql.uuids(found.learners)})
            stored = append.last_stored
            behind = projections.behind(cursor, position)
        return Erasure(position, stored, confirm, state, None, behind)

    def _extent(self, cursor: Cursor[TupleRow], who: str) -> Extent:
        return extent(cursor, self._finder, self._learners(cursor, who), datetime.now(UTC) - self._keeps)

    def _forget(self, cursor: Cursor[TupleRow], found: Extent, foreseen: Foreseen) -> None:
        access.forget(cursor, found.learners)
        learners = {"learners": sql.uuids(found.learners)}
        cursor.execute(_queries.forget_attachments, {"keys": sql.uuids(found.keys)})
        cursor.execute(_queries.forget_documents, learners)
        cursor.execute(_queries.forget_salts, {"positions": [one.position for one in found.found.own]})
        cursor.execute(_queries.forget_keys, learners)
        cursor.execute(_queries.forget_identifiers, learners)
        self._finder.index.forget(cursor, found.found.own, found.found.mentioning, foreseen)
        projections.erase(cursor, found.learners)

    def _learners(self, cursor: Cursor[TupleRow], who: str) -> list[UUID]:
        """Give the learners that a text names. Raises NotFound, Malformed."""
        if (learner := _id(who)) is not None:
            rows = cursor.execute(_queries.learners_there, {"learners": sql.uuids([learner])}).fetchall()
        else:
            digests = [self._log.keyring.digest("identity", identity) for identity in _identities(who)]
            rows = cursor.execute(_queries.learners_of, {"digests": sql.uuids(digests)}).fetchall()
        if not rows:
            raise NotFound(f"nobody is known as {who} here: no statement, document or organisation names them")
        return [learner for (learner,) in rows]

    def _done(self, cursor: Cursor[TupleRow], learner: UUID) -> Erasure | None:
        row = cursor.execute(_queries.of_learner, {"learner": learner}).fetchone()
        if row is None:
            return None
        return self._read(cursor, *row)

    def _read(self, cursor: Cursor[TupleRow], position: int, purged: datetime | None) -> Erasure:
        person, stored, state = sql.one(cursor.execute(_queries.event, {"position": position}))
        behind = projections.behind(cursor, position)
        return Erasure(position, stored.astimezone(UTC), person, decode_erased(state), purged, behind)

    @contextmanager
    def _reading(self) -> Iterator[Cursor[TupleRow]]:
        with self._log.reading() as cursor:
            yield psycopg.ClientCursor(cursor.connection, row_factory=tuple_row)


def _id(who: str) -> UUID | None:
    try:
        return UUID(who.strip())
    except ValueError:
        return None


def _identities(who: str) -> list[str]:
    """Give the identities that a text names: an e-mail address is also known by its hash."""
    try:
        identity = parse_identifier(who)
    except ValueError as error:
        raise Malformed(str(error)) from None
    if not identity.startswith(_MBOX):
        return [identity]
    # 1.0.3 Data 2.4.2.3: the hex encoded SHA-1 of a mailto IRI.
    digest = sha1(identity.removeprefix(_MBOX).encode(), usedforsecurity=False).hexdigest()
    return [identity, f"mbox_sha1sum:{digest}"]

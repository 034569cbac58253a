"""The organisation of a store: imports, links, and who there is."""

from collections.abc import Callable, Collection, Mapping
from typing import Literal
from uuid import UUID, uuid4

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.configuration.configuration_log import ConfigurationLog, KeyDestroyed
from lrs.errors import ChangedMeanwhile, Malformed, NotFound
from lrs.log.personal_change import sealed as seal_parts
from lrs.organisation import cells
from lrs.organisation.decide import How, decide
from lrs.organisation.differences import Difference, differences
from lrs.organisation.identifier import parse_identifier
from lrs.organisation.json_file import read_json
from lrs.organisation.known import Known, difference
from lrs.organisation.linking import Named, link, unlink
from lrs.organisation.people_table import read_people
from lrs.organisation.pieces import pieces
from lrs.organisation.sealing import keys_of_learners, open_details, seal_details
from lrs.organisation.store_organisation import StoreOrganisation
from lrs.organisation.tables import write_change
from lrs.organisation.teams_table import read_teams
from lrs.organisation.wanted import Wanted
from lrs.seal import PersonKey
from schemas.organisation import Person

_queries = sql.load(__package__)
Kind = Literal["people", "teams", "json"]
"""What a file is: people.csv, teams.csv, organisation.json."""
Decide = Callable[[Known], Known]


class Outcome(Struct, frozen=True, rename="camel"):
    """What came of a change, or would come of it."""

    applied: bool
    """Whether it is so now: not if it was a dry run, or if rows were refused, or if nothing changes."""
    position: int | None
    """Place in the store's log, if something changed."""
    differences: list[Difference]
    refusals: list[str]


class Directory:
    """Reads and changes the organisation of one store. Synchronous and safe to use from several threads.

    ``by`` says who asks, for the record; ``seen`` is the version that a change was made on, if anybody looked: another
    is ChangedMeanwhile. Methods raise a ``Refused``, or Unavailable.
    """

    def __init__(self, log: ConfigurationLog) -> None:
        """Work on the configuration of this store."""
        self._log = log

    def known(self) -> Known:
        """Give the organisation and who everybody is."""
        return self._open(self._log.get(StoreOrganisation))

    def take(
        self, data: bytes, file: str, kind: Kind, how: How, *, by: str, seen: int | None = None, dry_run: bool = False
    ) -> Outcome:
        """Take a file over: all of it, or nothing if rows are refused, unless ``how.good_rows``.

        Raises Malformed for what is no such file, and for a day on which nobody can have worked.
        """
        try:
            cells.checked_date(how.on)
        except ValueError as error:
            raise Malformed(f"date: {error}") from None
        wanted = _read(data, file, kind, how)
        if how.whole and wanted.people == () and not wanted.refusals:
            raise Malformed(f"{file} has nobody in it: as the whole organisation it would end everybody's employment")
        identities = _identities(wanted)

        def attempt(find: Callable[[Collection[str]], Mapping[str, UUID]], *, dry: bool) -> Outcome:
            # Each time anew: whoever was erased meanwhile is somebody new.
            learners = find(identities)
            aggregate = self._log.get(StoreOrganisation)
            before = self._seen(aggregate, seen)
            decision = decide(before, wanted, learners, how)
            refusals = list(map(str, decision.refusals))
            if refusals and not how.good_rows:
                return Outcome(applied=False, position=None, differences=[], refusals=refusals)
            return self._record(aggregate, before, decision.after, refusals, why=f"import of {kind}", by=by, dry=dry)

        # Nobody becomes a learner of a file that isn't taken.
        looked = attempt(self._found, dry=True)
        if dry_run or not looked.differences:
            return looked
        return self._log.decide(lambda: attempt(self._learners, dry=False))

    def link(self, one: str, other: str, *, by: str, seen: int | None = None, dry_run: bool = False) -> Outcome:
        """Make two learners one person, each given as an identifier or a learner id; see ``linking``."""

        def decided(known: Known) -> Known:
            return link(known, self._named(one, make=not dry_run), self._named(other, make=not dry_run))

        return self._change(decided, "link", by=by, seen=seen, dry=dry_run)

    def unlink(self, one: str, *, by: str, seen: int | None = None, dry_run: bool = False) -> Outcome:
        """Make a learner a person by itself again; see ``linking``."""

        def decided(known: Known) -> Known:
            named = self._named(one, make=False)
            person = known.person_of.get(named.learner)
            details = known.details.get(person) if person else None
            return unlink(known, named, self._found(details.identifiers if details else ()))

        return self._change(decided, "unlink", by=by, seen=seen, dry=dry_run)

    def person(self, text: str) -> tuple[Known, Person]:
        """Give the person that an identifier or a learner id names. Raises NotFound."""
        known = self.known()
        named = self._named(text, make=False)
        person = known.person_of.get(named.learner)
        if person is None:
            raise NotFound(f"the organisation doesn't know {text}")
        return known, known.organisation.people[person]

    def _change(self, decided: Decide, why: str, *, by: str, seen: int | None, dry: bool) -> Outcome:
        def attempt() -> Outcome:
            aggregate = self._log.get(StoreOrganisation)
            before = self._seen(aggregate, seen)
            return self._record(aggregate, before, decided(before), [], why=why, by=by, dry=dry)

        return self._log.decide(attempt)

    def _record(
        self,
        aggregate: StoreOrganisation,
        before: Known,
        after: Known,
        refusals: list[str],
        *,
        why: str,
        by: str,
        dry: bool,
    ) -> Outcome:
        change = difference(before, after)
        shown = list(differences(before, after, change))
        if dry or not change:
            return Outcome(applied=False, position=None, differences=shown, refusals=refusals)
        parts = list(pieces(change.change))
        personal = [part.parted() for part in parts]
        keys = self._keys({person for _, own in personal for person in own}, before, after)
        sealed = seal_details(change.details, keys)
        for part, (common, own) in zip(parts, personal, strict=True):
            details = {person.id: sealed[person.id] for person in part.people if person.id in sealed}
            aggregate.change(common, seal_parts(own, keys), details, by=by, why=why)

        def write(cursor: Cursor[TupleRow]) -> None:
            for part in parts:
                write_change(cursor, part, sealed)

        position = self._log.record(aggregate, write, key_ids={key.id for key in keys.values()})
        return Outcome(applied=True, position=position, differences=shown, refusals=refusals)

    def _seen(self, aggregate: StoreOrganisation, seen: int | None) -> Known:
        if seen is not None and seen != aggregate.version:
            raise ChangedMeanwhile(f"the organisation is at version {aggregate.version}, not {seen}: look at it first")
        return self._open(aggregate)

    def _open(self, aggregate: StoreOrganisation) -> Known:
        with self._log.reading() as cursor:
            organisation = aggregate.opened(cursor, self._log.keyring)
            details = open_details(cursor, self._log.keyring, aggregate.sealed)
            return Known(organisation, details, aggregate.version)

    def _keys(self, persons: Collection[UUID], before: Known, after: Known) -> dict[UUID, PersonKey]:
        """Give the key that each person's own is sealed under: of the first of their learners that has one.

        Raises KeyDestroyed if somebody has none any more: they were erased after we looked who they are.
        """
        known = {**before.organisation.people, **after.organisation.people}
        learners = {id_: (id_, *known[id_].learners) if id_ in known else (id_,) for id_ in persons}
        with self._log.reading() as cursor:
            keys = keys_of_learners(cursor, self._log.keyring, {one for of in learners.values() for one in of})
        found = {id_: next((keys[one] for one in of if one in keys), None) for id_, of in learners.items()}
        if None in found.values():
            raise KeyDestroyed
        return {id_: key for id_, key in found.items() if key is not None}

    def _learners(self, identities: Collection[str]) -> dict[str, UUID]:
        """Give the learner of each identity, made where there is none."""
        with self._log.reading() as cursor:
            keys = self._log.keyring.of(cursor, identities)
        return {who: key.learner for who, key in keys.items()}

    def _found(self, identities: Collection[str]) -> dict[str, UUID]:
        """Give the learner of each identity, made up where there is none: good for looking what would come of it."""
        digests = {self._log.keyring.digest("identity", who): who for who in identities}
        with self._log.reading() as cursor:
            rows = cursor.execute(_queries.learners_of, {"digests": list(digests)}).fetchall()
        found = {digests[digest]: learner for digest, learner in rows}
        return {who: found.get(who) or uuid4() for who in identities}

    def _named(self, text: str, *, make: bool) -> Named:
        """Find the learner that a text names; ``make`` one of an identifier that nobody has used yet."""
        try:
            learner = UUID(text)
        except ValueError:
            return self._by_identifier(text, make=make)
        with self._log.reading() as cursor:
            if not cursor.execute(_queries.learners_there, {"learners": [learner]}).fetchone():
                raise NotFound(f"there is no learner {text}")
        return Named(learner)

    def _by_identifier(self, text: str, *, make: bool) -> Named:
        try:
            who = parse_identifier(text)
        except ValueError as error:
            raise Malformed(str(error)) from None
        learners = self._learners([who]) if make else self._found([who])
        return Named(learners[who], who)


def _read(data: bytes, file: str, kind: Kind, how: How) -> Wanted:
    match kind:
        case "people":
            return read_people(data, file, whole=how.whole)
        case "teams":
            return read_teams(data, file, whole=how.whole)
        case "json":
            return read_json(data, file)


def _identities(wanted: Wanted) -> set[str]:
    people = wanted.people or ()
    named = {row.reporting.manager for row in people if isinstance(row.reporting.manager, str)}
    return {who for row in people for who in row.identifiers} | named

"""One person's history: what each event of the log changed in their rows, one event after the other.

At every position the rows are those that ``replay.read.as_of`` makes there. An event that only adds is folded into the
states as they are; what takes something back (a voided statement, a target that arrives after who points at it,
learners linked or unlinked, another vocabulary) folds the person anew from the log.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import json

from projections.meaning import Vocabulary
from projections.meaning.act import entry
from projections.meaning.statement import decode
from projections.projection import Project, Projection, Rows
from projections.replay.configuration import Configuration
from projections.replay.fold import Broken, fold, rows_of
from projections.replay.meant import Meant, References, meant, targets
from projections.replay.row_change import RowChange, row_changes
from projections.replay.step import Known, LeftOut, Step, Under
from schemas.message import Message
from schemas.organisation import Organisation, OrganisationChange
from schemas.vocabulary import VerbMeaning

Pages = Iterable[Sequence[Message]]
_Made = dict[str, dict[UUID, Rows | Broken]]
_NOTHING: Final[Rows] = {}
_organisation_change = json.Decoder(OrganisationChange).decode


class History:
    """A person's rows in some projections, after one event of the log and after the next."""

    def __init__(
        self,
        projections: Sequence[Projection[Any]],
        person: UUID,
        ids: Collection[UUID],
        past: Callable[[int], Pages],
    ) -> None:
        """``ids`` are the person and all learners that are, under any of which there may be rows.

        ``past`` gives, in pages, all statements up to a position that ``take`` is given.
        """
        self._projections = projections
        self._person = person
        self._ids = frozenset(ids)
        self._past = past
        self._configuration = Configuration.shipped()
        self._pending: list[Message] = []
        self.under = Under(0, 0, 0)
        """What is in force after the events so far."""
        self._references = References()
        self._pointing: dict[UUID, list[UUID]] = {}
        self._others: set[UUID] = set(self._ids)
        self._latest: datetime | None = None
        self._states: dict[str, dict[UUID, Any]] = {one.name: {} for one in projections}
        self._broken: dict[str, dict[UUID, Broken]] = {one.name: {} for one in projections}
        self._made: _Made | None = None
        self._remembering: dict[tuple[str, UUID], Project[Any]] = {}

    def know(self, messages: Iterable[Message]) -> None:
        """Note earlier statements that are pointed at and don't touch the person themselves."""
        self._references.add(messages)

    def take(self, message: Message, *, shown: bool = True) -> Step | None:
        """Go on to the next event; gives what it did, None if it is nothing to this person, or isn't to be ``shown``.

        What isn't shown costs no rows.
        """
        if shown and self._made is None:
            self._settle()
            self._made = self._rows()
        elif not shown:
            self._made = None
        if message.kind == "statement":
            return self._statement(message, shown=shown)
        return self._change(message, shown=shown) if message.kind in Under._fields else None

    def _statement(self, message: Message, *, shown: bool) -> Step | None:
        self._settle()
        self._references.add([message])
        seen = self._references.glance(message.id)
        for target in targets(seen):
            self._pointing.setdefault(target, []).append(message.id)
        voided = self._references.is_voided(message.id)
        one = meant(message, self._references, self._configuration)
        referred_by = tuple(
            id_ for id_ in self._pointing.get(message.id, ()) if self._references.glance(id_).voids != message.id
        )
        takes_back = seen.voids is not None and self._references.is_taken_back(seen.voids)
        self._note(_learners(message).union(() if one is None else one.touched))
        counts = one is not None and not voided and not self._ids.isdisjoint(one.touched)
        broken = self._all_broken()
        if takes_back or referred_by:
            self._refold(message.position)
            changed: Collection[UUID] = self._ids
        else:
            changed = self._fold(one) if one is not None and counts else ()
        late = self._is_late(one) if counts else False
        if not shown:
            return None
        changes = self._differences(changed)
        left_out = tuple(one for one in self._all_broken() if one not in broken)
        if not (changes or left_out or counts or takes_back or not self._ids.isdisjoint(_learners(message))):
            return None
        act, known = None if one is None else one.act, self._known()
        return Step(
            message=message,
            under=self.under,
            act=act,
            entry=_entry(message, self._configuration.vocabulary),
            error="" if one is None or one.error is None else str(one.error),
            voids=seen.voids,
            refers=seen.refers,
            referred_by=referred_by,
            voided=voided,
            late=late,
            counts=counts,
            known=(known, known),
            changes=changes,
            left_out=left_out,
        )

    def _change(self, message: Message, *, shown: bool) -> Step | None:
        self.under = self.under._replace(**{message.kind: message.position})
        if message.kind == "organisation" and not self._concerns(message):
            # Nothing to this person: taken over together with the next thing that is.
            self._pending.append(message)
            return None
        self._settle()
        before, known = self._configuration, self._known()
        self._configuration = before.after([message])
        self._note(self._others)
        broken = self._all_broken()
        linked, _ = self._configuration.people.changed_since(before.people)
        if not self._others.isdisjoint(linked) or self._configuration.vocabulary != before.vocabulary:
            self._refold(message.position)
        if not shown:
            return None
        changes = self._differences(self._ids)
        left_out = tuple(one for one in self._all_broken() if one not in broken)
        if not changes and not left_out and known == self._known():
            return None
        return Step(
            message=message,
            under=self.under,
            act=None,
            entry=None,
            error="",
            voids=None,
            refers=(),
            referred_by=(),
            voided=False,
            late=False,
            counts=False,
            known=(known, self._known()),
            changes=changes,
            left_out=left_out,
        )

    def _settle(self) -> None:
        """Take over what changed in the organisation meanwhile."""
        if self._pending:
            self._configuration = self._configuration.after(self._pending)
            self._pending = []

    def _note(self, learners: Collection[UUID]) -> None:
        """Keep in mind whom this history knows of, and who they are now: what happens to them may change it."""
        person_of = self._configuration.people.person_of
        self._others.update(learners, [person_of(learner) for learner in learners])

    def _concerns(self, message: Message) -> bool:
        """Tell whether a change of the organisation is about somebody that this history knows of."""
        change = _organisation_change(message.change)
        if change.memberships is not None or change.managements is not None:
            return True
        people = {id_ for person in change.people for id_ in (person.id, *person.learners)}
        held = {one.person for one in (*change.removed_memberships, *change.added_memberships)}
        held |= {one.manager for one in (*change.removed_managements, *change.added_managements)}
        return not (self._others.isdisjoint(people.union(change.removed_people)) and self._ids.isdisjoint(held))

    def _known(self) -> Known:
        organisation: Organisation = self._configuration.organisation
        return Known(
            organisation.people.get(self._person),
            tuple(one for one in organisation.memberships if one.person == self._person),
            tuple(one for one in organisation.managements if one.manager == self._person),
        )

    def _is_late(self, one: Meant | None) -> bool:
        if one is None or one.act is None:
            return False
        late = self._latest is not None and one.act.at < self._latest
        self._latest = one.act.at if self._latest is None else max(self._latest, one.act.at)
        return late

    def _fold(self, one: Meant) -> set[UUID]:
        """Fold one more act; gives whose states changed."""
        changed: set[UUID] = set()
        for projection in self._projections:
            states, broken = self._states[projection.name], self._broken[projection.name]
            folded = fold(projection, states, [one], only=self._ids - broken.keys())
            changed |= {person for person, state in folded.states.items() if state is not states.get(person)}
            changed |= folded.broken.keys()
            states |= folded.states
            self._leave_out(projection, folded.broken)
        return changed

    def _refold(self, position: int) -> None:
        """Fold everything up to a position anew."""
        self._states = {one.name: {} for one in self._projections}
        self._broken = {one.name: {} for one in self._projections}
        for page in self._past(position):
            acts = [
                one
                for message in page
                if message.kind == "statement"
                and not self._references.is_voided(message.id)
                and (one := meant(message, self._references, self._configuration)) is not None
                and not self._ids.isdisjoint(one.touched)
            ]
            for projection in self._projections:
                states, broken = self._states[projection.name], self._broken[projection.name]
                folded = fold(projection, states, acts, only=self._ids - broken.keys())
                states |= folded.states
                self._leave_out(projection, folded.broken)

    def _leave_out(self, projection: Projection[Any], broken: Mapping[UUID, Broken]) -> None:
        self._broken[projection.name] |= broken
        for person in broken:
            self._states[projection.name].pop(person, None)

    def _rows(self) -> _Made:
        return {one.name: {person: self._rows_of(one, person) for person in self._ids} for one in self._projections}

    def _rows_of(self, projection: Projection[Any], person: UUID) -> Rows | Broken:
        state = self._states[projection.name].get(person)
        if state is None or state == projection.state():
            return _NOTHING
        if projection.remembering is None:
            return rows_of(projection, state, person, self._configuration)
        key = projection.name, person
        remembering = self._remembering.pop(key, None) or projection.remembering()
        rows = rows_of(projection._replace(rows=remembering), state, person, self._configuration)
        if not isinstance(rows, Broken):  # what broke halfway can't be gone on from
            self._remembering[key] = remembering
        return rows

    def _differences(self, persons: Collection[UUID]) -> tuple[RowChange, ...]:
        """Make the rows of these persons anew; gives what is other than before."""
        assert self._made is not None, "rows are kept while events are shown"  # noqa: S101
        found: list[RowChange] = []
        for projection in self._projections:
            kept = self._made[projection.name]
            for person in sorted(persons):
                before = kept[person]
                after = kept[person] = self._rows_of(projection, person)
                if before != after:
                    found += row_changes(projection, before, after)
        return tuple(found)

    def _all_broken(self) -> list[LeftOut]:
        """Give who is left out: whose fold broke, or whose rows can't be made."""
        folds = [LeftOut(name, *one) for name, some in self._broken.items() for one in some.items()]
        made = (self._made or {}).items()
        return folds + [
            LeftOut(name, person, rows)
            for name, some in made
            for person, rows in some.items()
            if isinstance(rows, Broken)
        ]


def _learners(message: Message) -> set[UUID]:
    """Give the learners that a statement mentions."""
    return {*message.people, *([] if message.learner is None else [message.learner])}


def _entry(message: Message, vocabulary: Vocabulary) -> VerbMeaning | None:
    return entry(decode(message.statement), vocabulary) if message.statement else None

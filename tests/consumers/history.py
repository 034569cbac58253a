"""Histories of a store, made up, and what a naive reader would make of them."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Raw, json

from schemas.act import ActKind
from schemas.message import Kind, Message
from schemas.organisation import OrganisationChange, Person
from schemas.policy import Policy
from schemas.vocabulary import VerbMeaning, VocabularyChange
from tests.consumers.counting import POISON, SHY
from tests.consumers.world import Change, World
from tests.store.given import person, ref, statement, voiding, who

NAMES = ("ann", "bea", "cas")
STATEMENTS = 7
"""Ids that a history has for its statements: those that are pointed at may come later, or never."""
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
SHARED = "http://adlnet.gov/expapi/verbs/shared"
OURS = "http://example.org/verbs/pondered"
_KINDS = {COMPLETED: "completed", SHARED: "shared"}
_ZONES = ("Europe/Amsterdam", "Europe/Lisbon")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_KIND_OF: dict[type, Kind] = {OrganisationChange: "organisation", Policy: "policy", VocabularyChange: "vocabulary"}
_ID = UUID("aaaaaaaa-0000-4000-8000-000000000000")


class Said(NamedTuple):
    """Somebody did something."""

    number: int
    actor: str
    verb: str
    about: str
    """Activity; or empty: a StatementRef to ``target``."""
    target: int | None
    context: int | None
    instructor: str | None


class Voided(NamedTuple):
    """Somebody voids a statement, which may be a voiding one."""

    number: int
    actor: str
    target: int


class Linked(NamedTuple):
    """The organisation says who somebody is: themselves, and maybe somebody else."""

    person: str
    also: tuple[str, ...]
    locale: str


class Left(NamedTuple):
    """The organisation forgets somebody."""

    person: str


class Ruled(NamedTuple):
    """Another policy."""

    zone: str


class Worded(NamedTuple):
    """The vocabulary learns our verb, or forgets it."""

    kind: ActKind | None
    removed: bool


class Erased(NamedTuple):
    """Somebody is erased, and all that are the same person; under their name somebody new may come."""

    person: str


Event = Said | Voided | Linked | Left | Ruled | Worded | Erased
_names = st.sampled_from(NAMES)
_numbers = st.integers(0, STATEMENTS - 1)
_activities = st.sampled_from([*(f"http://example.org/{name}" for name in "abcdef"), POISON, SHY])
_said = st.builds(
    Said,
    _numbers,
    _names,
    st.sampled_from([COMPLETED, SHARED, OURS]),
    _activities,
    st.none(),
    st.none() | _numbers,
    st.none() | _names,
) | st.builds(
    Said, _numbers, _names, st.sampled_from([COMPLETED, SHARED]), st.just(""), _numbers, st.none() | _numbers, st.none()
)
_events = st.one_of(
    _said,
    _said,
    _said,
    st.builds(Voided, _numbers, _names, _numbers),
    st.builds(Linked, _names, st.lists(_names, unique=True, max_size=2).map(tuple), st.sampled_from(["nl", "en"])),
    st.builds(Left, _names),
    st.builds(Ruled, st.sampled_from(_ZONES)),
    st.builds(Worded, st.sampled_from([ActKind.REFLECTED, None]), st.booleans()),
)


def _once_each(events: list[Event]) -> list[Event]:
    """Keep the first statement of each id: the log takes no second."""
    seen: set[int] = set()
    kept: list[Event] = []
    for event in events:
        if isinstance(event, Said | Voided):
            if event.number in seen:
                continue
            seen.add(event.number)
        kept.append(event)
    return kept


histories = st.lists(_events, min_size=4, max_size=25).map(_once_each)
erasing = st.lists(st.one_of(_events, _events, _events, st.builds(Erased, _names)), min_size=4, max_size=25).map(
    _once_each
)
"""Histories in which people are erased."""
Learners = dict[str, UUID]


def id_of(number: int) -> UUID:
    """The id of a statement."""
    return UUID(int=_ID.int + number)


async def tell(world: World, events: list[Event], told: Callable[[], None] = lambda: None) -> list[Learners]:
    """Put a history in the log, and say so after each event; gives everybody's learner id at each event."""
    found = []
    for event in events:
        keys = await world.store.keys.of([who(name) for name in NAMES])
        learners = {name: keys[who(name)].learner for name in NAMES}
        found.append(learners)
        match event:
            case Said():
                await world.say(_statement(event))
            case Voided(number, actor, target):
                await world.say({**voiding(str(id_of(target)), actor), "id": str(id_of(number))})
            case Erased(name):
                await world.erase(name)
            case _:
                await world.configure(_change(event, learners))
        told()
    return found


def messages_of(events: list[Event], learners: dict[str, UUID]) -> list[Message]:
    """What the log would give of a history."""
    found = []
    for position, event in enumerate(events, start=1):
        common: dict[str, Any] = {"store": "s", "position": position, "previous": position - 1, "stored": _NOW}
        if isinstance(event, Said | Voided):
            said = _statement(event) if isinstance(event, Said) else voiding(str(id_of(event.target)), event.actor)
            other = event.instructor if isinstance(event, Said) else None
            people = (learners[other],) if other is not None and other != event.actor else ()
            found.append(
                Message(
                    **common,
                    kind="statement",
                    id=id_of(event.number),
                    learner=learners[event.actor],
                    people=people,
                    statement=Raw(json.encode({**said, "timestamp": _NOW.isoformat()})),
                )
            )
        else:
            change = _change(event, learners)
            found.append(Message(**common, kind=_KIND_OF[type(change)], id=_ID, change=Raw(json.encode(change))))
    return found


def _statement(said: Said) -> dict[str, Any]:
    about: Any = {"id": said.about} if said.target is None else ref(str(id_of(said.target)))
    context: dict[str, Any] = {}
    if said.context is not None:
        context["statement"] = ref(str(id_of(said.context)))
    if said.instructor is not None:
        context["instructor"] = person(said.instructor)
    made = statement(said.actor, about, verb={"id": said.verb}, id=str(id_of(said.number)))
    return {**made, "context": context} if context else made


def _change(event: Event, learners: dict[str, UUID]) -> Change:
    match event:
        case Linked(name, also, locale):
            ids = tuple(sorted({learners[name], *(learners[other] for other in also)}))
            return OrganisationChange(people=(Person(id=learners[name], learners=ids, locale=locale),))
        case Left(name):
            return OrganisationChange(removed_people=(learners[name],))
        case Ruled(zone):
            return Policy(time_zone=zone)
        case Worded(kind, removed):
            if removed:
                return VocabularyChange(removed=(OURS,))
            return VocabularyChange(meanings=(VerbMeaning(verb=OURS, kind=kind),))
    raise TypeError(event)


def expected(
    events: list[Event], learners: Learners | list[Learners], erased: Collection[UUID] = ()
) -> list[tuple[Any, ...]]:
    """The rows of the counting projection, worked out from the whole history at once.

    ``learners`` are everybody's, at each event if they differ; ``erased`` those that nothing is left of.
    """
    known = learners if isinstance(learners, list) else [learners] * len(events)
    people, zone, kinds = _configured(events, known, erased)
    is_who = {learner: id_ for id_, (ids, _) in sorted(people.items()) for learner in (id_, *ids)}
    who_said = {
        event.number: then
        for event, then in zip(events, known, strict=True)
        if isinstance(event, Said | Voided) and then[event.actor] not in erased
    }
    said = {event.number: event for event in events if isinstance(event, Said) and event.number in who_said}
    voids = {event.number: event for event in events if isinstance(event, Voided)}
    voided = {event.target for event in voids.values()}
    done: dict[tuple[UUID, str], dict[UUID, set[UUID]]] = {}
    about: dict[UUID, set[str]] = {}
    for number, event in said.items():
        kind = kinds.get(event.verb, "unknown")
        if number in voided or kind is None:
            continue
        pointed = [one for one in (event.target, event.context) if one is not None and one in who_said]
        names = [(event.actor, number), *([(event.instructor, number)] if event.instructor else [])]
        names += [((said.get(one) or voids[one]).actor, one) for one in pointed]
        meant = {who_said[where][name] for name, where in names} - set(erased)
        touched = {is_who.get(learner, learner) for learner in meant}
        for somebody in touched:
            done.setdefault((somebody, kind), {})[id_of(number)] = touched - {somebody}
            about.setdefault(somebody, set()).add(event.about)
    return sorted(
        (
            somebody,
            kind,
            len(acts),
            sorted(acts),
            sorted({partner for partners in acts.values() for partner in partners}),
            zone,
            people[somebody][1] if somebody in people else None,
        )
        for (somebody, kind), acts in done.items()
        if POISON not in about[somebody] and about[somebody] != {SHY}
    )


def _configured(
    events: list[Event], learners: list[Learners], erased: Collection[UUID]
) -> tuple[dict[UUID, tuple[set[UUID], str]], str, dict[str, str | None]]:
    """The people, time zone and meanings of verbs after a history."""
    people: dict[UUID, tuple[set[UUID], str]] = {}
    zone, kinds = _ZONES[0], dict[str, str | None](_KINDS)
    for event, then in zip(events, learners, strict=True):
        match event:
            case Linked(name, also, locale) if then[name] not in erased:
                people[then[name]] = ({then[name], *(then[other] for other in also)}, locale)
            case Left(name):
                people.pop(then[name], None)
            case Ruled(wanted):
                zone = wanted
            case Worded(means, removed):
                kinds.pop(OURS, None)
                if not removed:
                    kinds[OURS] = means.value if means else None
            case _:
                pass
    return people, zone, kinds

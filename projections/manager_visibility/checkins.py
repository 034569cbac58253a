"""Check-ins that a learner's completed trainings ask of their manager, and who did them.

When a training counts as completed anew, which acts are about it and which of several decides is follow-up's to say:
both must say the same of a check-in. Here it is asked for each person apart, for who the manager was is known only
when reading.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from projections.follow_up.days import Days
from projections.follow_up.evidence import Evidence, Match
from projections.follow_up.fold import STEP, Act, digest
from projections.follow_up.plan import Plan, trainings
from projections.follow_up.steps import Window, decide
from projections.manager_visibility.fold import Completion, Contact, State
from schemas.act import ActKind
from schemas.policy import Policy

CHECK_IN = "check-in"
"""Name of the policy's step; without one no check-ins are due."""


class CheckIn(NamedTuple):
    """A check-in that is due after a completion."""

    plan: Plan
    window: Window
    waived: Match | None
    done: dict[UUID, Match]
    """The act that decides by the person it was with."""


def check_ins(state: State, policy: Policy, days: Days) -> Iterator[CheckIn]:
    """Give the check-ins of a learner's completed trainings that hadn't lapsed when the latest act was stored."""
    rule = next((rule for rule in policy.follow_up.steps if rule.name == CHECK_IN), None)
    found = trainings(map(_completed, state.completions), policy, days) if rule and state.completions else {}
    if rule is None or not found:
        return
    persons = {contact.statement: contact.persons for contact in state.contacts}
    kinds = {*rule.kinds, ActKind.WAIVED}
    matches = Evidence(found).matches(_did(contact) for contact in state.contacts if contact.kind in kinds)
    for training in found.values():
        for plan in training.plans:
            of_plan = matches.get(plan, [])
            waivers = [match for match in of_plan if match.act.kind is ActKind.WAIVED]
            (asked,) = decide(plan, (rule,), waivers, days)
            if asked.window.lapses > state.known:
                done = {
                    UUID(bytes=person): step.match
                    for person, with_them in _by_person(of_plan, persons).items()
                    for step in decide(plan, (rule,), with_them, days)
                    if step.match is not None
                }
                yield CheckIn(plan, asked.window, asked.match, done)


def _by_person(matches: Iterable[Match], persons: Mapping[bytes, tuple[bytes, ...]]) -> dict[bytes, list[Match]]:
    found: dict[bytes, list[Match]] = {}
    for match in matches:
        if match.act.kind is not ActKind.WAIVED:
            for person in persons[match.act.statement]:
                found.setdefault(person, []).append(match)
    return found


def _completed(completion: Completion) -> Act:
    activity = digest(completion.activity)
    return Act(
        at=completion.at,
        position=completion.position,
        statement=completion.statement,
        kind=completion.kind,
        by=None,
        activity=activity,
        within=() if completion.whole else (activity,),
        registration=completion.registration,
        refers=(),
        follows=0,
        training=completion.activity,
        type=completion.type,
        steps=(),
    )


def _did(contact: Contact) -> Act:
    named = (contact.activity, *contact.within)
    return Act(
        at=contact.at,
        position=contact.position,
        statement=contact.statement,
        kind=contact.kind,
        by=None if contact.mine else contact.persons[0],
        activity=digest(contact.activity) if contact.activity else 0,
        within=tuple(map(digest, contact.within)),
        registration=contact.registration,
        refers=contact.refers,
        follows=digest(contact.follows) if contact.follows else 0,
        training="",
        type="",
        steps=tuple(iri.removeprefix(STEP) for iri in named if iri.startswith(STEP)),
    )

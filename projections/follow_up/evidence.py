"""Evidence: which acts belong to which plans, and by what rule."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from projections.follow_up.fold import Act
from projections.follow_up.plan import Plan, Training


class Rule(IntEnum):
    """How an act is found to belong to a completion; the lower rule is the stronger."""

    REFERENCE = 1
    """It points at a statement of a completion: a StatementRef as object, or ``context.statement``."""
    REGISTRATION = 2
    """It has the registration of a completion."""
    CONTEXT = 3
    """The training is among its context activities."""
    ACTIVITY = 4
    """The training is its object."""
    FOLLOWS = 5
    """Our extension ``follows`` names the training."""


class Match(NamedTuple):
    """An act that belongs to a plan."""

    rule: Rule
    act: Act


_NONE: frozenset[int] = frozenset()


class Evidence:
    """Finds the plans that acts belong to."""

    def __init__(self, trainings: Mapping[int, Training]) -> None:
        self._trainings = trainings
        self._completed: dict[bytes, tuple[int, Plan]] = {}
        """Training and plan by the statement of a completion."""
        self._registered: dict[bytes, set[int]] = {}
        """Trainings by registration of a completion."""
        for activity, training in trainings.items():
            for plan in training.plans:
                for act in plan.completions:
                    self._completed[act.statement] = activity, plan
                for registration in plan.registrations:
                    self._registered.setdefault(registration, set()).add(activity)

    def matches(self, acts: Iterable[Act]) -> dict[Plan, list[Match]]:
        """Give by plan the acts that belong to it, each by its strongest rule, in order of time."""
        matches: dict[Plan, list[Match]] = {}
        for act in acts:
            self.add(matches, act)
        return matches

    def add(self, matches: dict[Plan, list[Match]], act: Act) -> list[Plan]:
        """Add an act that comes after the others; gives the plans it belongs to."""
        found = []
        for rule, plan in self._of(act):
            matches.setdefault(plan, []).append(Match(rule, act))
            found.append(plan)
        return found

    def _of(self, act: Act) -> Iterable[tuple[Rule, Plan]]:
        """Give an act's plans: of each training one at most, by the strongest rule that finds it."""
        named = self._named(act)
        registered = self._registered.get(act.registration, _NONE) if act.registration else _NONE
        pointed = dict(self._completed[id_] for id_ in act.refers if id_ in self._completed)
        if not (named or registered or pointed):
            return
        # A registration may span a whole course: who says which of its trainings it is about doesn't mean the others.
        meant = registered & (named.keys() | pointed.keys()) or registered
        for activity in dict.fromkeys([*pointed, *sorted(meant), *named]):
            plans = self._trainings[activity].open_to(act)
            found = _strongest(act, plans, pointed.get(activity), activity in meant, named.get(activity))
            if found is not None:
                yield found

    def _named(self, act: Act) -> dict[int, Rule]:
        """Give the trainings an act names, by the strongest rule."""
        named = {activity: Rule.CONTEXT for activity in act.within if activity in self._trainings}
        if act.activity in self._trainings:
            named.setdefault(act.activity, Rule.ACTIVITY)
        if act.follows in self._trainings:
            named.setdefault(act.follows, Rule.FOLLOWS)
        return named


def _strongest(
    act: Act, plans: Sequence[Plan], pointed: Plan | None, enrolled: bool, named: Rule | None
) -> tuple[Rule, Plan] | None:
    """Give the plan of a training that an act belongs to, of those open to it, newest first, and the rule."""
    for plan in plans:
        if pointed is not None:
            if plan is pointed:
                return Rule.REFERENCE, plan
        # A repetition doesn't find itself by a registration of its own.
        elif enrolled and act.registration and plan.registrations.get(act.registration, act) is not act:
            return Rule.REGISTRATION, plan
    return (named, plans[0]) if pointed is None and named is not None and plans else None

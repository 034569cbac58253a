"""Plans: which completions of a training open one, and which are practice within one.

- A completion is an act *completed* or *passed* that says neither ``success: false`` nor ``completion: false``. The
  first of each for one registration are one completion, at the earlier moment: tools send both for one attempt, and
  some use one registration for ever, so further ones are completions of their own.
- The first completion of a training opens a plan. Its life is up to and including the day its last step is due;
  completing the training again in that time is practice, and evidence like any other. A completion after that opens
  a new plan: the learner went through it anew. (A fixed number of days would part from the policy's steps.)
- The completion that opens a new plan is the last act that counts for the one before it (a repetition, late), and what
  is open there then lapses: nobody is reminded of the same thing twice.

All of it is decided from the completions in order of time: one that arrives late, but was earlier, moves the start.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from projections.follow_up.days import Days
from projections.follow_up.fold import Act
from schemas.act import ActKind
from schemas.policy import Policy, TrainingRule


class Plan:
    """A plan; its id is the statement of the completion that opened it."""

    def __init__(self, opener: Act, on: date) -> None:
        self.opener = opener
        self.on = on
        """Day of the completion."""
        self.until: datetime | None = None
        """When the next plan of the same training opened, if one did."""
        self.completions: list[Act] = []
        """Those within its life, the opener first."""
        self.registrations: dict[bytes, Act] = {}
        """Of its completions, each with the first that has it."""
        self.changed = 0
        """Highest position among the statements that were considered."""

    def take(self, completion: Sequence[Act]) -> None:
        """Note a completion within the life of the plan."""
        self.completions += completion
        for act in completion:
            if act.registration:
                self.registrations.setdefault(act.registration, act)


class Training:
    """A training the learner completed, and its plans, oldest first."""

    def __init__(self, acts: Sequence[Act], longest: timedelta, days: Days) -> None:
        self.plans: list[Plan] = []
        self._silent: set[bytes] = set()
        """Statements that are part of a completion, and so no evidence of anything after it."""
        ends: date | None = None
        for completion in _completions(acts):
            self._silent.update(act.statement for act in completion[1:])
            on = days.of(completion[0].at)
            if ends is None or on > ends:
                if self.plans:
                    self.plans[-1].until = completion[0].at
                self.plans.append(Plan(completion[0], on))
                ends = on + longest
            self.plans[-1].take(completion)
        changed = max(act.position for act in acts)
        for plan in self.plans:
            plan.changed = changed

    def open_to(self, act: Act) -> list[Plan]:
        """Give the plans an act can belong to, newest first: those open by then.

        None if it is part of a completion; the completion that opened a plan can belong to those before it.
        """
        if act.statement in self._silent:
            return []
        return [plan for plan in reversed(self.plans) if plan.opener.at <= act.at and plan.opener is not act]


def trainings(acts: Iterable[Act], policy: Policy, days: Days) -> dict[int, Training]:
    """Give the trainings among the completions, by the digest of their IRI; acts in order of time."""
    completed: dict[int, list[Act]] = {}
    for act in acts:
        if act.training:
            completed.setdefault(act.activity, []).append(act)
    longest = timedelta(days=max((step.days for step in policy.follow_up.steps), default=0))
    return {
        activity: Training(completions, longest, days)
        for activity, completions in completed.items()
        if _is_training(completions, policy.training)
    }


def _is_training(completions: Sequence[Act], rule: TrainingRule) -> bool:
    # What one of the completions says of the activity holds for all: not every statement repeats its definition.
    iri = completions[0].training
    if iri in rule.not_activities or iri in rule.activities:
        return iri not in rule.not_activities
    types = {act.type for act in completions if act.type}
    if types:
        return not types.isdisjoint(rule.types)
    return rule.untyped and not all(act.within for act in completions)


def _completions(acts: Iterable[Act]) -> list[list[Act]]:
    """Join the acts that are one completion; both in order of time."""
    found: list[list[Act]] = []
    first: dict[bytes, list[Act]] = {}
    seen: set[tuple[bytes, ActKind]] = set()
    for act in acts:
        registration = act.registration
        if registration is None or (registration, act.kind) in seen:
            found.append([act])
            continue
        seen.add((registration, act.kind))
        if registration in first:
            first[registration].append(act)
        else:
            first[registration] = [act]
            found.append(first[registration])
    return found

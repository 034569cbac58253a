"""Moments at which somebody's rows are asked for, one after the other."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from projections.projection import Projection
from schemas.act import LearningAct
from schemas.organisation import Person
from schemas.policy import Policy


class Moment(NamedTuple):
    """What is known of a learner when their rows are asked for."""

    state: Any
    learner: UUID
    policy: Policy
    person: Person | None


@st.composite
def moments(
    draw: st.DrawFn,
    projection: Projection[Any],
    learner: UUID,
    acts: st.SearchStrategy[list[LearningAct]],
    policies: Sequence[Policy],
    people: Sequence[Person | None],
) -> list[Moment]:
    """Let acts come in any order or as they happened; void some, change policy and person, go back now and then.

    All acts are the learner's or concern them.
    """
    coming = draw(acts)
    if draw(st.booleans()):
        coming.sort(key=lambda act: act.at)
    state, policy, person = projection.state(), policies[0], people[0]
    counted: list[LearningAct] = []
    found: list[Moment] = []
    for act in coming:
        counted.append(act)
        state = projection.fold(state, learner, act)
        match draw(st.sampled_from(["act"] * 6 + ["unasked", "void", "policy", "person", "earlier"])):
            case "unasked":
                continue
            case "void":
                counted.remove(draw(st.sampled_from(counted)))
                state = projection.state()
                for one in counted:
                    state = projection.fold(state, learner, one)
            case "policy":
                policy = draw(st.sampled_from(policies))
            case "person":
                person = draw(st.sampled_from(people))
            case "earlier" if found:
                found.append(draw(st.sampled_from(found)))
        found.append(Moment(state, learner, policy, person))
    return found

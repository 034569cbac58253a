"""Makes a learner's rows: one for each unknown verb and type of activity."""

from uuid import UUID

from projections.projection import Rows
from projections.unknown_verbs.fold import UnknownVerbs
from schemas.organisation import Person
from schemas.policy import Policy


def rows(state: UnknownVerbs, learner: UUID, policy: Policy, person: Person | None) -> Rows:  # noqa: ARG001  # no policy
    """Give the rows, in order of verb and type."""
    return {
        "unknown_verbs": [
            (learner, verb, type_, seen.statements, seen.first, seen.last, [id_ for _, id_ in seen.examples])
            for verb, types in sorted(state.seen.items())
            for type_, seen in sorted(types.items(), key=lambda entry: entry[0])
        ]
    }

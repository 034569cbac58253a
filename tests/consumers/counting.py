"""A small projection to test the machinery with: what somebody did, by kind, and with whom."""

from uuid import UUID

from msgspec import Struct

from projections.projection import Projection, Rows, Table
from schemas.act import LearningAct
from schemas.organisation import Person
from schemas.policy import Policy

POISON = "http://example.org/activities/poison"
"""An act about this breaks the fold."""
SHY = "http://example.org/activities/shy"
"""An act about this alone breaks the rows."""
UNFIT = "http://example.org/activities/unfit"
"""An act about this makes rows that the database refuses."""
SCHEMA = """
CREATE TABLE counting_state (learner uuid PRIMARY KEY, state bytea NOT NULL);
CREATE TABLE counting_acts (
    learner uuid NOT NULL, kind text NOT NULL, acts integer NOT NULL, statements uuid[] NOT NULL,
    partners uuid[] NOT NULL, zone text NOT NULL, locale text, PRIMARY KEY (learner, kind)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON counting_state, counting_acts TO vliegwiel_app;
"""


class Done(Struct, array_like=True, frozen=True, order=True):
    """An act."""

    statement: UUID
    activity: str
    partners: tuple[UUID, ...]
    refers: tuple[UUID, ...]


class Counted(Struct, frozen=True):
    """What somebody did, by kind, in the order of the statements' ids."""

    done: dict[str, tuple[Done, ...]] = {}


def fold(state: Counted, learner: UUID, act: LearningAct) -> Counted:
    """Take an act in; it must not have been before."""
    if act.activity == POISON:
        raise ValueError("poisoned")
    before = state.done.get(act.kind.value, ())
    assert act.statement not in {one.statement for one in before}
    partners = tuple(sorted({act.actor, *act.concerns} - {learner}))
    done = Done(act.statement, act.activity, partners, tuple(sorted(act.refers)))
    return Counted({**state.done, act.kind.value: tuple(sorted((*before, done)))})


def rows(state: Counted, learner: UUID, policy: Policy, person: Person | None) -> Rows:
    """Give a row a kind."""
    if {one.activity for done in state.done.values() for one in done} == {SHY}:
        raise ValueError("too shy")
    unfit = UNFIT in {one.activity for done in state.done.values() for one in done}
    return {
        "counting_acts": [
            (
                learner,
                kind + "\0" if unfit else kind,
                len(done),
                [one.statement for one in done],
                sorted({partner for one in done for partner in one.partners}),
                policy.time_zone,
                person.locale if person else None,
            )
            for kind, done in sorted(state.done.items())
        ]
    }


PROJECTION = Projection(
    name="counting",
    version=1,
    state=Counted,
    fold=fold,
    rows=rows,
    tables=(
        Table(
            "counting_acts",
            ("learner", "kind", "acts", "statements", "partners", "zone", "locale"),
            ("uuid", "text", "int4", "uuid[]", "uuid[]", "text", "text"),
            ("kind",),
        ),
    ),
)

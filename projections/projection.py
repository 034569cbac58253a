"""What a projection is: a pure fold per learner, and the tables its rows go into."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from schemas.act import LearningAct
from schemas.organisation import Person
from schemas.policy import Policy

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""Rows of one learner by table name; each row begins with the learner's id, then the table's other columns in order."""


class Table(NamedTuple):
    """A table of a projection, made by the projection's ``schema.sql``."""

    name: str
    columns: tuple[str, ...]
    """All of them, in the order of the rows; the first is ``learner``."""
    types: tuple[str, ...]
    """Their PostgreSQL types, for binary COPY."""
    key: tuple[str, ...] = ()
    """The columns that tell a learner's rows apart: how a row is recognised when it changes. None: there is but one."""


class Fold(Protocol[S]):
    """Takes one act into what is known of a learner.

    Acts come in any order of happening (late, offline), each once; the outcome must not depend on that order. The
    state given is not changed.
    """

    def __call__(self, state: S, learner: UUID, act: LearningAct, /) -> S:
        """Give the state with this act; ``learner`` is its actor or among those it concerns."""
        ...


class Project(Protocol[S_contra]):
    """Turns what is known of a learner into rows; no clock: what depends on now is decided when rows are read."""

    def __call__(self, state: S_contra, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
        """Give the learner's rows; ``person`` is None if the organisation doesn't know them."""
        ...


class Projection(NamedTuple, Generic[S]):
    """Everything that the runner, rebuild and verify need."""

    name: str
    """Also the name of its package, and how its tables' names begin."""
    version: int
    """Raised when fold or rows change: the tables are then rebuilt."""
    state: type[S]
    """A msgspec Struct whose defaults are the state of a learner without acts; it is kept as MessagePack."""
    fold: Fold[S]
    rows: Project[S]
    tables: tuple[Table, ...]
    remembering: Callable[[], Project[S]] | None = None
    """Makes a ``rows`` for one learner that goes on from what it was given last: for who asks after each act. It gives
    what ``rows`` gives, whatever came before; after an exception it is of no use any more."""

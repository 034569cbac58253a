"""What goes into a bundle: chosen by whoever asks for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bounds import bounds
from lrs.audit.bundle.lines import Claim
from lrs.audit.tree import proofs
from lrs.audit.tree.proofs import NotSigned
from lrs.audit.whose import whose
from lrs.errors import Malformed
from lrs.index.terms import activity, related_activity
from lrs.log.messages import MessageLog
from lrs.statement import formats, in_utc
from schemas.erasure import decode_erased

_queries = sql.load(__package__)


class Wanted(NamedTuple):
    """What is asked for, as texts."""

    learner: str | None = None
    training: str | None = None
    since: str | None = None
    until: str | None = None
    whole: bool = False
    """Every event of the period, sealed, also where one learner or training is asked for."""
    sizes: Sequence[int] = ()
    """Of earlier checkpoints, that it is to be shown that the log goes on from."""


class Chosen(NamedTuple):
    """What a bundle will hold."""

    claim: Claim
    positions: Sequence[int] | None
    """Which events; None: those of the claim."""
    sizes: Sequence[int]
    persons: frozenset[UUID]
    """Whom it is about, if it is about somebody."""


def choose(cursor: Cursor[TupleRow], log: MessageLog, wanted: Wanted) -> Chosen:
    """Find what is asked for. Raises Malformed, NotFound, NoTree, NotSigned."""
    if wanted.learner is not None and wanted.training is not None:
        raise Malformed("a bundle is about a learner or about a training, not both")
    if wanted.training is not None and not formats.iri(wanted.training):
        raise Malformed(f"a training is an IRI such as http://example.org/course, not {wanted.training[:100]!r}")
    signed = proofs.served(cursor.connection).checkpoint.size
    span = bounds(cursor, log, wanted.since, wanted.until)
    if span.last > signed and wanted.until is not None:
        raise NotSigned(f"the log is signed up to position {signed} as yet, not up to {span.last}: try again")
    if bad := [size for size in wanted.sizes if not 0 <= size <= signed]:
        raise Malformed(f"the last checkpoint is of size {signed}: there is none of {bad[0]}")
    kept = {size for _, size, _ in proofs.daily(cursor.connection) if size < signed}
    chosen = Chosen(
        Claim(
            kind="all" if wanted.since is None and wanted.until is None else "period",
            first=min(span.first, signed + 1),
            last=min(span.last, signed),
            whole=True,
            since=_written(span.since),
            until=_written(span.until),
        ),
        None,
        sorted(kept | set(wanted.sizes)),
        frozenset(),
    )
    if wanted.learner is not None:
        return _of_learner(cursor, log, chosen, wanted.learner, whole=wanted.whole)
    if wanted.training is not None:
        return _of_training(cursor, log, chosen, wanted.training, whole=wanted.whole)
    return chosen


def _of_learner(cursor: Cursor[TupleRow], log: MessageLog, chosen: Chosen, learner: str, *, whole: bool) -> Chosen:
    who = whose(cursor, log, learner, log.configuration(cursor, chosen.claim.last))
    learners = sorted(who.learners)
    keys = {key for (key,) in cursor.execute(_queries.keys_of, {"learners": learners})}
    for _, _, state in cursor.execute(_queries.erasures).fetchall():
        erased = decode_erased(state)
        if {UUID(bytes=one) for one in erased.learners} & who.learners:
            keys |= {UUID(bytes=key) for key in erased.keys}
    claim = replace(chosen.claim, kind="learner", whole=whole, learners=tuple(learners), keys=tuple(sorted(keys)))
    return chosen._replace(claim=claim, persons=frozenset(who.ids))


def _of_training(cursor: Cursor[TupleRow], log: MessageLog, chosen: Chosen, training: str, *, whole: bool) -> Chosen:
    claim = replace(chosen.claim, kind="training", whole=whole, training=training)
    if whole:
        return chosen._replace(claim=claim)
    terms = [UUID(bytes=log.keyring.term(*term)) for term in (activity(training), related_activity(training))]
    rows = cursor.execute(_queries.about, {"terms": terms, "up_to": claim.last})
    return chosen._replace(claim=claim, positions=[at for (at,) in rows if at >= claim.first])


def _written(time: datetime | None) -> str | None:
    return None if time is None else in_utc(time)

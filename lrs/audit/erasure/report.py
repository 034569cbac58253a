"""What a privacy officer is told: what would go, and what came of it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from lrs.audit.erasure.erasures import Erasure, Outlook
from lrs.audit.erasure.receipt import Receipt
from lrs.organisation.identifier import shown_identifier

_COUNTS = (
    "How much of what: `statements` by them, `mentions` of them in statements of others (which stay and name nobody "
    "in their place), `messages` that the stream may hold of these, `attachments`, `documents`, `identifiers`, of the "
    "organisation `people`, `memberships` and `managements`, and rows of each projection by its name"
)


class Prospect(Struct, frozen=True):
    """What an erasure would take. Nothing was changed."""

    confirm: Annotated[UUID, Meta(description="Id of the person: send it along to erase who is shown here")]
    persons: Annotated[int, Meta(description="Persons that go together: those whom the identifier names")]
    learners: Annotated[int, Meta(description="Learners that they are: one for each identifier")]
    known_as: Annotated[list[str], Meta(description="Names and identifiers by which the organisation knows them")]
    counts: Annotated[dict[str, int], Meta(description=_COUNTS)]
    others: Annotated[int, Meta(description="Other learners of whom something else will be known")]
    is_authority: Annotated[
        bool, Meta(description="This identity vouches for statements, as a credential's authority: that stays")
    ]

    @classmethod
    def of(cls, outlook: Outlook) -> Self:
        """Tell of an outlook."""
        extent = outlook.extent
        known = (text for one in outlook.details for text in (one.name, *map(shown_identifier, one.identifiers)))
        return cls(
            confirm=extent.persons[0],
            persons=len(extent.persons),
            learners=len(extent.learners),
            known_as=[text for text in known if text],
            counts=extent.counts,
            others=len(extent.found.touched),
            is_authority=outlook.is_authority,
        )


class Report(Struct, frozen=True):
    """An erasure that was carried out: nothing of it can be read in the database from then on."""

    person: UUID
    position: Annotated[int, Meta(description="Of its event in the log")]
    time: datetime
    counts: Annotated[dict[str, int], Meta(description=_COUNTS)]
    waits_for: Annotated[
        list[str],
        Meta(description="What hasn't followed yet: `stream` (the relay takes messages out), projections by name"),
    ]
    receipt: Annotated[Receipt | None, Meta(description="Once it waits for nothing more")]

    @classmethod
    def of(cls, erasure: Erasure, receipt: Receipt | None) -> Self:
        """Tell of an erasure."""
        return cls(
            person=erasure.person,
            position=erasure.position,
            time=erasure.stored,
            counts=erasure.erased.counts,
            waits_for=erasure.waits_for,
            receipt=receipt,
        )

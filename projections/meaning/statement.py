"""As much of a statement as its meaning needs; the decoder skips the rest without making objects of it.

Statements in the log have been checked, so that nothing here is: unknown properties are none of our business. What a
sender may write freely (extensions, numbers of any size) stays raw until it is looked at.
"""

from uuid import UUID

from msgspec import Raw, Struct, field, json

BASE = "https://w3id.org/vliegwiel/xapi"
"""IRI of our profile (``profile.jsonld``), and how the IRIs of what it defines begin."""


class Definition(Struct, frozen=True, gc=False):
    """What is known of an activity."""

    type: str = ""


class Verb(Struct, frozen=True, gc=False):
    """What was done."""

    id: str


class Activity(Struct, frozen=True, gc=False):
    """An activity in the context."""

    id: str
    definition: Definition = Definition()


class Object(Struct, frozen=True, gc=False, rename="camel"):
    """What it was done to: any of the five kinds that xAPI knows, by ``object_type``."""

    object_type: str = "Activity"
    id: str = ""
    """IRI of an activity, or UUID of the statement that a StatementRef points at."""
    definition: Definition = Definition()
    object: "Object | None" = None
    """The object of a SubStatement."""


class Score(Struct, frozen=True, gc=False):
    """How well; numbers as written."""

    scaled: Raw = Raw()
    raw: Raw = Raw()
    min: Raw = Raw()
    max: Raw = Raw()


class Result(Struct, frozen=True, gc=False):
    """What came of it."""

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    duration: str = ""


class ContextActivities(Struct, frozen=True, gc=False):
    """Activities around the statement."""

    parent: tuple[Activity, ...] = ()
    grouping: tuple[Activity, ...] = ()
    category: tuple[Activity, ...] = ()
    other: tuple[Activity, ...] = ()


class Extensions(Struct, frozen=True, gc=False):
    """Our own extensions of the context, any JSON."""

    follows: Raw = field(default=Raw(), name=f"{BASE}/extensions/follows")
    audience: Raw = field(default=Raw(), name=f"{BASE}/extensions/audience")
    source: Raw = field(default=Raw(), name=f"{BASE}/extensions/source")


class Reference(Struct, frozen=True, gc=False):
    """A StatementRef."""

    id: UUID


class Context(Struct, frozen=True, gc=False, rename="camel"):
    """Where it belongs."""

    registration: UUID | None = None
    context_activities: ContextActivities | None = None
    statement: Reference | None = None
    extensions: Extensions | None = None


class Statement(Struct, frozen=True, gc=False):
    """What was done, to what, with what result, where it belongs and when."""

    verb: Verb
    object: Object
    result: Result | None = None
    context: Context | None = None
    timestamp: str = ""


decode = json.Decoder(Statement).decode

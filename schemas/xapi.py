"""xAPI's own nouns as structs, for versions 1.0.3 and 2.0 alike.

The structs say which properties exist and which JSON type each has; what a value may *say* (an IRI, a duration, a
language tag) is checked by ``lrs.statement``. Unknown properties, a wrong case and ``null`` are refused while decoding.
Values whose exact spelling must survive (extensions, numbers) stay ``Raw``: the bytes as the sender wrote them.

Sources: xAPI 1.0.3 Part Two (adlnet/xAPI-Spec, xAPI-Data.md), IEEE 9274.1.1-2023 section 4.
"""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import UNSET, Raw, Struct, UnsetType, ValidationError, field, json

LanguageMap = dict[str, str]
Extensions = dict[str, Raw]
"""IRI → any JSON value, byte for byte as received."""
Number = Raw
"""A JSON number as written, so that ``1.10`` stays ``1.10`` and 20 digits stay 20 digits."""
InteractionType = Literal[
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
]


class Account(Struct, forbid_unknown_fields=True, rename="camel"):
    """An account on an existing system: the home page's IRL and the name there."""

    home_page: str
    name: str


class Actor(Struct, forbid_unknown_fields=True, rename="camel"):
    """An Agent or a Group, identified by at most one of mbox, mbox_sha1sum, openid and account."""

    object_type: Literal["Agent", "Group"] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    mbox: str | UnsetType = UNSET
    mbox_sha1sum: str | UnsetType = field(default=UNSET, name="mbox_sha1sum")
    openid: str | UnsetType = UNSET
    account: Account | UnsetType = UNSET
    member: "list[Actor] | UnsetType" = UNSET


class Verb(Struct, forbid_unknown_fields=True):
    """The action: an IRI and how people call it."""

    id: str
    display: LanguageMap | UnsetType = UNSET


class InteractionComponent(Struct, forbid_unknown_fields=True):
    """One choice, scale value, source, target or step of an interaction."""

    id: str
    description: LanguageMap | UnsetType = UNSET


class ActivityDefinition(Struct, forbid_unknown_fields=True, rename="camel"):
    """What is known of an activity; interaction properties only for ``cmi.interaction`` activities."""

    name: LanguageMap | UnsetType = UNSET
    description: LanguageMap | UnsetType = UNSET
    type: str | UnsetType = UNSET
    more_info: str | UnsetType = UNSET
    interaction_type: InteractionType | UnsetType = UNSET
    correct_responses_pattern: list[str] | UnsetType = UNSET
    choices: list[InteractionComponent] | UnsetType = UNSET
    scale: list[InteractionComponent] | UnsetType = UNSET
    source: list[InteractionComponent] | UnsetType = UNSET
    target: list[InteractionComponent] | UnsetType = UNSET
    steps: list[InteractionComponent] | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET


class Activity(Struct, forbid_unknown_fields=True, rename="camel"):
    """Something a learner did or could do."""

    id: str
    object_type: Literal["Activity"] | UnsetType = UNSET
    definition: ActivityDefinition | UnsetType = UNSET


class StatementRef(Struct, forbid_unknown_fields=True, rename="camel"):
    """A pointer to another statement by its id."""

    id: str
    object_type: Literal["StatementRef"]


class Score(Struct, forbid_unknown_fields=True):
    """How well: scaled lies in [-1, 1]; raw lies between min and max."""

    scaled: Number | UnsetType = UNSET
    raw: Number | UnsetType = UNSET
    min: Number | UnsetType = UNSET
    max: Number | UnsetType = UNSET


class Result(Struct, forbid_unknown_fields=True):
    """What came of it; ``duration`` is an ISO 8601 duration."""

    score: Score | UnsetType = UNSET
    success: bool | UnsetType = UNSET
    completion: bool | UnsetType = UNSET
    response: str | UnsetType = UNSET
    duration: str | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET


class ContextActivities(Struct, forbid_unknown_fields=True):
    """Activities around the statement. A single one may arrive as an object; it is kept as a list."""

    parent: list[Activity] | Activity | UnsetType = UNSET
    grouping: list[Activity] | Activity | UnsetType = UNSET
    category: list[Activity] | Activity | UnsetType = UNSET
    other: list[Activity] | Activity | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Turn single activities into lists (1.0.3 Data 2.4.6.2: the LRS returns an array)."""
        if isinstance(self.parent, Activity):
            self.parent = [self.parent]
        if isinstance(self.grouping, Activity):
            self.grouping = [self.grouping]
        if isinstance(self.category, Activity):
            self.category = [self.category]
        if isinstance(self.other, Activity):
            self.other = [self.other]


class ContextAgent(Struct, forbid_unknown_fields=True, rename="camel"):
    """An agent around the statement and why it is relevant (2.0)."""

    object_type: Literal["contextAgent"]
    agent: Actor
    relevant_types: list[str] | UnsetType = UNSET


class ContextGroup(Struct, forbid_unknown_fields=True, rename="camel"):
    """A group around the statement and why it is relevant (2.0)."""

    object_type: Literal["contextGroup"]
    group: Actor
    relevant_types: list[str] | UnsetType = UNSET


class Context(Struct, forbid_unknown_fields=True, rename="camel"):
    """Where a statement belongs."""

    registration: str | UnsetType = UNSET
    instructor: Actor | UnsetType = UNSET
    team: Actor | UnsetType = UNSET
    context_activities: ContextActivities | UnsetType = UNSET
    context_agents: list[ContextAgent] | UnsetType = UNSET
    context_groups: list[ContextGroup] | UnsetType = UNSET
    revision: str | UnsetType = UNSET
    platform: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    statement: StatementRef | UnsetType = UNSET
    extensions: Extensions | UnsetType = UNSET


class Attachment(Struct, forbid_unknown_fields=True, rename="camel"):
    """What is said of a file that goes with the statement; the file itself is a part of the request."""

    usage_type: str
    display: LanguageMap
    content_type: str
    length: int
    sha2: str
    description: LanguageMap | UnsetType = UNSET
    file_url: str | UnsetType = UNSET


if TYPE_CHECKING:
    StatementObject: TypeAlias = "Activity | Actor | StatementRef | SubStatement"
    SubStatementObject: TypeAlias = Activity | Actor | StatementRef
else:
    # objectType may be left out (it is an Activity then), which a tagged union can't express: the object is read
    # as raw JSON first and decoded by its objectType right after.
    StatementObject = SubStatementObject = Raw


class _ObjectType(Struct, rename="camel"):
    object_type: str = "Activity"


_read_object_type = json.Decoder(_ObjectType).decode


def _typed_object(raw: Raw, decoders: "dict[str, json.Decoder[Any]]") -> Any:
    """Decode an object by its objectType; without one it is an Activity (1.0.3 Data 2.4.4).

    msgspec adds the path of the surrounding struct to a plain ValueError only, so its own errors are passed on as
    one, in its own notation (`` - at `$.object.id` ``) and one level deeper.
    """
    try:
        return _activity.decode(raw)  # as nearly all are: to ask first what it is would read it twice
    except ValidationError:
        pass
    try:
        kind = _read_object_type(raw).object_type
        decoder = decoders.get(kind)
        if decoder is not None:
            return decoder.decode(raw)
    except ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise ValueError(f"{reason} - at `$.object{path or '`'}") from None
    raise ValueError(f"Invalid enum value {kind!r} - at `$.object.objectType`")


class SubStatement(Struct, forbid_unknown_fields=True, rename="camel"):
    """A statement inside a statement, not asserted itself; it never holds another."""

    object_type: Literal["SubStatement"]
    actor: Actor
    verb: Verb
    object: SubStatementObject
    result: Result | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Decode the object by its objectType."""
        if isinstance(self.object, Raw):
            self.object = _typed_object(self.object, _SUBSTATEMENT_OBJECTS)


class Statement(Struct, forbid_unknown_fields=True, rename="camel"):
    """One statement: who did what to which object, with what result, in what context."""

    actor: Actor
    verb: Verb
    object: StatementObject
    id: str | UnsetType = UNSET
    result: Result | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    stored: str | UnsetType = UNSET
    authority: Actor | UnsetType = UNSET
    version: str | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Decode the object by its objectType."""
        if isinstance(self.object, Raw):
            self.object = _typed_object(self.object, _STATEMENT_OBJECTS)


_activity = json.Decoder(Activity)
_SUBSTATEMENT_OBJECTS: dict[str, json.Decoder[Any]] = {
    "Activity": _activity,
    "Agent": json.Decoder(Actor),
    "Group": json.Decoder(Actor),
    "StatementRef": json.Decoder(StatementRef),
}
_STATEMENT_OBJECTS: "dict[str, json.Decoder[Any]]" = {
    **_SUBSTATEMENT_OBJECTS,
    "SubStatement": json.Decoder(SubStatement),
}

"""What the log holds of a store's configuration: its organisation, its policy, its vocabulary, one event a change.

They are written by ``eventsourcing`` as JSON; this is how those who don't use that library read them.
"""

from uuid import UUID

from msgspec import Struct, json

ORGANISATION_CHANGED = "organisation.changed"
"""Topic of every event of the organisation; ``change`` is an OrganisationChange."""
POLICY_CHANGED = "policy.changed"
"""Topic of every event of the policy; ``change`` is a Policy, whole."""
VOCABULARY_CHANGED = "vocabulary.changed"
"""Topic of every event of the vocabulary; ``change`` is a VocabularyChange."""
LOOK_CHANGED = "look.changed"
"""Topic of every event of the dashboard's look; ``change`` is a Look, whole. It isn't published."""


class SealedDetails(Struct, frozen=True):
    """What is somebody's own, sealed under the key with this id and bound to the person's id.

    Of ``sealed`` it is who they are (JSON of Details), of ``own`` what the organisation says of them.
    """

    key: UUID
    sealed: bytes


class Details(Struct, frozen=True, omit_defaults=True):
    """Who somebody is: what is only in sealed form in the log and the tables."""

    name: str = ""
    identifiers: tuple[str, ...] = ()
    """As ``mbox:mailto:a@b.c``, ``mbox_sha1sum:…``, ``openid:…`` or ``account:<homePage> <name>``; the first is the one
    they were first known by."""


class ConfigurationEvent(Struct, frozen=True):
    """State of the three events, as far as others need it. New fields may only be added, with a default."""

    change: str
    """JSON text of what changed."""
    by: str = ""
    """Key of the credential it was changed with, or ``command line``."""
    why: str = ""
    sealed: str = "{}"
    """Of the organisation: JSON text of SealedDetails by person, for the persons whose details changed."""
    own: str = "{}"
    """Of the organisation: the same of what ``change`` leaves out because it is about one person, as the JSON of an
    OrganisationChange. What was recorded before this was sealed is in ``change``."""


decode_configuration_event = json.Decoder(ConfigurationEvent).decode
encode_details = json.Encoder().encode
decode_details = json.Decoder(Details).decode

"""Documents: what content tools keep about a person, an activity, or a person in an activity."""

from lrs.document.conditions import Conditions
from lrs.document.document import Content, Document, Listing, entity_tag
from lrs.document.documents import DocumentLimits, Documents
from lrs.document.errors import Changed, Exists, NotMergeable, TooLarge, Unconditional
from lrs.document.place import Key, Place

__all__ = [
    "Changed",
    "Conditions",
    "Content",
    "Document",
    "DocumentLimits",
    "Documents",
    "Exists",
    "Key",
    "Listing",
    "NotMergeable",
    "Place",
    "TooLarge",
    "Unconditional",
    "entity_tag",
]

"""What is said of files that go with a statement (1.0.3 Data 2.4.11)."""

from msgspec import UNSET

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.errors import Invalid, TooMuch
from lrs.statement.language_map import check_language_map
from lrs.statement.rules import Rules
from schemas.xapi import Attachment, Statement, SubStatement

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
"""The usageType of an attachment that signs its statement."""
SIGNATURE_CONTENT_TYPE = "application/octet-stream"


def attachments_of(statement: Statement) -> list[Attachment]:
    """Give a statement's attachments, those of its SubStatement included."""
    own = statement.attachments or []
    if isinstance(statement.object, SubStatement):
        return [*own, *(statement.object.attachments or [])]
    return own


def attachment_path(statement: Statement, number: int) -> str:
    """Say where in a statement the attachment is that has this number in ``attachments_of``, counted from 0."""
    own = len(statement.attachments or [])
    return f"attachments[{number}]" if number < own else f"object.attachments[{number - own}]"


def check_attachments(attachments: list[Attachment], rules: Rules) -> None:
    """Check each attachment, and that there aren't too many."""
    if len(attachments) > rules.limits.attachments:
        raise TooMuch("", f"{len(attachments)} are more than this server takes ({rules.limits.attachments})")
    for place, attachment in enumerate(attachments):
        try:
            _check_attachment(attachment)
        except Invalid as error:
            error.within(f"[{place}]")
            raise


def _check_attachment(attachment: Attachment) -> None:
    if not formats.iri(attachment.usage_type):
        raise Invalid("usageType", f"{shown(attachment.usage_type)} is not {formats.IRI}")
    part = "display"
    try:
        check_language_map(attachment.display)
        if attachment.description is not UNSET:
            part = "description"
            check_language_map(attachment.description)
    except Invalid as error:
        error.within(part)
        raise
    if not formats.media_type(attachment.content_type):
        raise Invalid("contentType", f"{shown(attachment.content_type)} is not a media type such as 'text/plain'")
    if attachment.usage_type == SIGNATURE and attachment.content_type != SIGNATURE_CONTENT_TYPE:
        raise Invalid("contentType", f"a signature's must be {SIGNATURE_CONTENT_TYPE!r}")
    if attachment.length < 0:
        raise Invalid("length", "must not be negative: it counts bytes")
    if not formats.sha2(attachment.sha2):
        raise Invalid("sha2", f"{shown(attachment.sha2)} is not a SHA-2 hash in hexadecimal (64 digits for SHA-256)")
    if (file_url := attachment.file_url) is not UNSET and not formats.iri(file_url):
        raise Invalid("fileUrl", f"{shown(file_url)} is not an IRL with a scheme (https://…)")

"""Contents of attachments, sealed under the key of the person whose statement they came with."""

from lrs.attachment.attachments import Attachments, Content

__all__ = ["Attachments", "Content"]

"""Contents of attachments, sealed under the key of the person whose statement they came with."""

from lrs.attachment.attachments import Attachments, Content
from lrs.attachment.sha2 import sha2

__all__ = ["Attachments", "Content", "sha2"]

"""Erasing people: so that nothing of them can be read any more, and the log stays whole."""

from lrs.audit.erasure.erasures import Erasure, Erasures, Outlook
from lrs.audit.erasure.extent import Extent

__all__ = ["Erasure", "Erasures", "Extent", "Outlook"]

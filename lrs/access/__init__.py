"""Who read whose data, when and by what means: kept, and shown to whom it is about."""

from lrs.access.accesses import Access, accesses_of, forget
from lrs.access.known import Known, known
from lrs.access.looked import Looked, looked
from lrs.access.reader import COMMAND_LINE, Reader
from lrs.access.record import AccessRecord

__all__ = [
    "COMMAND_LINE",
    "Access",
    "AccessRecord",
    "Known",
    "Looked",
    "Reader",
    "accesses_of",
    "forget",
    "known",
    "looked",
]

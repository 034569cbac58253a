"""What our own APIs (admin, privacy, audit, insights) have in common: what is refused of a request, and how."""

from lrs.api.if_match import version_seen
from lrs.api.other_sites import refuse_other_sites
from lrs.api.problems import answer
from lrs.api.query import refuse_unknown

__all__ = ["answer", "refuse_other_sites", "refuse_unknown", "version_seen"]

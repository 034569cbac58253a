"""Everything held about a person: gathered, and written for them."""

from lrs.audit.subject.held import Held, held

__all__ = ["Held", "held"]

"""Recent refusals of statements: what was wrong and how often, without what anybody sent."""

from lrs.refusal.refusals import Refusals

__all__ = ["Refusals"]

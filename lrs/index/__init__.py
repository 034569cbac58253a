"""The statement index: finds statements by what they say. Rebuildable from the log."""

from lrs.index.query import Page, Query, Recorded, Statements
from lrs.index.writer import Entry, IndexWriter

__all__ = ["Entry", "IndexWriter", "Page", "Query", "Recorded", "Statements"]

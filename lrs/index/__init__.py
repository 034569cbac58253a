"""The statement index: finds statements by what they say. Rebuildable from the log."""

from lrs.index.entry import Entry, Features, features
from lrs.index.query import Page, Query, Recorded, Statements
from lrs.index.writer import IndexWriter

__all__ = ["Entry", "Features", "IndexWriter", "Page", "Query", "Recorded", "Statements", "features"]

"""Statements exported elsewhere, on their way into a store: the room behind `lrs import`."""

from lrs.importer.broken import Broken
from lrs.importer.importer import Importer
from lrs.importer.intake import Intake
from lrs.importer.refusals import Refusals, refusals_path
from lrs.importer.source import Source
from lrs.importer.splitter import split
from lrs.importer.tally import Tally

__all__ = ["Broken", "Importer", "Intake", "Refusals", "Source", "Tally", "refusals_path", "split"]

"""The organisation: who works here, in which teams, who manages whom, each with dates."""

from lrs.organisation.decide import How
from lrs.organisation.differences import Difference
from lrs.organisation.directory import Directory, Kind, Outcome
from lrs.organisation.export import exported, exported_person
from lrs.organisation.known import Known

__all__ = ["Difference", "Directory", "How", "Kind", "Known", "Outcome", "exported", "exported_person"]

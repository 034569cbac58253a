"""What a file says about the organisation, before anybody has looked at what is there."""

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from schemas.organisation import Period, WorkingHours, Zone


class Refusal(Struct, frozen=True):
    """Why a row isn't taken."""

    place: str
    """``people.csv line 14``, ``people[3]``."""
    reason: str

    def __str__(self) -> str:
        return f"{self.place}, {self.reason}"


class InTeam(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A team somebody belongs to, or manages, and when."""

    team: str
    since: date | None = None
    until: date | None = None

    @property
    def during(self) -> Period:
        """When."""
        return Period(self.since, self.until)


class WantedZone(Struct, frozen=True):
    """A time zone as a cell gives it."""

    name: str
    since: date | None = None


class Reporting(Struct, frozen=True, kw_only=True):
    """What one row of a table says about team and manager now."""

    teams: tuple[str, ...] | UnsetType = UNSET
    """Unset: nothing is said."""
    since: date | None = None
    manages: bool | None = None
    """Whether they manage their teams; None: nothing is said."""
    manager: str | UnsetType | None = UNSET
    """Identity of who manages them; None: nobody; unset: nothing is said."""


class WantedPerson(Struct, frozen=True, kw_only=True):
    """What a row says about one person. Unset: nothing, so it stays as it is."""

    place: str
    order: int
    """Place in the file, for sorting."""
    identifiers: tuple[str, ...]
    """Identities; at least one."""
    name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    zones: tuple[Zone, ...] | UnsetType = UNSET
    """All there are."""
    zone: WantedZone | UnsetType = UNSET
    """The one they work in now."""
    hours: WorkingHours | UnsetType | None = UNSET
    leave: tuple[Period, ...] | UnsetType = UNSET
    """All there is."""
    leave_ahead: tuple[Period, ...] | UnsetType = UNSET
    """All that isn't over."""
    since: date | UnsetType | None = UNSET
    until: date | UnsetType | None = UNSET
    belongs: tuple[InTeam, ...] | UnsetType = UNSET
    """All memberships, with their dates."""
    manages: tuple[InTeam, ...] | UnsetType = UNSET
    """All teams managed, with their dates."""
    reporting: Reporting = Reporting()


class WantedTeam(Struct, frozen=True, kw_only=True):
    """What a row says about one team. Unset: nothing, so it stays as it is."""

    place: str
    order: int
    id: str
    name: str | UnsetType = UNSET
    parent: str | UnsetType | None = UNSET
    since: date | UnsetType | None = UNSET
    until: date | UnsetType | None = UNSET


class Wanted(Struct, frozen=True, kw_only=True):
    """What a whole file says; a list that is None isn't in it."""

    people: tuple[WantedPerson, ...] | None = None
    teams: tuple[WantedTeam, ...] | None = None
    refusals: tuple[Refusal, ...] = ()
    """Rows that don't say what they should."""

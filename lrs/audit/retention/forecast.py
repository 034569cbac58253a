"""What a run would forget, without forgetting it."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct, field
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.retention.due import Finder
from lrs.audit.retention.rules import Rules
from lrs.seal import Keyring

_queries = sql.load(__package__)
_SAMPLES: Final = 10


class RuleForecast(Struct):
    """What one rule would forget."""

    rule: str
    days: int
    statements: int = 0
    months: dict[str, int] = field(default_factory=dict)
    """How many of each month (UTC) of storing, as ``2025-11``, oldest first."""
    samples: list[UUID] = field(default_factory=list)
    """Ids of the first few."""


class Forecast(Struct):
    """What a run would forget. A statement counts for the first rule that covers it."""

    statements: int
    rules: list[RuleForecast]
    without_salt: int
    """Statements that are old enough but were recorded before there were salts: rules leave those, whatever they say.
    Only erasing their person makes them unreadable."""


def forecast(cursor: Cursor[TupleRow], keyring: Keyring, rules: Rules, now: datetime) -> Forecast:
    """Give what a run by these rules would forget at this moment; ``cursor`` binds parameters itself."""
    finder = Finder(keyring)
    found = {rule.name: RuleForecast(rule.name, rule.days) for rule in rules.rules}
    for page in finder.due(cursor, rules, now):
        for due in page:
            one = found[due.rule]
            one.statements += 1
            month = f"{due.stored.astimezone(UTC):%Y-%m}"
            one.months[month] = one.months.get(month, 0) + 1
            if len(one.samples) < _SAMPLES:
                one.samples.append(due.id)
    up_to = max((finder.bound(cursor, rule, now) for rule in rules.rules), default=0)
    (without_salt,) = sql.one(cursor.execute(_queries.without_salt, {"up_to": up_to}))
    return Forecast(sum(one.statements for one in found.values()), list(found.values()), without_salt)

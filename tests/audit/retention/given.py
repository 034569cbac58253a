"""Words to set rules with, and to run them at any moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from lrs.audit.retention import Expired, Expiry, Forecast, Retention, Rule, Rules, forecast
from lrs.configuration import ConfigurationLog

LATER = datetime.now(UTC) + timedelta(days=400)
"""When all that is recorded now is older than a year."""


class Keeper:
    """Sets and runs the rules of one store."""

    def __init__(self, log: ConfigurationLog) -> None:
        self.log = log

    def set(self, *rules: Rule) -> None:
        Retention(self.log).set(Rules(rules), by="test")

    def run(self, now: datetime = LATER, go_on: Callable[[int], bool] = lambda _: True, **options: Any) -> Expired:
        return Expiry(self.log, 7).run(now, by="test", go_on=go_on, **options)

    def look(self, *rules: Rule, now: datetime = LATER) -> Forecast:
        with self.log.reading() as reading:
            cursor = psycopg.ClientCursor(reading.connection, row_factory=tuple_row)
            return forecast(cursor, self.log.keyring, Rules(rules), now)


def rule(name: str = "old", days: int = 365, **more: Any) -> Rule:
    """A rule; by age alone unless more is said."""
    return Rule(name=name, days=days, **more)

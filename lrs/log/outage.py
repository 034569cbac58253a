"""What a program that goes on says of a database that is away."""

import logging

from lrs.errors import first_line


class Outage:
    """Says once that the database is away, and once that it is back, whichever parts of a program find out."""

    def __init__(self, log: logging.Logger) -> None:
        """Nothing is away yet; ``log`` is where it is said."""
        self._log = log
        self._away = False

    def noticed(self, error: BaseException) -> None:
        """Say that it is away, and why, unless that was said."""
        if not self._away:
            self._away = True
            self._log.warning("the database does not answer (%s); trying until it does", first_line(error))

    def over(self) -> None:
        """Say that it is back, if it was away."""
        if self._away:
            self._away = False
            self._log.warning("the database is back")

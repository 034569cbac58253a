"""Words to erase people with, and to look what is left."""

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from lrs.audit.erasure import Erasure, Erasures
from lrs.index.rebuild import rebuild as rebuild_index
from lrs.index.rebuild import renew as renew_index
from lrs.organisation.rebuild import rebuild as rebuild_organisation
from tests.store.conftest import MASTER


class Home:
    """One store's tables, as the owner of them sees them."""

    def __init__(self, url: str, store: str) -> None:
        self.url = url
        self.schema = f"store_{store}"
        self.connection = psycopg.connect(url, autocommit=True, options=f"-c search_path={self.schema}")

    def close(self) -> None:
        self.connection.close()

    def rows(self, query: str, *parameters: Any) -> list[TupleRow]:
        return self.connection.execute(query, parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        return self.rows(query, *parameters)[0][0]

    def log(self) -> list[TupleRow]:
        """Every event, byte for byte."""
        return self.rows("SELECT * FROM stored_events ORDER BY notification_id")

    def differences(self) -> list[Any]:
        """Where index and organisation aren't what the log says."""
        found = rebuild_index(self.url, self.schema, MASTER, _silent, replace=False)
        found += rebuild_organisation(self.url, self.schema, MASTER, _silent, replace=False)
        return [one for one in found if not one.equal]

    def wait_until_somebody_waits(self) -> None:
        """For a lock, in this database."""
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = %s"
        (mine,) = self.rows("SELECT oid FROM pg_database WHERE datname = current_database()")[0]
        while not self.value(waiting, mine):
            pass

    def renew(self) -> None:
        """Make the index, which another version made, what the log says."""
        renew_index(self.url, self.schema, MASTER, _silent)

    def rebuild(self) -> None:
        """Make the index what the log says."""
        rebuild_index(self.url, self.schema, MASTER, _silent)


def erase(erasures: Erasures, who: str) -> Erasure:
    """Look who it is, and erase them."""
    person = erasures.look(who).extent.persons[0]
    return erasures.erase(who, confirm=person, by="test")


def learner_of(home: Home, digest: UUID) -> UUID | None:
    """The learner with an identifier of this digest."""
    found = home.rows("SELECT learner FROM learners WHERE digest = %s", digest)
    return found[0][0] if found else None


def _silent(_reached: int, _target: int) -> None:
    pass

"""The control schema's log: what happened to stores and credentials, kept like the log of a store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, EventSourcingError
from eventsourcing.utils import Environment

from lrs.credential.access_key import AccessKey
from lrs.credential.registered_store import RegisteredStore
from lrs.errors import NotMigrated
from lrs.log.datastore import AWAY, Datastore
from lrs.log.recorder import StoreRecorder
from lrs.log.work import Unavailable
from lrs.store_name import CONTROL

_PAGE = 1000


class AlreadyRecorded(Exception):
    """Another event has this place in the aggregate's history: somebody was first."""


class ControlLog(Application[UUID]):
    """An eventsourcing application whose events go through our own recorder.

    So positions are in commit order here too: when the head hasn't moved, nothing has changed.
    """

    name = "control"

    def __init__(self, url: str) -> None:
        self._datastore = Datastore(url, CONTROL, pool_size=2, connect_timeout=2.0)
        with answering():
            super().__init__()

    def construct_env(self, name: str, env: Any = None) -> Environment:  # noqa: ARG002 - the library's signature
        """Take no settings from environment variables: ours come from one place."""
        return Environment(name)

    def construct_recorder(self) -> StoreRecorder:
        """Use the recorder of the log."""
        return StoreRecorder(self._datastore)

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._datastore.close()

    def head(self) -> int:
        """Give the position of the last event."""
        with answering():
            return self.recorder.max_notification_id() or 0

    def access_key(self, key: str) -> AccessKey | None:
        """Give the credential with this key, as it is now."""
        found: AccessKey | None = self._find(AccessKey.create_id(key))
        return found

    def store(self, name: str) -> RegisteredStore | None:
        """Give the store of this name."""
        found: RegisteredStore | None = self._find(RegisteredStore.create_id(name))
        return found

    def _find(self, aggregate_id: UUID) -> Any:
        with answering():
            try:
                return self.repository.get(aggregate_id)
            except AggregateNotFoundError:
                return None

    def record(self, *aggregates: Aggregate) -> None:
        """Record what was decided, all or none of it. Raises AlreadyRecorded."""
        with answering():
            self.save(*aggregates)

    def everything(self) -> list[Aggregate]:
        """Give all aggregates in the order they began, by folding the whole log: it is small."""
        aggregates: dict[UUID, Aggregate] = {}
        after = 0
        with answering():
            while page := self.recorder.select_notifications(after, _PAGE, inclusive_of_start=False):
                for notification in page:
                    event: Any = self.mapper.to_domain_event(notification)
                    aggregates[event.originator_id] = event.mutate(aggregates.get(event.originator_id))
                after = page[-1].id
        return list(aggregates.values())


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the library and the driver raise into what callers can act on."""
    try:
        yield
    except (EventSourcingError, psycopg.Error) as error:
        match error.__cause__ or error:
            case psycopg.errors.UniqueViolation():
                raise AlreadyRecorded from error
            case (
                psycopg.errors.UndefinedTable()
                | psycopg.errors.InvalidSchemaName()
                | psycopg.errors.UndefinedObject()  # the role
            ):
                raise NotMigrated from error
            case cause if isinstance(cause, AWAY):
                raise Unavailable("the database is not answering") from error
        raise

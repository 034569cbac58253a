"""eventsourcing's own reusable tests, run against our recorder."""

from collections.abc import Iterator

import pytest
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase

from lrs.log.datastore import Datastore
from lrs.log.recorder import StoreRecorder
from tests.databases import NewDatabase


class _OnOurLog:
    """Gives each test a recorder on an empty log."""

    originator_id_type = "uuid"

    @pytest.fixture(autouse=True)
    def _empty_log(self, new_database: NewDatabase) -> Iterator[None]:
        self.datastore = Datastore(new_database("contract"), "store_contract", pool_size=10)
        yield
        self.datastore.close()

    def create_recorder(self) -> StoreRecorder:
        return StoreRecorder(self.datastore)


class TestApplicationRecorder(_OnOurLog, ApplicationRecorderTestCase[StoreRecorder]):
    """Insert, select, conflicts, concurrent writers."""


class TestPositionsDoNotInterleave(_OnOurLog, NonInterleavingNotificationIDsBaseCase):
    """Two writers with large batches: positions in commit order."""

    insert_num = 1000

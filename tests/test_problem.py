"""Which HTTP status what a room refuses is."""

import pytest

from lrs.credential import Expired
from lrs.errors import ChangedMeanwhile, Malformed, NotFound, NotMigrated, Refused, Taken
from lrs.index.version import StaleIndex
from lrs.problem import describe
from lrs.store_name import BadStoreName


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("a name is missing"), 400),
        (BadStoreName("East"), 400),
        (NotFound("there is no team east"), 404),
        (Taken("the key player is in use"), 409),
        (ChangedMeanwhile("the policy was changed"), 409),
        (Expired("make a new one"), 409),
        (Refused("the store has an organisation of its own"), 409),
        (NotMigrated(), 503),
        (StaleIndex(), 503),
    ],
)
def test_what_a_room_refuses_is_said_with_its_status(error: Refused, status: int) -> None:
    problem = describe(error)
    assert (problem.status, problem.detail) == (status, str(error))

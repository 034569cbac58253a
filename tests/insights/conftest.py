"""The house that tests look around in; those that change something have one of their own."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases, NewDatabase
from tests.insights.house import EVERYBODY, OTHER, TEAMS, House, commented, completion, house, people
from tests.insights.provider import Provider, provider


@pytest.fixture(scope="session")
def oidc() -> Iterator[Provider]:
    """A provider for all tests that leave it as it is."""
    with provider() as made:
        yield made


@pytest.fixture(scope="session")
def busy(databases: Databases, oidc: Provider) -> Iterator[House]:
    """A house where everybody completed a training, some another, and few reflected on it. Only to be looked at."""
    with house(databases.copy(databases.template("default", "other"), "insights"), oidc) as made:
        made.organise(people(), TEAMS)
        made.record(*(completion(name) for name in EVERYBODY), completion("zed"))
        made.record(*(completion(name, OTHER, days=9) for name in ("s1", "s2", "o1", "o2", "o3", "o4", "o5", "l1")))
        made.post(*(commented(name) for name in ("s1", "o1", "mia", "zed")))
        made.post(completion("stranger"), store="other")
        yield made


@pytest.fixture
def quiet(new_database: NewDatabase) -> Iterator[House]:
    """A house of one's own, with an organisation and nothing learnt yet, and a provider of its own."""
    with provider() as own, house(new_database("default", "other"), own) as made:
        made.organise(people(), TEAMS)
        made.project()
        yield made

"""A house to look at through a browser's eyes: a server that nobody signs in to but by one-time links."""

from collections.abc import Iterator

import pytest

from tests.dashboard.visit import EVIL
from tests.databases import Databases, NewDatabase
from tests.insights.house import EVERYBODY, OTHER, TEAMS, House, commented, completion, house, people
from tests.insights.provider import Provider, provider
from tests.store.given import person, statement


@pytest.fixture(scope="session")
def oidc() -> Iterator[Provider]:
    """A provider for all tests that leave it as it is."""
    with provider() as made:
        yield made


@pytest.fixture(scope="session")
def lived_in(databases: Databases, oidc: Provider) -> Iterator[House]:
    """A house where people learnt, with names and words that would do harm if they were not escaped."""
    with house(databases.copy(databases.template("default", "other"), "dashboard"), oidc) as made:
        quoted = EVIL.replace('"', '""')
        made.organise(people() + f'evil@example.org,"{quoted}",sales,no\n', TEAMS)
        made.record(*(completion(name) for name in EVERYBODY), completion("zed"), completion("evil"))
        made.record(*(completion(name, OTHER, days=9) for name in ("s1", "s2", "o1", "o2", "o3", "o4", "o5", "l1")))
        harmful = {"id": "http://example.org/x", "definition": {"name": {"en": EVIL}}}
        harmless = statement("evil", harmful, verb={"id": "http://example.org/v", "display": {"en": EVIL}})
        made.record({**harmless, "actor": {**person("evil"), "name": EVIL}})
        made.post(*(commented(name) for name in ("s1", "o1", "mia", "zed")))
        made.post(completion("stranger"), store="other")
        yield made


@pytest.fixture
def quiet(new_database: NewDatabase) -> Iterator[House]:
    """A house of one's own, with an organisation and nothing learnt yet."""
    with provider() as own, house(new_database("default", "other"), own) as made:
        made.organise(people(), TEAMS)
        made.project()
        yield made

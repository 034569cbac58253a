"""Databases with a store in them."""

import pytest

from tests.databases import Databases, NewDatabase


@pytest.fixture(scope="session")
def ready(databases: Databases) -> str:
    """The name of a database with the stores ``default`` and ``other``, both empty: to be copied."""
    return databases.template("default", "other")


@pytest.fixture
def ready_url(new_database: NewDatabase) -> str:
    """The owner's URL of a database of one's own with these stores."""
    return new_database("default", "other")

"""Bringing a database up to date, and seeing whether that was done."""

import psycopg
import pytest

from lrs.credential import NotMigrated
from lrs.migrated import require_migrated
from lrs.store import migrate
from tests.stoppable_database import StoppableDatabase


def test_a_database_that_was_never_migrated_is_told_from_one_that_is_away(database_url: str) -> None:
    with pytest.raises(NotMigrated, match="run `lrs migrate` first"):
        require_migrated(database_url)
    migrate(database_url)
    require_migrated(database_url)
    require_migrated("postgresql://nobody@127.0.0.1:1/none")


def test_tables_without_our_role_are_not_migrated(stoppable_database: StoppableDatabase) -> None:
    url = stoppable_database.server.url()
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY vliegwiel_app")
        connection.execute("DROP ROLE vliegwiel_app")
    with pytest.raises(NotMigrated):
        require_migrated(url)

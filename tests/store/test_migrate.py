"""Bringing a database up to date, and seeing whether that was done."""

import psycopg
import pytest
from psycopg import conninfo
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.errors import NotMigrated, Refused
from lrs.local.postgres import Postgres
from lrs.migrated import require_migrated
from lrs.seal import MasterKey
from lrs.store import create_store, migrate
from lrs.store.key_rotation import check
from lrs.store.migrate import _ensure_role
from tests.databases import NewDatabase
from tests.stoppable_database import StoppableDatabase


def test_a_database_that_was_never_migrated_is_told_from_one_that_is_away(database_url: str) -> None:
    with pytest.raises(NotMigrated, match="run `lrs migrate` first"):
        require_migrated(database_url)
    migrate(database_url)
    require_migrated(database_url)
    require_migrated("postgresql://nobody@127.0.0.1:1/none")


NOTED = (
    *("lrs.seal/secrets.sql", "lrs.seal/schema.sql", "lrs.log/schema.sql", "lrs.index/schema.sql"),
    *("lrs.attachment/schema.sql", "lrs.document/schema.sql", "lrs.log/configuration.sql", "lrs.relay/schema.sql"),
    *("lrs.organisation/schema.sql", "projections/schema.sql", "projections/follow_up/schema.sql"),
    *("projections/streaks/schema.sql", "projections/manager_visibility/schema.sql"),
    *("projections/unknown_verbs/schema.sql", "lrs.audit.access/schema.sql", "lrs.log/salts.sql"),
    *("lrs.index/forgotten.sql", "lrs.audit.erasure/schema.sql", "lrs.audit.tree/schema.sql"),
    *("lrs.refusal/schema.sql", "lrs.seal/destroyed.sql", "lrs.index/version.sql", "lrs.index/sources.sql"),
    *("lrs.index/signature.sql", "lrs.index/chains.sql", "lrs.store/statistics.sql"),
)
"""What databases out there have noted as done. Only ever to be added to: what has another name would be done again."""


def test_what_databases_have_noted_keeps_its_name(database_url: str) -> None:
    migrate(database_url)
    create_store(database_url, "north")
    with psycopg.connect(database_url) as connection:
        noted = [name for (name,) in connection.execute("SELECT name FROM store_north.migrations")]
        control = [name for (name,) in connection.execute("SELECT name FROM vliegwiel.migrations")]
    assert noted == list(NOTED)
    assert control == ["lrs.seal/secrets.sql", "lrs.log/schema.sql", "lrs.sign_in/schema.sql"]


@pytest.mark.parametrize("noted", ["lrs.audit.access/schema.sql", "lrs.access/schema.sql"])
def test_what_was_noted_under_either_name_is_done(database_url: str, noted: str) -> None:
    migrate(database_url)
    create_store(database_url, "north")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE store_north.migrations SET name = %s WHERE name LIKE '%%access/%%'", [noted])
    assert migrate(database_url) == []


KEPT_OUT = {
    *("person_keys.wrapped", "statement_salts.salt", "attachments.sealed", "documents.name", "documents.content"),
    *(
        "people.sealed",
        "access_readers.sealed",
        "follow_up_state.state",
        "streaks_state.state",
    ),
    *("manager_visibility_state.state", "unknown_verbs_state.state"),
}
"""Columns with keys, salts, what is sealed, or what is remembered of persons."""


def test_no_statistics_are_kept_of_keys_and_of_what_is_sealed(database_url: str) -> None:
    migrate(database_url)
    create_store(database_url, "north")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = store_north")
        stored = _storage(connection)
        assert set(stored) == {
            *KEPT_OUT,
            "stored_events.state",
            "tree_tiles.hashes",
            "secrets.wrapped",
            "activities.definition",
        }
        # As a version before left it: with copies of keys that are gone.
        for one in KEPT_OUT:
            table, column = one.split(".")
            connection.execute(
                SQL("ALTER TABLE {} ALTER {} SET STATISTICS -1").format(*map(Identifier, (table, column)))
            )
        connection.execute("DELETE FROM migrations WHERE name = 'lrs.store/statistics.sql'")
        _one_key(connection)
        connection.execute("ANALYZE")
        assert _counted(connection) >= {"person_keys.wrapped", "person_keys.learner", "statement_salts.salt"}
        connection.execute("TRUNCATE person_keys, statement_salts")
        assert migrate(database_url) == ["store_north: lrs.store/statistics.sql"]
        assert _counted(connection).isdisjoint(KEPT_OUT)
        _one_key(connection)
        connection.execute("ANALYZE")
        assert "person_keys.learner" in _counted(connection)
        assert _counted(connection).isdisjoint(KEPT_OUT)
        assert _storage(connection) == stored


def _one_key(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("INSERT INTO person_keys VALUES (gen_random_uuid(), gen_random_uuid(), 'wrapped')")
    connection.execute("INSERT INTO statement_salts VALUES (1, 'salt')")


def _counted(connection: psycopg.Connection[TupleRow]) -> set[str]:
    return {f"{table}.{column}" for table, column in connection.execute("SELECT tablename, attname FROM pg_stats")}


def _storage(connection: psycopg.Connection[TupleRow]) -> dict[str, str]:
    """How columns of bytes are stored; of the store's tables."""
    rows = connection.execute(
        "SELECT relname || '.' || attname, attstorage::text FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid "
        "WHERE relnamespace = 'store_north'::regnamespace AND relkind = 'r' AND atttypid = 'bytea'::regtype"
    )
    return dict(rows.fetchall())


def test_tables_without_our_role_are_not_migrated(stoppable_database: StoppableDatabase) -> None:
    url = stoppable_database.server.url()
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY vliegwiel_app")
        connection.execute("DROP ROLE vliegwiel_app")
    with pytest.raises(NotMigrated):
        require_migrated(url)


def test_a_database_of_another_encoding_is_refused(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE other_encoding ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(Refused, match="encoding is SQL_ASCII: make the database with ENCODING 'UTF8'"):
                migrate(postgres.url("other_encoding"))
        finally:
            connection.execute("DROP DATABASE other_encoding")


def test_an_older_postgres_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(migrate.__globals__, "OLDEST", 99)
    with pytest.raises(Refused, match=r"^the database is Postgres \d+: 99 or newer is needed$"):
        migrate(database_url)


def test_an_owner_who_may_not_make_the_role_is_told_who_has_to(stoppable_database: StoppableDatabase) -> None:
    url = stoppable_database.server.url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute('CREATE ROLE "the owner"')
        connection.execute('ALTER DATABASE vliegwiel OWNER TO "the owner"')
        theirs = conninfo.make_conninfo(url, options=r"-c role=the\ owner")
        with pytest.raises(Refused, match=r'^"the owner" needs CREATEROLE; or let somebody') as refused:
            migrate(theirs)
        connection.execute(str(refused.value).split("`")[1])
    migrate(theirs)
    create_store(theirs, "default")
    require_migrated(theirs)


def test_an_owner_who_has_the_role_without_inheriting_from_it_migrates(new_database: NewDatabase) -> None:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE noinherit NOINHERIT")
        try:
            connection.execute("GRANT vliegwiel_app TO noinherit")
            connection.execute("SET SESSION AUTHORIZATION noinherit")
            _ensure_role(connection)
        finally:
            connection.execute("RESET SESSION AUTHORIZATION")
            connection.execute("DROP ROLE noinherit")


def test_a_schema_of_somebody_else_is_left_alone_whatever_its_name(database_url: str) -> None:
    master = MasterKey(bytes(32))
    migrate(database_url)
    create_store(database_url, "default")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA store_front")
        connection.execute("CREATE TABLE store_front.secrets (name text)")
        assert migrate(database_url) == []
        require_migrated(database_url)
        assert [one.schema for one in check(database_url, master, lambda *_: None)] == ["store_default", "vliegwiel"]
        made = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'store_front'").fetchall()
        assert made == [("secrets",)]


@pytest.mark.parametrize(
    "place",
    [
        ("lrs", "metrics.sql"),
        ("lrs.relay", "queries.sql"),
        ("lrs.audit.tree", "queries.sql"),
        ("lrs.audit.retention", "queries.sql"),
        ("consumers", "queries.sql"),
    ],
    ids=lambda place: place[0],
)
def test_stores_are_found_beside_schemas_that_are_closed_to_us(
    new_database: NewDatabase, place: tuple[str, str]
) -> None:
    with psycopg.connect(new_database("default"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA store_front")
        connection.execute("SET ROLE vliegwiel_app")
        assert connection.execute(sql.load(*place).stores).fetchall() == [("default",)]

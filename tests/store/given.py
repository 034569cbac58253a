"""Words to write statements with."""

import asyncio
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from msgspec import json
from psycopg import Connection, Cursor
from psycopg.sql import SQL

from lrs.index import Page, Query
from lrs.log.work import Appended
from lrs.statement import Limits, Prepared, Version, parse, prepare
from lrs.store import Store
from schemas.xapi import Account, Actor

VERB = "http://example.org/verbs/did"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def person(name: str) -> dict[str, Any]:
    """An agent."""
    return {"objectType": "Agent", "mbox": f"mailto:{name}@example.org"}


def who(name: str) -> str:
    """The identity of that agent."""
    return f"mbox:mailto:{name}@example.org"


def activity(called: str, /, **definition: Any) -> dict[str, Any]:
    """An activity, with a definition if one is given."""
    found: dict[str, Any] = {"id": iri(called)}
    return {**found, "definition": definition} if definition else found


def iri(name: str) -> str:
    """The IRI of that activity."""
    return f"http://example.org/activities/{name}"


def statement(actor: str = "ann", about: Any = "course", **more: Any) -> dict[str, Any]:
    """A statement by somebody about an activity (a name) or any object."""
    made = {
        "id": str(uuid4()),
        "actor": person(actor),
        "verb": {"id": VERB},
        "object": activity(about) if isinstance(about, str) else about,
    }
    return {**made, **more}


def ref(target: dict[str, Any] | str) -> dict[str, Any]:
    """A StatementRef to a statement or an id."""
    return {"objectType": "StatementRef", "id": target if isinstance(target, str) else target["id"]}


def voiding(target: dict[str, Any] | str, actor: str = "admin") -> dict[str, Any]:
    """A statement that voids another."""
    return statement(actor, ref(target), verb={"id": VOIDED})


def destroy(cursor: Connection[Any] | Cursor[Any], which: LiteralString = "true", *parameters: object) -> None:
    """Destroy persons' keys as an erasure does: noted, or they would be lost."""
    statement = """WITH gone AS (DELETE FROM person_keys WHERE {} RETURNING key_id)
                   INSERT INTO destroyed_keys SELECT key_id FROM gone"""
    cursor.execute(SQL(statement).format(SQL(which)), parameters)


def leave_as_another_version(url: str, schema: str) -> None:
    """Leave a store as one whose index was made before versions were noted, of other terms."""
    with psycopg.connect(url, options=f"-c search_path={schema}") as connection:
        connection.execute("UPDATE statement_terms SET term = md5(term::text)::uuid")
        connection.execute("DELETE FROM index_version")


def prepared(*statements: dict[str, Any], authority: str = "tool", version: Version = "2.0.0") -> list[Prepared]:
    """Statements ready to append, vouched for by a tool."""
    voucher = Actor(object_type="Agent", account=Account("https://lrs.example", authority))
    parsed = parse(json.encode(list(statements)), version, Limits())
    return [prepare(item, authority=voucher, version=version) for item in parsed]


async def append(
    store: Store,
    *statements: dict[str, Any],
    defines: bool = True,
    authority: str = "tool",
    version: Version = "2.0.0",
) -> Appended:
    """Append statements as one request."""
    ready = prepared(*statements, authority=authority, version=version)
    return await store.append(ready, defines=defines, contents={})


async def found(store: Store, **filters: Any) -> list[str]:
    """Ids of the statements that match, newest first unless asked otherwise."""
    page = await page_of(store, **filters)
    return [str(recorded.id) for recorded in page.statements]


async def page_of(store: Store, **filters: Any) -> Page:
    """A page of statements that match."""
    answer = await store.select(Query(**{"limit": 100, **filters}))
    return answer.page


def ids(*statements: dict[str, Any]) -> list[str]:
    """The ids of statements."""
    return [item["id"] for item in statements]


def uuid(made: dict[str, Any]) -> UUID:
    """The id of a statement."""
    return UUID(made["id"])


async def turns_of_the_loop() -> None:
    """Take turns that only come while nothing holds up the loop."""
    for _ in range(50):
        await asyncio.to_thread(int)

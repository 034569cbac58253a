"""One-time links: whoever runs the server opens a session in a browser, without a sign-in provider.

A link holds 256 random bits. The database has their digest alone, so what takes long when it is looked up says nothing
about the bits; and sealed, whose session it opens. Using a link takes its row out: of several who try, one gets it.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

import msgspec
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.connect import connect_to
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.sign_in.person import Person
from lrs.sign_in.token_seal import TokenSeal
from lrs.store_name import CONTROL

_queries = sql.load(__package__)
LIFE: Final = timedelta(minutes=10)
_BYTES: Final = 32
_LONGEST: Final = 100


class Links:
    """Makes and uses one-time links. Methods raise Unavailable."""

    def __init__(self, url: str, seal: TokenSeal) -> None:
        self._url = url
        self._seal = seal

    async def make(self, person: Person) -> str:
        """Give the token of a new link that opens a session of this person, once and within ten minutes."""
        token = token_urlsafe(_BYTES)
        sealed = await self._seal.seal(msgspec.msgpack.encode(person), "one-time link")
        link = {"digest": _digest(token), "sealed": sealed, "expires": datetime.now(UTC) + LIFE}
        await asyncio.to_thread(self._run, _queries.keep_link, link)
        return token

    async def use(self, token: str) -> Person | None:
        """Give whose session a token opens, once; None if it was used before, is too old, or never was one."""
        if len(token) > _LONGEST:
            return None
        row = await asyncio.to_thread(self._run, _queries.use_link, {"digest": _digest(token)})
        if row is None or row[1] <= datetime.now(UTC):
            return None
        plain = await self._seal.unseal(row[0], "one-time link")
        return None if plain is None else msgspec.msgpack.decode(plain, type=Person)

    def _run(self, query: Any, values: dict[str, Any]) -> TupleRow | None:
        try:
            with connect_to(CONTROL, self._url, "sign-in") as connection:
                connection.execute(_queries.forget_links)
                cursor = connection.execute(query, values)
                return cursor.fetchone() if cursor.description else None
        except AWAY as error:
            raise Unavailable("the database is not answering") from error


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()

"""``/audit/v1/bundle``: a bundle over HTTP, for auditors."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, Final

from litestar import Request, Router, get
from litestar.response import Stream

from lrs.access import Known, known
from lrs.api import answer
from lrs.audit.bundle.chosen import Wanted, choose
from lrs.audit.bundle.export import Export
from lrs.audit.reading import opened
from lrs.audit.tree.proofs import NotSigned
from lrs.documentation import FLAG, NUMBER, Field, refusing
from lrs.http import parameters
from lrs.insights import Insights, documentation
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.problem import RETRY_AFTER, Problem
from lrs.seal import MasterKey

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 1
"""Bundles that are made at a time: each may read all of a log."""
_PIECE: Final = 1 << 18
PARAMETERS: Final = {
    "learner": Field("Only what is theirs or mentions them: id of a learner or person, or an xAPI identifier."),
    "training": Field("Only what is about this activity: its IRI."),
    "from": Field("First position of the log, or day (UTC) or time of storing (RFC 3339); the beginning if left out."),
    "until": Field("Last position of the log, or day or time of storing; that of the last checkpoint if left out."),
    "whole": Field("With `learner` or `training`: all other events too, sealed, so that none is left out.", FLAG),
    "open": Field("Add the keys that open what was asked for; with `learner`, what is theirs and no more.", FLAG),
    "since": Field(
        "Size of a checkpoint that you kept: the bundle then shows that the log goes on from it.", NUMBER, least=0
    ),
}


def bundle_router(insights: Insights, url: str, master: MasterKey) -> Router:
    """Give the router; ``url`` is the database's."""
    # Whoever hangs up leaves a thread that reads on for a while: it is the threads that take turns.
    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bundle")

    @get(
        "/bundle",
        operation_id="bundle",
        summary="Get events with their proofs",
        operation_class=documentation.operation(PARAMETERS, csv=False),
        media_type="application/jsonl",
        responses=refusing(404),
    )
    async def bundle(request: Request[Any, Any, Any]) -> Stream:
        """Get a file that is checked with nothing but itself and the log's public key: `lrs audit check`.

        It is made before it is sent: large ones are better made by `lrs audit export`. That somebody has read is
        recorded, and shown to those it is about.
        """
        caller = await insights.door.caller(request, "audit/read")
        if not caller.audits:
            raise Problem(403, "bundles are for auditors: the role auditor, or a credential with the scope audit/read")
        given = parameters.parse(request.scope["query_string"], PARAMETERS)
        wanted = Wanted(
            given.get("learner"),
            given.get("training"),
            given.get("from"),
            given.get("until"),
            parameters.boolean(given, "whole"),
            [parameters.number(given, "since")] if "since" in given else [],
        )
        opening = parameters.boolean(given, "open")
        try:
            file = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it was sent
        except OSError as error:
            raise _no_room(error) from error

        def make() -> tuple[Export, Known | None]:
            with opened(url, caller.store, master) as (cursor, log):
                export = Export(cursor, log, master, choose(cursor, log, wanted), opening=opening)
                file.writelines(export.lines())
                file.seek(0)
                return export, known(cursor, log.keyring, caller.reader)

        try:
            export, as_who = await asyncio.get_running_loop().run_in_executor(threads, make)
            access = insights.access
            await access.seen(caller.store, caller.reader, export.readable, "bundle", as_who, at_once=True)
        except BaseException as error:
            file.close()
            if isinstance(error, NotSigned):
                raise Problem(404, f"{error}; ask again in a few seconds", headers={"Retry-After": "5"}) from None
            if isinstance(error, AWAY):
                raise Unavailable("the database is not answering") from error
            if isinstance(error, OSError):
                raise _no_room(error) from error
            raise
        headers = {
            "Content-Disposition": f'attachment; filename="{caller.store}.bundle"',
            "Cache-Control": "private, no-store",
        }
        return Stream(_pieces(file), media_type="application/jsonl", headers=headers)

    return Router(
        "/audit/v1",
        route_handlers=[bundle],
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Audit"],
    )


def _no_room(error: OSError) -> Problem:
    _log.error("a bundle can't be made in the temporary folder (TMPDIR): %s", error)
    detail = "the server has no room to make a bundle in: ask who runs it, or for `lrs audit export`"
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)})


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()

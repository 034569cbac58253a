"""The Statements resource: storing (1.0.3 Communication 2.1.1, 2.1.2) and asking (2.1.3)."""

from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.openapi.spec import OpenAPIFormat
from litestar.response.base import ASGIResponse

from lrs.documentation import JSON, MULTIPART, Field, operation
from lrs.errors import shown
from lrs.http import body, parameters
from lrs.http.authorization import require
from lrs.http.content_type import boundary, media_type
from lrs.problem import Problem
from lrs.statement import Limits, Prepared, Version, parse, prepare
from lrs.xapi import attachments, multipart, run_together
from lrs.xapi.caller import Caller, caller
from lrs.xapi.statement_query import PARAMETERS, PATH, answer
from lrs.xapi.steps import Steps
from schemas.xapi import Statement


class StatementLimits(msgspec.Struct, frozen=True):
    """How much one request may carry, beside the size of its body."""

    statements: Limits
    attachment_bytes: int


_CONSISTENT: Final = {
    "X-Experience-API-Consistent-Through": "All that was stored up to this moment can be read.",
}
_OF_THE_LOG: Final = _CONSISTENT | {
    "X-Vliegwiel-Position": "Place in the log up to which the read API has to be for these statements: `wait_for`.",
}


@post(
    PATH,
    name="postStatements",
    status_code=200,
    tags=["Statements"],
    operation_class=operation(
        body=[f"{JSON} Statements", MULTIPART],
        success=(200, "Stored: the ids."),
        answers=[f"{JSON} StatementIds"],
        answer_headers=_OF_THE_LOG,
        problems=(400, 401, 403, 409, 413, 415, 503),
    ),
)
async def post_statements(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Store one statement or a batch; answers with their ids, in order."""
    who = caller(request)
    require(who.credential, "statements/write")
    parameters.none(request.scope["query_string"])
    prepared = await _store(request, who, None)
    # As they were sent: what a client compares may be in upper case.
    return ASGIResponse(body=msgspec.json.encode([one.statement.id for one in prepared]))


@put(
    PATH,
    name="putStatement",
    status_code=204,
    tags=["Statements"],
    operation_class=operation(
        query={"statementId": Field("Id of the statement.", format=OpenAPIFormat.UUID, required=True)},
        body=[f"{JSON} Statement", MULTIPART],
        success=(204, "Stored."),
        answer_headers=_OF_THE_LOG,
        problems=(400, 401, 403, 409, 413, 415, 503),
    ),
)
async def put_statement(request: Request[Any, Any, Any]) -> None:
    """Store one statement under the id in ``statementId``."""
    who = caller(request)
    require(who.credential, "statements/write")
    query = parameters.parse(request.scope["query_string"], {"statementId"})
    parameters.required(query, "statementId")
    await _store(request, who, parameters.identifier(query, "statementId"))


@get(
    PATH,
    name="getStatements",
    tags=["Statements"],
    operation_class=operation(
        query=PARAMETERS,
        success=(200, "A statement, or a StatementResult whose `more` leads to the next page."),
        answers=[f"{JSON} StatementResult", MULTIPART],
        headers={"Accept-Language": "For `format=canonical`: the languages wanted, as RFC 9110 has them."},
        answer_headers=_CONSISTENT | {"Last-Modified": "When the newest of what is given was stored."},
        problems=(400, 401, 403, 404, 503),
    ),
)
async def get_statements(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Give one statement, or the statements that match a query, newest first."""
    return await answer(request, caller(request))


async def _store(request: Request[Any, Any, Any], who: Caller, statement_id: UUID | None) -> list[Prepared]:
    limits: StatementLimits = request.app.state.limits
    text, received = await _content(request, limits)
    steps: Steps = request.app.state.steps
    await steps.step(len(text))
    statements = parse(text, who.version, limits.statements, single=statement_id is not None)
    contents = attachments.match(
        statements,
        received,
        "statements" if _is_list(text) else "statement",
        partial(_verify_signature, who.version, limits.statements),
    )
    authority = who.credential.authority
    prepared = [
        prepare(statement, authority=authority, version=who.version, id=statement_id) for statement in statements
    ]
    if prepared:
        await steps.step(len(text))
        appended = await who.store.append(prepared, defines=who.credential.allows("define"), contents=contents)
        state = request.scope["state"]
        state["position"], state["consistent_through"] = appended.position, appended.through
    return prepared


def _verify_signature(version: Version, limits: Limits, statement: Statement, content: bytes, path: str) -> None:
    # Much to load, and few statements are signed.
    from lrs.statement.signature import verify_signature

    verify_signature(statement, content, version=version, limits=limits, path=path)


async def _content(request: Request[Any, Any, Any], limits: StatementLimits) -> tuple[bytes, dict[str, bytes]]:
    """Give the statements' JSON and the contents of attachments by their hash."""
    named = dict(request.scope["headers"]).get(b"content-type", b"").decode("latin-1")
    kind = media_type(named)
    if kind == "application/json":
        return await body.read(request.receive), {}
    if kind != "multipart/mixed":
        wanted = "application/json, or multipart/mixed with attachments"
        raise Problem(400, f"Content-Type is {shown(named)}: send {wanted}")
    delimiter = boundary(named)
    if delimiter is None:
        raise Problem(400, "Content-Type: multipart/mixed comes with a boundary, this one has none")
    most_parts = limits.statements.attachments * limits.statements.batch + 1
    parts = multipart.parse(
        await body.read(request.receive), delimiter, most_parts=most_parts, largest_part=limits.attachment_bytes
    )
    parts = run_together.apart(parts, delimiter, most_parts=most_parts)
    return attachments.statements_part(parts), attachments.contents(parts)


def _is_list(text: bytes) -> bool:
    return text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["

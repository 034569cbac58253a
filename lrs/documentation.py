"""Says in OpenAPI what a handler reads from the request itself: parameters, headers, bodies, outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

JSON: Final = "application/json"
MULTIPART: Final = "multipart/mixed"
PROBLEM: Final = "application/problem+json"
ANYTHING: Final = "*/*"

PROBLEMS: Final = {
    400: "The request is wrong; `detail` says where and what would be right.",
    401: "No credential, or one that opens nothing.",
    403: "The credential lacks the scope.",
    404: "There is no such thing.",
    409: "It differs from what is stored already.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The request is too large.",
    415: "The body is of a kind this does not take.",
    422: "Some of what is in the body can't be taken; `refusals` says what, and why.",
    502: "The sign-in provider's answer is not what it should be.",
    503: "The database is away; try again after `Retry-After` seconds.",
}
_UNCHANGED: Final = "It has the ETag that If-None-Match names: the client has it already."
UNCHANGED: Final = {304: ResponseSpec(None, generate_examples=False, description=_UNCHANGED)}
"""What a GET answers with beside, where it looks at If-None-Match."""


class Field(NamedTuple):
    """One query parameter, in words and by the format of its value."""

    description: str
    kind: OpenAPIType = OpenAPIType.STRING
    format: OpenAPIFormat | None = None
    required: bool = False
    choices: Sequence[str] | None = None
    least: int | None = None
    most: int | None = None

    @property
    def schema(self) -> Schema:
        """What its value may be."""
        return Schema(type=self.kind, format=self.format, enum=self.choices, minimum=self.least, maximum=self.most)


FLAG: Final = OpenAPIType.BOOLEAN
NUMBER: Final = OpenAPIType.INTEGER


def operation(
    *,
    query: Mapping[str, Field] | None = None,
    body: Sequence[str] = (),
    success: tuple[int, str] = (200, "Done."),
    answers: Sequence[str] = (),
    problems: Sequence[int] = (400, 401, 403, 503),
    versioned: bool = True,
    headers: Mapping[str, str] | None = None,
    answer_headers: Mapping[str, str] | None = None,
    etag: str = "",
) -> type[Operation]:
    """Give a class of operation that documents a handler.

    ``body`` and ``answers`` are media types, with the name of the JSON's schema behind a space; headers are optional
    ones of the request, and those of a successful answer, in words. ``etag`` says what the entity tag is, of a GET that
    looks at If-Match and If-None-Match.
    """
    parameters = [_version()] if versioned else []
    parameters += [_parameter(name, field) for name, field in (query or {}).items()]
    asked = {"If-Match": "Only if the ETag is this.", "If-None-Match": "Only if it isn't this."} if etag else {}
    asked |= headers or {}
    parameters += [_header(name, description) for name, description in asked.items()]
    given = {"X-Experience-API-Version": "The version asked for."} if versioned else {}
    given |= {"ETag": etag} if etag else {}
    given |= answer_headers or {}
    content = _content(body)
    status, description = success
    responses = {
        str(status): OpenAPIResponse(
            description,
            content=_content(answers),
            headers={name: OpenAPIHeader(description=words, schema=_TEXT) for name, words in given.items()},
        )
    }
    if etag:
        responses["304"] = OpenAPIResponse(_UNCHANGED)
    for problem in (*problems, 412) if etag else problems:
        responses[str(problem)] = OpenAPIResponse(PROBLEMS[problem], content=_content([f"{PROBLEM} Problem"]))

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*parameters]
            self.request_body = RequestBody(content=content, required=True) if content else None
            self.responses = {**responses}

    return Documented


def taking(*kinds: str, required: bool = True) -> type[Operation]:
    """Give a class of operation whose handler reads its body itself, one of these kinds (see ``operation``)."""
    content = _content(kinds)

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=required)

    return Documented


def refusing(*statuses: int) -> dict[int, ResponseSpec]:
    """Give problems that a handler answers with beside those that all have."""
    return {status: ResponseSpec(None, generate_examples=False) for status in statuses}


_TEXT: Final = Schema(type=OpenAPIType.STRING)
_BYTES: Final = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)


def _content(kinds: Sequence[str]) -> dict[str, OpenAPIMediaType]:
    content = {}
    for kind in kinds:
        media_type, _, name = kind.partition(" ")
        schema = Reference(ref=f"#/components/schemas/{name}") if name else _BYTES
        content[media_type] = OpenAPIMediaType(schema=schema)
    return content


def _header(name: str, description: str) -> Parameter:
    return Parameter(name=name, param_in="header", required=False, description=description, schema=_TEXT)


def _version() -> Parameter:
    return Parameter(
        name="X-Experience-API-Version",
        param_in="header",
        required=True,
        description="Version of xAPI the request speaks: 1.0.0 to 1.0.3, or 2.0.0.",
        schema=Schema(type=OpenAPIType.STRING),
    )


def _parameter(name: str, field: Field) -> Parameter:
    return Parameter(
        name=name,
        param_in="query",
        required=field.required,
        description=field.description,
        schema=field.schema,
    )

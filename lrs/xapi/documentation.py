"""Says in OpenAPI what a handler reads from the request itself: parameters, headers, bodies, outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

JSON: Final = "application/json"
MULTIPART: Final = "multipart/mixed"
PROBLEM: Final = "application/problem+json"

_PROBLEMS: Final = {
    400: "The request is wrong; `detail` says where and what would be right.",
    401: "No credential, or one that opens nothing.",
    403: "The credential lacks the scope.",
    404: "There is no such thing.",
    409: "It differs from what is stored already.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The request is too large.",
    503: "The database is away; try again after `Retry-After` seconds.",
}


class Field(NamedTuple):
    """One query parameter, in words and by the format of its value."""

    description: str
    kind: OpenAPIType = OpenAPIType.STRING
    format: OpenAPIFormat | None = None
    required: bool = False
    choices: Sequence[str] | None = None


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
) -> type[Operation]:
    """Give a class of operation that documents a handler; ``body`` and ``answers`` are media types."""
    parameters = [_version()] if versioned else []
    parameters += [_parameter(name, field) for name, field in (query or {}).items()]
    content = {kind: OpenAPIMediaType() for kind in body}
    status, description = success
    responses = {str(status): OpenAPIResponse(description, content={kind: OpenAPIMediaType() for kind in answers})}
    for problem in problems:
        responses[str(problem)] = OpenAPIResponse(_PROBLEMS[problem], content={PROBLEM: OpenAPIMediaType()})

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*parameters]
            self.request_body = RequestBody(content=content, required=True) if content else None
            self.responses = {**responses}

    return Documented


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
        schema=Schema(type=field.kind, format=field.format, enum=field.choices),
    )

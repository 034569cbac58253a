"""Says in OpenAPI what each read takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Parameter, Schema
from msgspec import Struct

from lrs.documentation import Field
from lrs.insights.answer import Detail, Page


def operation(query: Mapping[str, Field], *, csv: bool) -> type[Operation]:
    """Give a class of operation that has these query parameters."""
    parameters = [
        Parameter(
            name=name,
            param_in="query",
            description=field.description,
            schema=field.schema,
        )
        for name, field in query.items()
    ]

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or ()), *parameters]
            success = (self.responses or {}).get("200")
            if csv and isinstance(success, OpenAPIResponse) and success.content is not None:
                success.content["text/csv"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))

    return Documented


def responses(item: Any, *, many: bool, example: Mapping[str, Any] | None) -> dict[int, ResponseSpec]:
    """Give the answer there can be; refusals are described with the rest of the API."""
    container: Any = Page[item] if many else Detail[item]
    examples = []
    if example is not None:
        stand = {"position": 1042, "as_of": "2026-03-02T08:15:00.000000Z", "lag": {"positions": 0, "seconds": 0.0}}
        answer = {"items": [example], "next": None} if many else {"item": example}
        examples = [Example(summary="An answer", value={**stand, **answer})]
    return {200: ResponseSpec(container, generate_examples=False, description="The answer.", examples=examples)}


def whole(answer: type[Struct]) -> dict[int, ResponseSpec]:
    """Give the answer of a read that is one struct."""
    return {200: ResponseSpec(answer, generate_examples=False, description="The answer.")}


def stream(event: type[Struct]) -> dict[int, ResponseSpec]:
    """Give the answers of a stream of events with this data."""
    return {200: ResponseSpec(event, generate_examples=False, media_type="text/event-stream", description="Events.")}

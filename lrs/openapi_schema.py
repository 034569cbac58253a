"""Completes the description that the framework makes of the API: what it can't know of how we answer."""

from typing import Any, Final

from lrs.documentation import PROBLEMS
from lrs.problem import MEDIA_TYPE
from schemas.generate import statement_schema

METHODS: Final = ("get", "put", "post", "delete", "patch")
_OPEN: Final = ("/xapi/about", "/health/", "/profile", "/sign-in", "/sign-out", "/log/")
"""What needs no credential."""
_REFERENCE: Final = "#/components/schemas/"
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": f"{_REFERENCE}Problem"}}}
_TEXT: Final = {"type": "string"}


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the description (OpenAPI 3.1) with every refusal as problem details, and the words of xAPI."""
    paths = {
        path: {
            method: _operation(path, method, one) if method in METHODS else one for method, one in operations.items()
        }
        for path, operations in schema["paths"].items()
    }
    components = schema.get("components", {})
    schemas = {**components.get("schemas", {}), **_words()}
    return {**schema, "paths": paths, "components": {**components, "schemas": dict(sorted(schemas.items()))}}


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    responses = {status: one for status, one in operation.get("responses", {}).items() if int(status) < 400}
    refused = {int(status) for status in operation.get("responses", {}) if int(status) >= 400}
    if operation.get("security") and not path.startswith("/xapi"):
        refused |= {400, 401, 403, 503}
        refused |= {404} if "{" in path else set()
        refused |= {409, 413, 415} if method in {"post", "put", "patch"} else set()
    elif path.startswith("/log/"):
        refused |= {400, 404, 503}
    for status in sorted(refused):
        responses[str(status)] = {"description": PROBLEMS[status], "content": _PROBLEM}
    described = {**operation, "responses": responses}
    if "parameters" in operation:
        described["parameters"] = [_parameter(one) for one in operation["parameters"]]
    # The framework leaves an empty list out, and without one what holds for all holds here.
    return {**described, "security": []} if path.startswith(_OPEN) else described


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    # Of what may hold slashes the framework says it is a URI. It is text.
    is_rest = parameter["in"] == "path" and parameter["schema"].get("format") == "uri"
    return {**parameter, "schema": _TEXT} if is_rest else parameter


def _words() -> dict[str, Any]:
    parts: dict[str, Any] = _moved(statement_schema()["$defs"])
    statements = {"type": "array", "items": {"$ref": f"{_REFERENCE}Statement"}}
    texts = {"type": "array", "items": _TEXT}
    return parts | {
        "Statements": {"anyOf": [{"$ref": f"{_REFERENCE}Statement"}, statements]},
        "StatementIds": {"type": "array", "items": {**_TEXT, "format": "uuid"}},
        "StatementResult": {
            "description": "With `statementId` or `voidedStatementId`, the Statement itself.",
            "type": "object",
            "properties": {
                "statements": statements,
                "more": {**_TEXT, "description": "Where the next page is; empty if there is none."},
            },
        },
        "PersonOfAgent": {
            "description": "xAPI's Person Object: all that is known of an Agent.",
            "type": "object",
            "properties": {"objectType": {"const": "Person"}}
            | dict.fromkeys(("name", "mbox", "mbox_sha1sum", "openid"), texts)
            | {"account": {"type": "array", "items": {"$ref": f"{_REFERENCE}Account"}}},
        },
        "About": {"type": "object", "properties": {"version": texts, "extensions": {"type": "object"}}},
        "Document": {"type": "object", "description": "Any JSON object."},
        "DocumentOrIds": {
            "description": "The ids of documents, where none is asked for by its id; else a document that is JSON.",
            "anyOf": [{"type": "array", "items": _TEXT}, {}],
        },
        "Organisation": {
            "description": "An organisation.json, as GET gives it: what is left out of an item stays as it is.",
            "type": "object",
            "properties": {name: {"type": "array", "items": {"type": "object"}} for name in ("teams", "people")},
        },
        "Health": {"type": "object", "properties": {"status": _TEXT}},
        "Problem": {
            "description": "Problem details (RFC 9457).",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": _TEXT,
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": {**_TEXT, "description": "What was wrong, where, and what would be right."},
                "path": {**_TEXT, "description": "The property it is about: `statements[3].result.duration`."},
                "ids": {**texts, "description": "Of a conflict: the statements that are stored already."},
                "refusals": {
                    "description": "Of an organisation: which rows can't be taken.",
                    "type": "array",
                    "items": {"type": "object", "properties": {"place": _TEXT, "reason": _TEXT}},
                },
                "instance": {**_TEXT, "description": "Of an error of ours: how our log names it."},
            },
        },
    }


def _moved(part: Any) -> Any:
    match part:
        case dict():
            return {
                name: value.replace("#/$defs/", _REFERENCE) if name == "$ref" else _moved(value)
                for name, value in part.items()
            }
        case list():
            return [_moved(one) for one in part]
        case _:
            return part

"""Write ``schemas/json/*.json``, JSON Schemas of the structs: ``python -m schemas.generate``."""

from inspect import cleandoc
from pathlib import Path
from typing import Any

from msgspec import Raw, defstruct, json, structs

from schemas.erasure import Erasure
from schemas.message import MESSAGE_VERSION, Kind, Message
from schemas.organisation import OrganisationChange
from schemas.policy import Policy
from schemas.vocabulary import VocabularyChange
from schemas.xapi import Activity, Actor, Score, Statement, StatementRef, SubStatement

FOLDER = Path(__file__).parent / "json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OBJECTS = (Activity, Actor, StatementRef, SubStatement)
_CHANGES: dict[Kind, type] = {
    "organisation": OrganisationChange,
    "policy": Policy,
    "vocabulary": VocabularyChange,
    "erasure": Erasure,
}


def statement_schema() -> dict[str, Any]:
    """Describe a statement's properties and their JSON types; what values may say isn't in it (``lrs.statement``)."""
    _, parts = json.schema_components((Statement, *_OBJECTS), ref_template="#/$defs/{name}")
    # Two kinds of bytes kept as written say nothing by their type: scores are numbers, objects go by objectType.
    for score in parts[Score.__name__]["properties"].values():
        score["type"] = "number"
    for holder, objects in ((Statement, _OBJECTS), (SubStatement, _OBJECTS[:-1])):
        parts[holder.__name__]["properties"]["object"] = {
            "anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in objects]
        }
    return {"$schema": _DIALECT, "$ref": "#/$defs/Statement", "$defs": dict(sorted(parts.items()))}


def message_schema() -> dict[str, Any]:
    """Describe a message and all that can be in it. Readers pass over properties they don't know: there may be more."""
    # What is JSON already is described by what it is JSON of.
    described = [field for field in structs.fields(Message) if field.type is not Raw]
    plain = defstruct(
        Message.__name__,
        [
            (field.name, field.type) if field.required else (field.name, field.type, field.default)
            for field in described
        ],
        kw_only=True,
    )
    _, parts = json.schema_components((plain, *_CHANGES.values()), ref_template="#/$defs/{name}")
    message = parts[Message.__name__]
    message["description"] = (
        "An event of a store's log. Messages of a store are in the order of their positions; `previous` that isn't the "
        "position of the message before shows that some are missing."
    )
    message["properties"]["version"]["const"] = MESSAGE_VERSION
    message["properties"]["stored"]["format"] = "date-time"
    message["allOf"] = [
        {
            "if": _with("kind", {"const": "statement"}),
            "then": {"required": ["learner"], **_with("statement", {"$ref": "#/$defs/Statement"})},
            "else": {"required": ["change"]},
        },
        *(
            {"if": _with("kind", {"const": kind}), "then": _with("change", {"$ref": f"#/$defs/{change.__name__}"})}
            for kind, change in _CHANGES.items()
        ),
    ]
    parts |= statement_schema()["$defs"]
    return {"$schema": _DIALECT, "$ref": "#/$defs/Message", "$defs": dict(sorted(parts.items()))}


def _with(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {name: schema}}


def generated() -> dict[str, bytes]:
    """Name each file and what belongs in it."""
    schemas = {"statement.json": statement_schema(), "message.json": message_schema()}
    return {name: json.format(json.encode(_cleaned(schema)), indent=2) + b"\n" for name, schema in schemas.items()}


def _cleaned(part: Any) -> Any:
    """Take the indentation out of descriptions: they are docstrings, and Python does that itself only since 3.13."""
    if isinstance(part, dict):
        return {
            name: cleandoc(value) if name == "description" and isinstance(value, str) else _cleaned(value)
            for name, value in part.items()
        }
    return [_cleaned(value) for value in part] if isinstance(part, list) else part


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in generated().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()

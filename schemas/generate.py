"""Write ``schemas/json/*.json``, JSON Schemas of the structs: ``python -m schemas.generate``."""

from pathlib import Path
from typing import Any

from msgspec import json

from schemas.xapi import Activity, Actor, Score, Statement, StatementRef, SubStatement

FOLDER = Path(__file__).parent / "json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OBJECTS = (Activity, Actor, StatementRef, SubStatement)


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


def generated() -> dict[str, bytes]:
    """Name each file and what belongs in it."""
    return {"statement.json": json.format(json.encode(statement_schema()), indent=2) + b"\n"}


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in generated().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()

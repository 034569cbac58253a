"""The JSON Schemas are those of the structs, and describe what is accepted."""

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema_rs import validator_for

from schemas.generate import FOLDER, generated, statement_schema
from tests.statement.given import ANN, a_statement
from tests.statement.strategies import STATEMENTS
from tests.statement.test_properties import _some


def test_schemas_are_current() -> None:
    files = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    assert files == generated(), "run `python -m schemas.generate`"


_schema = validator_for(statement_schema())


@_some
@given(STATEMENTS)
def test_valid_statements_follow_the_schema(statement: dict[str, Any]) -> None:
    _schema.validate(json.loads(json.dumps(statement)))


@pytest.mark.parametrize(
    "statement",
    [
        a_statement(actor=None),
        a_statement(object={"objectType": "Thing"}),
        a_statement(result={"score": {"raw": "1"}}),
        a_statement(Actor=ANN),
        a_statement(verb={"id": None}),
    ],
)
def test_the_schema_refuses_wrong_types(statement: dict[str, Any]) -> None:
    assert not _schema.is_valid(statement)

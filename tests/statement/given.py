"""Statements to test with: a small valid one, changed where a test wants it."""

import json
from typing import Any

from lrs.statement import Invalid, Limits, Version, parse
from schemas.xapi import Account, Actor, Statement

ANN = {"mbox": "mailto:ann@example.com"}
BOB = {"mbox": "mailto:bob@example.com"}
CAS = {"account": {"homePage": "https://lms.example.com", "name": "cas"}}
DEE = {"openid": "https://dee.example.com/"}
VERB = {"id": "http://adlnet.gov/expapi/verbs/completed"}
COURSE = {"id": "https://example.com/course"}
ID = "0a6f8e1c-2f0b-4a4e-9a83-6d0f3a3b1c2d"
OTHER_ID = "7f3f9d5e-41f4-4d3c-8a55-1e3f0c9b7a6e"
LIMITS = Limits()
AUTHORITY = Actor(account=Account("https://lrs.example.com", "key"))
ATTACHMENT = {
    "usageType": "https://example.com/essay",
    "display": {"en": "Essay"},
    "contentType": "text/plain; charset=utf-8",
    "length": 27,
    "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
}
VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided"}


def a_statement(**properties: Any) -> dict[str, Any]:
    """Give a valid statement with these properties set; None leaves one out."""
    whole: dict[str, Any] = {"actor": ANN, "verb": VERB, "object": COURSE} | properties
    return {name: value for name, value in whole.items() if value is not None}


def a_substatement(**properties: Any) -> dict[str, Any]:
    """Give a valid SubStatement."""
    return {"objectType": "SubStatement", **a_statement(**properties)}


def parsed(statement: dict[str, Any] | str | bytes, version: Version = "2.0.0") -> Statement:
    """Parse one statement."""
    return parse(wire(statement), version, LIMITS)[0]


def wire(body: Any) -> bytes:
    """Write a body as JSON, if it isn't yet."""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def refusal(body: Any, version: Version = "2.0.0", limits: Limits = LIMITS, *, single: bool = False) -> str:
    """Tell why a body is refused, or '' if it isn't."""
    try:
        parse(wire(body), version, limits, single=single)
    except Invalid as error:
        return str(error)
    return ""

"""From the bytes of a request to statements that keep every rule."""

from msgspec import UNSET, DecodeError, json

from lrs.statement.actor import check_actor
from lrs.statement.check import check_statement
from lrs.statement.errors import Invalid, TooMuch
from lrs.statement.explain import as_sent, explained
from lrs.statement.repeated import refuse_repeated
from lrs.statement.rules import Limits, Rules, Version
from schemas.xapi import Actor, Statement

_one = json.Decoder(Statement)
_many = json.Decoder(list[Statement])
_actor = json.Decoder(Actor)
_BOM = b"\xef\xbb\xbf"
_MOST_BRACKETS = 1_000_000
"""Hundreds for each statement of the largest batch. Empty lists by the million would take memory by the gigabyte."""


def parse(body: bytes, version: Version, limits: Limits, *, single: bool = False) -> list[Statement]:
    """Read the statement or list of statements in a request and check everything about them.

    With ``single`` only one statement will do. Raises Invalid with the path of the first thing that is wrong, and
    nothing else. A property that occurs twice in an object is refused in 2.0; for 1.0.3, which leaves it open (Data
    2.2), it counts once, the last time it is written, as in most JSON readers: what is stored is what was checked.
    """
    body = body.removeprefix(_BOM)
    batch = body.lstrip()[:1] == b"["
    root = "statements" if batch else "statement"
    if batch and single:
        raise Invalid("statement", "must be one statement (an object) here, not a list")
    # To count them costs a thirtieth of all that is done for a statement: fewer bytes can't hold so many.
    if len(body) > _MOST_BRACKETS and body.count(b"{") + body.count(b"[") > _MOST_BRACKETS:
        raise TooMuch(root, f"has more lists and objects than this server takes ({_MOST_BRACKETS})")
    try:
        # Extension values stay bytes, whose encoding the JSON decoder doesn't look at.
        body.decode()
        statements = _many.decode(body) if batch else [_one.decode(body)]
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explained(error, body, root) from None
    if len(statements) > limits.batch:
        raise TooMuch(root, f"{len(statements)} in one request are more than this server takes ({limits.batch})")
    rules = Rules(version, limits)
    place = 0
    try:
        for place, statement in enumerate(statements):  # noqa: B007 the place is wanted where it went wrong
            check_statement(statement, rules)
    except Invalid as error:
        error.within(f"statements[{place}]" if batch else root)
        error.path = as_sent(error.path, body, root)
        raise
    if version == "2.0.0":
        refuse_repeated(body, statements, root)
    if len(statements) > 1:
        _check_distinct(statements)
    return statements


def _check_distinct(statements: list[Statement]) -> None:
    """Refuse a batch that holds an id twice: only one of the two could be stored under it."""
    seen: set[str] = set()
    for place, statement in enumerate(statements):
        if statement.id is UNSET:
            continue
        id_ = statement.id.lower()
        if id_ in seen:
            raise Invalid(f"statements[{place}].id", f"{statement.id} occurs twice in this request")
        seen.add(id_)


def parse_actor(body: bytes | str, where: str = "agent") -> Actor:
    """Read an Agent or Group given by itself, as in a query parameter; ``where`` begins the path in errors."""
    text = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    try:
        text.decode()
        actor = _actor.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explained(error, text, where, Actor) from None
    try:
        check_actor(actor)
    except Invalid as error:
        error.within(where)
        raise
    return actor

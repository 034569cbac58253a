"""The alternate request syntax of xAPI 1.0.3 (Communication 1.3), turned into the request it stands for.

Old browsers can only POST forms across origins: the real method is in the query string, everything else (headers,
parameters, content) in the form. 2.0 dropped this.
"""

from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from lrs.problem import Problem
from lrs.xapi.content_type import media_type

Headers = list[tuple[bytes, bytes]]

_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE"})
_WITH_CONTENT: Final = frozenset({"PUT", "POST"})
_HEADERS: Final = frozenset(
    {"authorization", "x-experience-api-version", "content-type", "content-length", "if-match", "if-none-match"}
)
"""The headers a form may carry; no others."""
_MOST_FIELDS: Final = 100


class Request(NamedTuple):
    """The request a form stands for."""

    method: str
    query: bytes
    headers: Headers
    body: bytes


def is_used(query: bytes) -> bool:
    """Tell whether a request uses this syntax."""
    return b"method=" in query and any(name == "method" for name, _ in parse_qsl(query.decode("latin-1")))


def interpret(method: str, query: bytes, headers: Headers, body: bytes, *, json: bool) -> Request:
    """Give the request that is meant; ``json`` says what content without a Content-Type is."""
    parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    meant = parameters[0][1].upper()
    if method != "POST":
        raise Problem(400, f"the query parameter method is for POST requests only, this is a {method}")
    if len(parameters) > 1:
        raise Problem(400, "beside the query parameter method no other is allowed: move them into the form")
    if meant not in _METHODS:
        raise Problem(400, f"method: {meant!r} is not one of {', '.join(sorted(_METHODS))}")
    named = dict(headers).get(b"content-type")
    if named is not None and media_type(named) != "application/x-www-form-urlencoded":
        raise Problem(400, "a request with the query parameter method is an application/x-www-form-urlencoded form")
    return _from_form(meant, headers, _fields(body), json=json)


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode()
        return parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Problem(400, f"the body is not a URL-encoded form in UTF-8: {error}") from None


def _from_form(method: str, headers: Headers, fields: list[tuple[str, str]], *, json: bool) -> Request:
    moved: dict[bytes, bytes] = {}
    query: list[tuple[str, str]] = []
    content: list[str] = []
    for name, value in fields:
        if name == "content":
            content.append(value)
        elif name.lower() in _HEADERS:
            moved[name.lower().encode()] = value.encode("latin-1", "replace")
        else:
            query.append((name, value))
    if len(content) != (method in _WITH_CONTENT):
        wanted = "exactly one field content" if method in _WITH_CONTENT else "no field content"
        raise Problem(400, f"the form of a {method} has {wanted}, this one has {len(content)}")
    body = "".join(content).encode()
    moved.setdefault(b"content-type", b"application/json" if json else b"application/octet-stream")
    # The length is known better here: it counts the decoded content.
    moved[b"content-length"] = b"%d" % len(body)
    kept = [(name, value) for name, value in headers if name not in moved and name != b"transfer-encoding"]
    return Request(method, urlencode(query).encode(), kept + list(moved.items()), body)

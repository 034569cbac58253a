"""The alternate request syntax of xAPI 1.0.3 (Communication 1.3), turned into the request it stands for.

Old browsers can only POST forms across origins: the real method is in the query string, everything else (headers,
parameters, content) in the form. 2.0 dropped this.
"""

import re
from binascii import a2b_qp
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from lrs.errors import shown
from lrs.http.content_type import media_type
from lrs.http.headers import Headers
from lrs.problem import Problem

_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE"})
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "text/plain"})
"""Internet Explorer's XDomainRequest, which this syntax is for, can only name the second."""
_WITH_CONTENT: Final = frozenset({"PUT", "POST"})
_HEADERS: Final = frozenset(
    {"authorization", "x-experience-api-version", "content-type", "content-length", "if-match", "if-none-match"}
)
"""The headers a form may carry; no others."""
_MOST_FIELDS: Final = 100
_BROKEN: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


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
        raise Problem(400, f"method: {shown(meant)} is not one of {', '.join(sorted(_METHODS))}")
    named = dict(headers).get(b"content-type")
    if named is not None and media_type(named) not in _FORMS:
        raise Problem(400, "a request with the query parameter method is an application/x-www-form-urlencoded form")
    return _from_form(meant, headers, _fields(body), json=json)


def _fields(body: bytes) -> list[tuple[str, str]]:
    if not body:
        return []
    if body.count(b"&") >= _MOST_FIELDS:
        raise Problem(400, f"the form has more than {_MOST_FIELDS} fields")
    fields = []
    for field in filter(None, body.split(b"&")):
        name, equals, value = field.partition(b"=")
        if not equals:
            raise Problem(
                400, f"the body is not a URL-encoded form: a field has no = sign: {field[:100].decode('latin-1')!r}"
            )
        fields.append((_decoded(name), _decoded(value)))
    return fields


def _decoded(text: bytes) -> str:
    """Decode what is percent-encoded (URL Standard, application/x-www-form-urlencoded).

    As quoted-printable, which is the same with another sign: that is done in C. ``urllib`` would take seconds for some
    megabytes, before anybody is asked who it is.
    """
    if found := _BROKEN.search(text):
        broken = text[found.start() :][:3].decode("latin-1")
        raise Problem(400, f"the body is not a URL-encoded form: {shown(broken)} is no byte in hexadecimal")
    quoted = text.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    try:
        return a2b_qp(quoted).decode()
    except UnicodeDecodeError as error:
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

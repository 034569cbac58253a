"""Pages that stand by themselves: one file with its style in it, no scripts, good on paper too."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

STYLE: Final = files(__package__).joinpath("templates/paper.css").read_text(encoding="utf-8")
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a browser may load for such a page: nothing but the style that is in it."""
HEADERS: Final = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


def written(template: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Write a page, part by part: what is iterated over in ``data`` is never held as a whole."""
    common = {"style": Markup(STYLE), "policy": POLICY}  # noqa: S704  # our own file
    return _environment().get_template(template).generate({**common, **data})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lrs.audit"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["value"] = shown
    return environment


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def shown(value: Any) -> str:
    """Write a value of a row or a document for people."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() | tuple() if all(isinstance(one, str | int) for one in value):
            return ", ".join(map(str, value)) or "none"
    return msgspec.json.encode(value).decode()

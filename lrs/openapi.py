"""The description of the HTTP API: OpenAPI as JSON, and a page to read it on.

The page is written here, without scripts: the pages Litestar brings load theirs from a CDN, which a server in a closed
network can't reach.
"""

from html import escape
from importlib.metadata import version
from typing import Any, Final

from litestar.connection import Request
from litestar.enums import MediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from lrs.openapi_schema import METHODS, completed

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8886; padding: .5rem 0 1rem }
h2 { font-size: 1.1rem } code { font-size: .95em } .method { font-weight: 700; text-transform: uppercase }
table { border-collapse: collapse; width: 100% }
td { text-align: left; vertical-align: top; padding: .15rem .75rem .15rem 0 }
"""


class Page(OpenAPIRenderPlugin):
    """The description as one HTML page."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Give the page."""
        openapi_schema = completed(openapi_schema)
        title = escape(openapi_schema["info"]["title"])
        operations = "".join(
            _operation(method, path, item[method])
            for path, item in openapi_schema["paths"].items()
            for method in METHODS
            if method in item
        )
        words = "".join(_schema(name, one) for name, one in openapi_schema["components"]["schemas"].items())
        json = escape(self.get_openapi_json_route(request))
        return (
            f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
            f"<p>{escape(openapi_schema['info']['description'])}</p>"
            f"<p>For tools: <a href='{json}'>openapi.json</a></p>{operations}"
            f"<h2>What goes to and fro</h2>{words}</html>"
        ).encode()


class Json(JsonRenderPlugin):
    """The description for tools."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Give the JSON."""
        return super().render(request, completed(openapi_schema))


def config() -> OpenAPIConfig:
    """Give what Litestar needs to describe the API."""
    return OpenAPIConfig(
        title="Vliegwiel",
        version=version("vliegwiel"),
        description="A learning record store for xAPI 1.0.3 and 2.0. Requests carry HTTP Basic credentials, a Bearer "
        "token of the provider that people sign in with, or the cookie of a browser's session.",
        path="/schema",
        render_plugins=[Page(), Json()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "basic": SecurityScheme(type="http", scheme="basic"),
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "session": SecurityScheme(type="apiKey", name="__Host-vliegwiel", security_scheme_in="cookie"),
            }
        ),
        security=[{"basic": []}],
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    given = operation.get("parameters", ())
    parameters = "".join(_row(one["name"], _kind(one), one.get("description", "")) for one in given)
    body = _contents(operation.get("requestBody", {}))
    responses = "".join(
        f"<tr><td><code>{escape(status)}</code><td>{_contents(response)}<td>{_answer(response)}"
        for status, response in operation.get("responses", {}).items()
    )
    return (
        f"<section><h2><span class=method>{method}</span> <code>{escape(path)}</code></h2>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        + (f"<table>{parameters}</table>" if parameters else "")
        + (f"<p>Body: {body}</p>" if body else "")
        + f"<h3>Answers</h3><table>{responses}</table></section>"
    )


def _contents(holder: dict[str, Any]) -> str:
    return ", ".join(
        f"<code>{escape(kind)}</code> {_type(media.get('schema', {}))}"
        for kind, media in holder.get("content", {}).items()
    )


def _answer(response: dict[str, Any]) -> str:
    headers = "".join(
        f"<br><code>{escape(name)}</code>: {escape(header.get('description', ''))}"
        for name, header in response.get("headers", {}).items()
    )
    return escape(response["description"]) + headers


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(key)}</code>{' (required)' if key in required else ''}<td>{_type(one)}"
        f"<td>{escape(one.get('description', ''))}"
        for key, one in schema.get("properties", {}).items()
    )
    return (
        f"<section id='{escape(name)}'><h3>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>"
        + (f"<table>{rows}</table>" if rows else f"<p>{_type(schema)}</p>")
        + "</section>"
    )


def _type(schema: dict[str, Any]) -> str:
    if reference := schema.get("$ref"):
        name = escape(reference.rsplit("/", 1)[-1])
        return f"<a href='#{name}'>{name}</a>"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(filter(None, map(_type, schema[several])))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {})) or 'anything'}"
    if "enum" in schema or "const" in schema:
        return " or ".join(f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "")
    return escape(" or ".join(kind) if isinstance(kind, list) else schema.get("format") or kind)


def _kind(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    kind = " | ".join(map(str, schema.get("enum") or ())) or schema.get("format") or schema.get("type", "")
    return f"{parameter['in']}, {kind}{', required' if parameter.get('required') else ''}"


def _row(name: str, kind: str, description: str) -> str:
    return f"<tr><td><code>{escape(name)}</code><td>{escape(kind)}<td>{escape(description)}"

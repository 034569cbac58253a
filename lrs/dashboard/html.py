"""Writes pages: templates filled in by Jinja, with the headers that every page has."""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup, escape

from lrs.dashboard import words
from lrs.dashboard.language import LANGUAGES, Speech, speech

STATIC: Final = {
    "dashboard.css": "text/css",
    "live.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(form_targets: str = "") -> str:
    """Give the Content-Security-Policy of pages; forms may lead to us, and by a redirect to these origins."""
    return f"{_POLICY} {form_targets}".rstrip()


def page(
    template: str,
    spoken: Speech,
    data: Mapping[str, Any],
    *,
    status: int = 200,
    form_targets: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Write a page for whoever is spoken to."""
    token = speech.set(spoken)
    try:
        text = _environment().get_template(template).render(data, speech=spoken, languages=LANGUAGES)
    finally:
        speech.reset(token)
    common = {
        **HEADERS,
        "Content-Security-Policy": policy(form_targets),
        # What somebody may see depends on who they are, and no browser should show it after they signed out.
        "Cache-Control": "private, no-store",
        "Content-Language": spoken.language,
        "Vary": "Cookie, Accept-Language",
    }
    return Response(
        text.encode(),
        status_code=status,
        media_type="text/html",
        headers={**common, **(headers or {})},
    )


@cache
def static(name: str) -> bytes:
    """Give one of the files that pages load. Raises KeyError."""
    if name not in STATIC:
        raise KeyError(name)
    return files(__package__).joinpath("static", name).read_bytes()


@cache
def version_of(name: str) -> str:
    """Give what changes when such a file does, for its address."""
    return blake2b(static(name), digest_size=6).hexdigest()


def to(path: str, **query: Any) -> str:
    """Write the address of a page with parameters; those that are None or empty are left out."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    path = speech.get().root + path
    return f"{path}?{urlencode(given)}" if given else path


def link(iri: str) -> str | None:
    """Give an IRI as an address that a page may lead to; None: it is none, or could be a script."""
    parts = urlsplit(iri)
    return iri if parts.scheme in {"http", "https"} and parts.netloc else None


def tail(iri: str) -> str:
    """Give the last part of an IRI, for people, where a thing has no name."""
    parts = [part for part in iri.replace("#", "/").rstrip("/").split("/") if part]
    return parts[-1] if parts else iri


def sentence(text: str) -> str:
    """Begin with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def names(by_language: Mapping[str, str], *, capital: bool = False) -> Markup:
    """Write what somebody else calls a thing; a name in another language than the page's says which (WCAG 3.1.2)."""
    name, language = speech.get().named(by_language)
    if capital:
        name = sentence(name)
    return Markup('<span lang="{}">{}</span>').format(language, name) if language else escape(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lrs.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension brings it
        gettext=_worded("gettext"),
        ngettext=_worded("ngettext"),
        pgettext=_worded("pgettext"),
        newstyle=True,
    )
    spoken = ("day", "short", "time", "iso", "away", "number", "percent")
    environment.filters.update({name: _said(name) for name in spoken})
    environment.filters.update(
        link=link, tail=tail, names=names, sentence=sentence, base_of=words.base_of, days_of=words.days_of
    )
    environment.globals.update(
        to=to,
        static=_static,
        step_words=words.STEPS,
        hints=words.HINTS,
        statuses=words.STATUSES,
        standings=words.STANDINGS,
        visibility=words.VISIBILITY,
        kinds=words.KINDS,
        stages=words.STAGES,
        role_words=words.ROLES,
    )
    return environment


def _static(name: str) -> str:
    return to(f"/dashboard/static/{name}", v=version_of(name))


def _worded(name: str) -> Any:
    # Jinja takes what these give for HTML: it is text, and some of it a store's own.
    def say(*given: Any) -> Markup:
        return escape(getattr(speech.get(), name)(*given))

    return say


def _said(name: str) -> Any:
    def say(*given: Any) -> Any:
        return getattr(speech.get(), name)(*given)

    return say

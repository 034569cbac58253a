"""All texts of the program's own that pages show: those of templates and those that the code marks."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

import lrs.dashboard
from lrs.credential import SCOPES
from lrs.dashboard.language import Language, catalogue_of

FOLDER = Path(lrs.dashboard.__file__).parent
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
Text = str | tuple[str, ...]


def texts() -> dict[Text, str]:
    """Each text (two of them where the number counts), and where it is said."""
    found: dict[Text, str] = {}
    found.update((text, "lrs/credential/scope.py") for text in SCOPES.values())
    for path, method in _files():
        with path.open("rb") as file:
            for line, text, _, _ in extract(method, file, _KEYWORDS, options={"silent": "false"}):
                found.setdefault(tuple(text) if isinstance(text, list) else text, f"{path.name}:{line}")
    return found


def translations(language: Language) -> dict[Text, tuple[str, ...]]:
    """What a language's catalogue makes of each text."""
    catalogue = read_po(BytesIO(catalogue_of(language).encode()), locale=language)
    found: dict[Text, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            said = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
            text = tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id
            found[text] = tuple(one or "" for one in said)
            assert not message.fuzzy, message.id
    return found


def _files() -> Iterator[tuple[Path, str]]:
    yield from ((path, "jinja2") for path in sorted((FOLDER / "templates").glob("*.html")))
    yield from ((path, "python") for path in sorted(FOLDER.glob("*.py")))

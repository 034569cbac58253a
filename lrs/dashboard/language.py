"""Dutch and English: words by gettext, dates and numbers by CLDR.

The catalogues are the ``.po`` files beside this module; they are compiled in memory when a language is first used.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal, TypeGuard
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

Language = Literal["en", "nl"]
LANGUAGES: Final[dict[Language, str]] = {"en": "English", "nl": "Nederlands"}
"""Each language and what it calls itself; the first is the language of the program's own words."""
_LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "nl": "nl_NL"}
_DOMAIN: Final = "dashboard"


def is_language(text: str | None) -> TypeGuard[Language]:
    """Tell whether this is one of the languages."""
    return text in LANGUAGES


def chosen(*wishes: str | None) -> Language:
    """Give the first language that is wished for and spoken here: tags, or an Accept-Language header; else English."""
    for wish in wishes:
        found = negotiate_locale(_tags(wish or ""), list(LANGUAGES), sep="-")
        if is_language(found):
            return found
    return "en"


def _tags(header: str) -> list[str]:
    """Give the languages of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first."""
    wanted: list[tuple[float, int, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if tag and quality > 0:
            wanted.append((-quality, len(wanted), tag.split("-")[0].lower()))
    return [tag for _, _, tag in sorted(wanted)]


class Speech:
    """How somebody is spoken to: language, time zone, and the words that their store has replaced."""

    def __init__(
        self, language: Language, zone: tzinfo, now: datetime, replaced: Mapping[str, str], root: str = ""
    ) -> None:
        """Speak a language; ``root`` is what comes before our paths in addresses, where a proxy takes it off."""
        self.language = language
        self.root = root
        self.locale = Locale.parse(_LOCALES[language])
        self.zone = zone
        self.now = now
        self._replaced = replaced
        self._words = _catalogue(language)

    def gettext(self, text: str) -> str:
        """Say a text."""
        return self._replaced.get(text) or self._words.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Say a text in the form that a number asks for."""
        return self._words.ngettext(one, many, number)

    def pgettext(self, context: str, text: str) -> str:
        """Say a text that means something else elsewhere."""
        return str(self._words.pgettext(context, text))

    def named(self, by_language: Mapping[str, str]) -> tuple[str, str]:
        """Give what somebody else calls a thing in the language that comes closest, and that language's tag.

        The tag is empty where the name is in the language that is spoken, or in none that is known; so is the name of
        a thing that has none.
        """
        for wanted in (self.language, "en", "und", ""):
            for tag, name in by_language.items():
                base = tag.replace("_", "-").split("-")[0].lower()
                if wanted in (base, ""):
                    return name, "" if base in (self.language, "und") else tag.replace("_", "-")
        return "", ""

    def day(self, moment: date) -> str:
        """Write a day with its weekday; with the year if it is another one."""
        day = self.local(moment)
        pattern = "EEEE d MMMM" if day.year == self.today.year else "EEEE d MMMM y"
        return dates.format_date(day, pattern, locale=self.locale)

    def short(self, moment: date) -> str:
        """Write a day in short."""
        day = self.local(moment)
        return dates.format_date(day, "d MMM" if day.year == self.today.year else "d MMM y", locale=self.locale)

    def time(self, moment: datetime) -> str:
        """Write a moment: day and time."""
        return str(dates.format_datetime(moment, "medium", tzinfo=self.zone, locale=self.locale))

    def iso(self, moment: date) -> str:
        """Write a moment or a day for programs."""
        return moment.isoformat()

    def away(self, moment: date) -> str:
        """Tell how far a day is from today: today, tomorrow, in 3 days, 2 weeks ago."""
        days = (self.local(moment) - self.today).days
        match days:
            case 0:
                return self.gettext("today")
            case 1:
                return self.gettext("tomorrow")
            case -1:
                return self.gettext("yesterday")
        said = dates.format_timedelta(
            timedelta(days=days), granularity="day", threshold=1.5, add_direction=True, locale=self.locale
        )
        return str(said)

    def number(self, value: float) -> str:
        """Write a number."""
        return str(numbers.format_decimal(value, locale=self.locale))

    def percent(self, value: float) -> str:
        """Write a share of one."""
        return str(numbers.format_percent(value, locale=self.locale))

    def local(self, moment: date) -> date:
        """Give the day a moment is on where the reader is; a day stays itself."""
        return moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment

    @property
    def today(self) -> date:
        """The day it is where the reader is."""
        return self.now.astimezone(self.zone).date()


speech: ContextVar[Speech] = ContextVar("speech")
"""Of the page that is being written."""


def catalogue_of(language: Language) -> str:
    """Give the text of a language's catalogue."""
    return files(__package__).joinpath("locale", f"{language}.po").read_text(encoding="utf-8")


@cache
def known_texts() -> frozenset[str]:
    """Give the texts that a store may replace: all but those in which a number counts."""
    catalogue = read_po(BytesIO(catalogue_of("nl").encode()), locale="nl", domain=_DOMAIN)
    return frozenset(message.id for message in catalogue if isinstance(message.id, str) and message.id)


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue_of(language).encode()), locale=language, domain=_DOMAIN))
    compiled.seek(0)
    return Translations(compiled, domain=_DOMAIN)


def zone_of(name: str | None, otherwise: str) -> ZoneInfo:
    """Give a time zone by its IANA name."""
    return ZoneInfo(name or otherwise)

"""A store's own name, logo, colours and words; and what is refused of them."""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.configuration import Configuration, ConfigurationLog
from lrs.dashboard.contrast import READABLE, mixed, ratio
from lrs.dashboard.look import DARK, LIGHT, on_dark, style
from lrs.dashboard.look_file import read_look_file
from lrs.errors import Malformed
from schemas.look import Look
from tests.dashboard.visit import parsed, stranger, text, visit
from tests.insights.house import KEY, House

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1"/></svg>'
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def look_in(folder: Path, said: str, logo: bytes = SVG) -> Look:
    (folder / "logo.svg").write_bytes(logo)
    (folder / "look.toml").write_text(said, encoding="utf-8")
    return read_look_file(folder / "look.toml")


def set_look(house: House, look: Look, store: str = "default") -> None:
    with closing(ConfigurationLog(house.settings.database_url, store, KEY)) as log:
        assert Configuration(log).set_look(look, by="test").applied


def test_contrast_is_that_of_wcag() -> None:
    """Values that the definition gives for pairs that everybody knows."""
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.542, abs=0.001)
    assert ratio("#123456", "#123456") == 1


def test_the_shipped_colours_can_be_read() -> None:
    """What the style sheet says of text and what is under it, in light and in dark."""
    sheet = (Path(__file__).parents[2] / "lrs/dashboard/static/dashboard.css").read_text(encoding="utf-8")
    light, *dark = (block.partition("}")[0] for block in sheet.split("--paper:")[1:4])
    for block in (light, *dark):
        said = dict(part.split(":", 1) for part in f"--paper:{block}".replace("\n", "").split(";") if ":" in part)
        colour = {name.strip(): value.strip() for name, value in said.items()}
        for words in ("--ink", "--soft", "--accent", "--warm", "--good"):
            assert ratio(colour[words], colour["--paper"]) >= READABLE, words
            assert ratio(colour[words], colour["--surface"]) >= READABLE, words
        pairs = [
            ("--accent-ink", "--accent"),
            ("--accent", "--wash"),
            ("--warm", "--warm-wash"),
            ("--good", "--good-wash"),
        ]
        for words, ground in [*pairs, ("--ink", "--quiet")]:
            assert ratio(colour[words], colour[ground]) >= READABLE, (words, ground)
        # What a form's fields are told by, WCAG 2.2, 1.4.11.
        assert ratio(colour["--field"], colour["--surface"]) >= 3


def test_a_look_is_seen_at_once_and_by_its_store_alone(quiet: House, tmp_path: Path) -> None:
    look = look_in(
        tmp_path,
        'name = "Zonnebloem"\naccent = "#8A2BE2"\nlogo = "logo.svg"\n[words.nl]\n"Statements" = "Verhalen"\n',
    )
    with visit(quiet, "s1", **{"Accept-Language": "nl"}) as browser, stranger(quiet) as nobody:
        assert "Vliegwiel" in text(browser.get("/dashboard/me"))
        set_look(quiet, look)
        page = browser.get("/dashboard/me")
        assert "Zonnebloem" in text(page)
        assert "Verhalen" in text(page)
        sheets = [
            given["href"] for tag, given in parsed(page).tags if tag == "link" and given.get("rel") == "stylesheet"
        ]
        own = browser.get(str(sheets[1]))
        assert own.headers["content-type"] == "text/css; charset=utf-8"
        assert "--accent:#8a2be2" in own.text
        logo = browser.get(next(given["src"] for tag, given in parsed(page).tags if tag == "img") or "")
        assert (logo.content, logo.headers["content-type"]) == (SVG, "image/svg+xml")
        assert "sandbox" in logo.headers["content-security-policy"]
        assert "Zonnebloem" in text(nobody.get("/"))
    with visit(quiet, None, "admin", store="other") as elsewhere:
        assert "Zonnebloem" not in text(elsewhere.get("/dashboard/me"))
        assert elsewhere.get("/dashboard/logo").status_code == 404


def test_words_of_a_store_are_text(quiet: House) -> None:
    set_look(quiet, Look(name="<b>bold</b>", words={"en": {"Me": "<i>me</i>"}}))
    with visit(quiet, "s1") as browser:
        page = browser.get("/dashboard/me")
    assert "<b>bold" not in page.text
    assert "<i>me" not in page.text
    assert "<i>me</i>" in text(page)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('accent = "#ffd700"', "contrast of 1.3 to 1"),
        ('accent_dark = "#0b6b5d"', "would do"),
        ('accent = "teal"', "write a colour as #0b6b5d"),
        ('accent = "#0b6b5d;} * {display:none"', "write a colour"),
        ("accent = 3", "must be text"),
        ('colour = "#000000"', "colour is no part of a look"),
        (f'name = "{"x" * 61}"', "up to 60 characters"),
        ('name = "two\\nlines"', "one line"),
        ('logo = "nowhere.png"', "can't be read"),
        ('[words.de]\n"Me" = "Ich"', "the languages are en, nl"),
        ('[words.nl]\n"My teem" = "x"', "is no text of the dashboard"),
        ('[words.nl]\n"Hello %(name)s" = "Dag"', "has other blanks"),
        ('[words.nl]\n"Me" = ""', "must become a text"),
        ("words = 3", "words must be texts by language"),
        ("=", "is not TOML"),
    ],
)
def test_what_can_t_be_is_refused_with_the_reason(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(Malformed, match=None) as refused:
        look_in(tmp_path, said)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("logo", "why"),
    [
        (b"GIF89a", "neither a PNG nor an SVG"),
        (PNG + bytes(50 << 10), "a logo has up to"),
        (b"<svg><script>alert(1)</script></svg>", "<script"),
        (b'<svg onload="alert(1)"></svg>', "onload="),
        (b'<svg><a href="https://evil.example"/></svg>', "href="),
        (b'<svg><image href="https://evil.example/x.png"/></svg>', "href="),
        (b'<!DOCTYPE svg [<!ENTITY x "y">]><svg/>', "<!DOCTYPE"),
        (b"<svg><style>@import 'https://evil.example'</style></svg>", "@import"),
        (b"<svg><foreignObject/></svg>", "<foreignObject"),
    ],
)
def test_a_logo_is_only_a_picture(tmp_path: Path, logo: bytes, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        look_in(tmp_path, 'logo = "logo.svg"', logo)
    assert why in str(refused.value)


def test_a_png_is_a_picture(tmp_path: Path) -> None:
    look = look_in(tmp_path, 'logo = "logo.svg"', PNG)
    assert look.logo is not None
    assert look.logo.media_type == "image/png"


@given(colours)
def test_what_would_do_does(colour: str) -> None:
    for ground in (LIGHT, DARK):
        better = ground.readable(colour)
        for where, other in ground.under(better).items():
            assert ratio(better, other) >= READABLE, where
    assert on_dark(colour) == DARK.readable(colour)


@given(colours, colours, st.floats(0, 1))
def test_mixing_lies_between(one: str, other: str, share: float) -> None:
    pairs = zip(
        bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), bytes.fromhex(mixed(one, other, share)[1:]), strict=True
    )
    assert all(min(a, b) <= c <= max(a, b) for a, b, c in pairs)


def test_a_style_sheet_has_colours_alone() -> None:
    assert style(Look()) == ""
    sheet = style(Look(accent="#8a2be2"))
    assert sheet.count("--accent:") == 3
    assert "url" not in sheet

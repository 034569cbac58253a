"""What came of it (1.0.3 Data 2.4.5)."""

from decimal import Decimal, InvalidOperation

from msgspec import UNSET, UnsetType

from lrs.errors import shown
from lrs.known import remembered
from lrs.statement import formats
from lrs.statement.errors import Invalid
from lrs.statement.extensions import check_extensions
from lrs.statement.rules import Rules
from schemas.xapi import Number, Result, Score


def check_result(result: Result, rules: Rules) -> None:
    """Check score, duration and extensions; the rest is right by its type."""
    part = "score"
    try:
        if result.score is not UNSET:
            _check_score(result.score)
        if result.extensions is not UNSET:
            part = "extensions"
            check_extensions(result.extensions, rules)
    except Invalid as error:
        error.within(part)
        raise
    if (duration := result.duration) is not UNSET and not formats.duration(duration):
        raise Invalid(
            "duration",
            f"{shown(duration)} is not an ISO 8601 duration such as PT1H30M or P3DT4H; weeks stand alone (P4W)",
        )


def _check_score(score: Score) -> None:
    scaled = _decimal("scaled", score.scaled)
    raw = _decimal("raw", score.raw)
    low = _decimal("min", score.min)
    high = _decimal("max", score.max)
    if scaled is not None and not -1 <= scaled <= 1:
        raise Invalid("scaled", f"{_written(score.scaled)} is not between -1 and 1")
    # "0 of 0" is what H5P says of content without points.
    if low is not None and high is not None and low >= high and not low == high == 0:
        raise Invalid("min", f"{_written(score.min)} is not less than max, {_written(score.max)}")
    if raw is not None:
        if low is not None and raw < low:
            raise Invalid("raw", f"{_written(score.raw)} is less than min, {_written(score.min)}")
        if high is not None and raw > high:
            raise Invalid("raw", f"{_written(score.raw)} is greater than max, {_written(score.max)}")


_KINDS = dict(zip(b'tfn"[{', ("true", "false", "null", "a string", "a list", "an object"), strict=True))


def _decimal(name: str, number: Number | UnsetType) -> Decimal | None:
    """Read a JSON number exactly; any other JSON value is refused."""
    if number is UNSET:
        return None
    try:
        return _read(bytes(number))
    except InvalidOperation:
        if (kind := _KINDS.get(bytes(number)[0])) is not None:
            raise Invalid(name, f"must be a number, not {kind}") from None
        raise Invalid(name, f"{_written(number)} has an exponent out of all range") from None


@remembered
def _read(text: bytes) -> Decimal:
    return Decimal(text.decode())


def _written(number: Number | UnsetType) -> str:
    # Marked as what was sent, which is nobody else's business (``lrs.refusal``).
    text = "" if number is UNSET else bytes(number).decode()
    return f"`{text}`" if len(text) <= 40 else f"`{text[:40]}…`"

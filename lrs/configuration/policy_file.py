"""A policy as people write it: JSON or TOML, with what differs from the shipped policy."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from lrs.configuration.time_zone import checked_zone
from lrs.errors import Malformed
from lrs.statement.formats import iri
from schemas.policy import FollowUpRule, Policy, RhythmRule, TrainingRule, VisibilityRule

_LONGEST = 3660
"""Days; ten years are more than anybody means."""
_MOST_STEPS = 100
"""More than anybody takes; each is a row of every completed training."""


def read_policy_file(path: Path) -> Policy:
    """Give the policy in a file. Raises Malformed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Malformed(f"{path} can't be read: {error.strerror}") from None
    return parse_policy(data, str(path), toml=path.suffix.lower() == ".toml")


def parse_policy(data: bytes, file: str, *, toml: bool = False) -> Policy:
    """Give the policy that a text says, with the shipped values for what it leaves out. Raises Malformed."""
    try:
        said = tomllib.loads(data.decode("utf-8-sig")) if toml else msgspec.json.decode(data)
    except UnicodeDecodeError:
        raise Malformed(f"{file} is not UTF-8") from None
    except ValueError as error:
        raise Malformed(f"{file} is not {'TOML' if toml else 'JSON'}: {error}") from None
    except RecursionError:
        raise Malformed(f"{file} is nested too deeply to be a policy") from None
    _refuse_unknown(said, Policy, file, "")
    try:
        policy = msgspec.convert(said, Policy)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = place.rstrip("`").lstrip(".")
        raise Malformed(f"{file}: {where}: {reason}" if where else f"{file}: {reason}") from None
    for where, reason in _problems(policy):
        raise Malformed(f"{file}: {where}: {reason}")
    return policy


def _refuse_unknown(said: object, kind: type[Struct], file: str, path: str) -> None:
    """Refuse a property nobody knows: a typing error would otherwise go unnoticed."""
    if not isinstance(said, dict):
        return
    known = {field.name: field for field in structs.fields(kind)}
    for name, value in said.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            raise Malformed(f"{file}: {path}{name} is no part of a policy: {meant}")
        within = _struct_in(known[name].type)
        for place, item in _items(value, f"{path}{name}"):
            if within is not None:
                _refuse_unknown(item, within, file, f"{place}.")


def _struct_in(kind: Any) -> type[Struct] | None:
    candidates = (kind, *getattr(kind, "__args__", ()))
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, Struct)), None)


def _items(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from ((f"{path}[{place}]", item) for place, item in enumerate(value))
    else:
        yield path, value


def _problems(policy: Policy) -> Iterator[tuple[str, str]]:
    """Tell what can't be: where, and why."""
    yield from _training(policy.training)
    yield from _follow_up(policy.follow_up)
    yield from _rhythm(policy.rhythm)
    yield from _visibility(policy.visibility)
    try:
        checked_zone(policy.time_zone)
    except ValueError as error:
        yield "time_zone", str(error)
    for place, day in enumerate(policy.holidays):
        try:
            date.fromisoformat(day)
        except ValueError:
            yield f"holidays[{place}]", f"{day!r} is no date: write 2024-12-25"
    yield from _number("smallest_group", policy.smallest_group, 1, 1000)


def _training(rule: TrainingRule) -> Iterator[tuple[str, str]]:
    lists = {"types": rule.types, "activities": rule.activities, "not_activities": rule.not_activities}
    for name, iris in lists.items():
        for place, one in enumerate(iris):
            if not iri(one):
                yield f"training.{name}[{place}]", f"{one!r} is no IRI with a scheme (https://…)"
    for one in set(rule.activities) & set(rule.not_activities):
        yield "training.not_activities", f"{one} is in activities too"


def _follow_up(rule: FollowUpRule) -> Iterator[tuple[str, str]]:
    if len(rule.steps) > _MOST_STEPS:
        yield "follow_up.steps", f"there are {len(rule.steps)}: up to {_MOST_STEPS} can follow a training"
    names: list[str] = []
    for place, step in enumerate(rule.steps):
        where = f"follow_up.steps[{place}]"
        if not step.name or not step.name.isprintable() or len(step.name) > 100:
            yield f"{where}.name", f"{step.name!r} can't be a step's name: write one line of up to 100 characters"
        if step.name in names:
            yield f"{where}.name", f"{step.name!r} is the name of steps[{names.index(step.name)}] too"
        names.append(step.name)
        if not step.kinds:
            yield f"{where}.kinds", "a step needs at least one kind of act that is evidence of it"
        yield from _number(f"{where}.days", step.days, 0, _LONGEST)
        yield from _number(f"{where}.opens_after", step.opens_after, 0, _LONGEST)
        yield from _number(f"{where}.due_soon", step.due_soon, 0, _LONGEST)
        yield from _number(f"{where}.lapses_after", step.lapses_after, 0, _LONGEST)
        if step.opens_after > step.days:
            yield f"{where}.opens_after", f"it would open {step.opens_after} days after, but is due after {step.days}"


def _rhythm(rule: RhythmRule) -> Iterator[tuple[str, str]]:
    yield from _number("rhythm.acts_a_week", rule.acts_a_week, 1, 1000)
    yield from _number("rhythm.free_weeks_a_quarter", rule.free_weeks_a_quarter, 0, 13)
    yield from _number("rhythm.repair_acts", rule.repair_acts, 0, 1000)
    yield from _number("rhythm.repairs_a_quarter", rule.repairs_a_quarter, 0, 13)
    yield from _number("rhythm.rest_days", rule.rest_days, 1, 7)


def _visibility(rule: VisibilityRule) -> Iterator[tuple[str, str]]:
    yield from _number("visibility.visible_days", rule.visible_days, 1, _LONGEST)
    yield from _number("visibility.fading_days", rule.fading_days, 1, _LONGEST)
    if rule.fading_days < rule.visible_days:
        yield "visibility.fading_days", f"{rule.fading_days} is less than visible_days, {rule.visible_days}"
    yield from _once("visibility.kinds", rule.kinds)


def _once(where: str, kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(set(kinds)) < len(kinds):
        yield where, "a kind is there twice"


def _number(where: str, value: int, least: int, most: int) -> Iterator[tuple[str, str]]:
    if not least <= value <= most:
        yield where, f"{value} is not from {least} to {most}"

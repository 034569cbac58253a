"""Policies as people write them."""

from pathlib import Path

import msgspec
import pytest

from lrs.configuration import parse_policy, read_policy_file
from lrs.errors import Malformed
from schemas.act import ActKind
from schemas.policy import Policy, RhythmRule, StepRule

_TOML = b"""
time_zone = "Europe/Paris"
holidays = ["2024-12-25"]

[rhythm]
acts_a_week = 2

[[follow_up.steps]]
name = "reflect"
kinds = ["reflected"]
days = 3
"""


def test_what_is_left_out_is_as_shipped() -> None:
    assert parse_policy(b"{}", "f") == Policy()
    assert parse_policy(b'{"rhythm": {"acts_a_week": 2}}', "f") == Policy(rhythm=RhythmRule(acts_a_week=2))


def test_toml(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xef\xbb\xbf" + _TOML)
    policy = read_policy_file(file)
    assert (policy.time_zone, policy.holidays, policy.rhythm.acts_a_week) == ("Europe/Paris", ("2024-12-25",), 2)
    assert policy.follow_up.steps == (StepRule(name="reflect", kinds=(ActKind.REFLECTED,), days=3),)
    assert policy.visibility == Policy().visibility


def test_the_shipped_policy_is_one() -> None:
    assert parse_policy(msgspec.json.encode(Policy()), "f") == Policy()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "f is not JSON"),
        ("[]", "f: Expected `object`, got `array`"),
        ('{"rythm": {}}', "f: rythm is no part of a policy: did you mean rhythm?"),
        ('{"x": 1}', "f: x is no part of a policy: there are training, follow_up"),
        ('{"rhythm": {"acts": 1}}', "f: rhythm.acts is no part of a policy"),
        (
            '{"follow_up": {"steps": [{"nmae": "x"}]}}',
            "f: follow_up.steps[0].nmae is no part of a policy: did you mean name",
        ),
        ('{"rhythm": {"acts_a_week": "two"}}', "f: rhythm.acts_a_week: Expected `int`, got `str`"),
        ('{"rhythm": {"acts_a_week": 0}}', "f: rhythm.acts_a_week: 0 is not from 1 to 1000"),
        ('{"rhythm": {"rest_days": -1}}', "f: rhythm.rest_days: -1 is not from 1 to 7"),
        ('{"rhythm": {"kinds": ["flown"]}}', "f: rhythm.kinds[0]: Invalid enum value 'flown'"),
        (
            '{"time_zone": "Europe/Amsterdm"}',
            "f: time_zone: 'Europe/Amsterdm' is no IANA time zone: did you mean Europe/Amst",
        ),
        ('{"time_zone": "localtime"}', "f: time_zone: 'localtime' is no IANA time zone"),
        ('{"time_zone": "Factory"}', "f: time_zone: 'Factory' is no IANA time zone"),
        ('{"holidays": ' + "[" * 50_000, "f is nested too deeply to be a policy"),
        ('{"holidays": ["25-12-2024"]}', "f: holidays[0]: '25-12-2024' is no date: write 2024-12-25"),
        ('{"smallest_group": 0}', "f: smallest_group: 0 is not from 1"),
        ('{"training": {"types": ["course"]}}', "f: training.types[0]: 'course' is no IRI"),
        (
            '{"training": {"activities": ["x:y"], "not_activities": ["x:y"]}}',
            "not_activities: x:y is in activities too",
        ),
        (
            '{"visibility": {"visible_days": 90, "fading_days": 30}}',
            "f: visibility.fading_days: 30 is less than visible_days",
        ),
        ('{"visibility": {"kinds": ["shared", "shared"]}}', "f: visibility.kinds: a kind is there twice"),
    ],
)
def test_what_is_no_policy(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_policy(text.encode(), "f")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"days": -1}, "steps[1].days: -1 is not from 0"),
        ({"opens_after": 8}, "steps[1].opens_after: it would open 8 days after, but is due after 7"),
        ({"lapses_after": -5}, "steps[1].lapses_after: -5 is not from 0"),
        ({"kinds": []}, "steps[1].kinds: a step needs at least one kind"),
        ({"name": "a"}, "steps[1].name: 'a' is the name of steps[0] too"),
        ({"name": ""}, "steps[1].name: '' can't be a step's name"),
    ],
)
def test_steps_that_can_t_be(step: dict[str, object], reason: str) -> None:
    one: dict[str, object] = {"name": "a", "kinds": ["shared"], "days": 7}
    text = msgspec.json.encode({"follow_up": {"steps": [one, {**one, "name": "b", **step}]}})
    with pytest.raises(Malformed) as refused:
        parse_policy(text, "f")
    assert reason in str(refused.value)


def test_toml_can_t_be_nested_deeply() -> None:
    with pytest.raises(Malformed, match="f is nested too deeply to be a policy"):
        parse_policy(b"holidays = " + b"[" * 50_000, "f", toml=True)


def test_there_are_at_most_a_hundred_steps() -> None:
    steps = [{"name": f"step {number}", "kinds": ["shared"], "days": 7} for number in range(101)]
    assert len(parse_policy(msgspec.json.encode({"follow_up": {"steps": steps[:100]}}), "f").follow_up.steps) == 100
    with pytest.raises(Malformed, match=r"f: follow_up\.steps: there are 101: up to 100"):
        parse_policy(msgspec.json.encode({"follow_up": {"steps": steps}}), "f")


def test_a_file_that_isn_t_there(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"can't be read: No such file"):
        read_policy_file(tmp_path / "policy.json")

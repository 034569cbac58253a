"""The rules as people write them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from lrs.audit.retention import Rule, Rules, parse_rules, read_rules_file
from lrs.errors import Malformed

IRIS = st.sampled_from([f"https://example.org/{one}" for one in "abcde"])
NAMES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=100)
RULES = st.lists(
    st.builds(
        Rule,
        name=NAMES,
        days=st.integers(1, 36_600),
        verbs=st.lists(IRIS, max_size=3).map(tuple),
        activity_types=st.lists(IRIS, max_size=3).map(tuple),
    ),
    max_size=5,
    unique_by=lambda rule: rule.name,
).map(lambda rules: Rules(tuple(rules)))


@given(RULES)
def test_what_is_written_is_read_back(rules: Rules) -> None:
    assert parse_rules(json.encode(rules), "body") == rules


@given(
    st.builds(
        Rule, name=NAMES, days=st.just(1), verbs=st.lists(IRIS).map(tuple), activity_types=st.lists(IRIS).map(tuple)
    ),
    IRIS,
    st.sets(IRIS),
)
def test_a_rule_covers_what_has_one_of_each_that_it_names(rule: Rule, verb: str, types: set[str]) -> None:
    by_verb = rule.verbs == () or verb in rule.verbs
    by_type = rule.activity_types == () or any(one in types for one in rule.activity_types)
    assert rule.covers(verb, types) == (by_verb and by_type)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "body is not JSON: "),
        ("[]", "body: Expected `object`, got `array`"),
        ('{"rule": []}', "body: Object contains unknown field `rule`"),
        ('{"rules": [{"name": "x"}]}', "body: rules[0]: Object missing required field `days`"),
        ('{"rules": [{"name": "x", "days": 1, "verb": "y"}]}', "body: rules[0]: Object contains unknown field `verb`"),
        ('{"rules": [{"name": "x", "days": "1"}]}', "body: rules[0].days: Expected `int`, got `str`"),
        ('{"rules": [{"name": "x", "days": 0}]}', "body: rules[0].days: 0 is not from 1 to 36600"),
        ('{"rules": [{"name": "", "days": 1}]}', "body: rules[0].name: '' can't be a name: "),
        (
            '{"rules": [{"name": "x", "days": 1}, {"name": "x", "days": 2}]}',
            "body: rules[1].name: 'x' is the name of rules[0] too",
        ),
        ('{"rules": [{"name": "x", "days": 1, "verbs": ["did"]}]}', "body: rules[0].verbs[0]: 'did' is no IRI"),
        (
            '{"rules": [{"name": "x", "days": 1, "activity_types": ["a b"]}]}',
            "body: rules[0].activity_types[0]: 'a b' is no IRI",
        ),
        ("[" * 100_000, "body is nested too deeply"),
        (" " * ((1 << 20) + 1), "body is larger than 1,048,576 bytes"),
    ],
)
def test_what_is_wrong_is_named(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_rules(text.encode(), "body")
    assert str(refused.value).startswith(reason)


def test_files_may_be_toml(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rules]]\nname = "old"\ndays = 365\nverbs = ["https://example.org/a"]\n')
    assert read_rules_file(file) == Rules((Rule(name="old", days=365, verbs=("https://example.org/a",)),))
    with pytest.raises(Malformed, match="can't be read: No such file or directory"):
        read_rules_file(tmp_path / "none.json")

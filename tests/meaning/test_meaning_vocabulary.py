"""The vocabulary: what is shipped, and what a store makes of it."""

import pytest

from projections.meaning import VERSION, Vocabulary, shipped
from schemas.act import ActKind, Source
from schemas.vocabulary import VerbMeaning, VocabularyChange
from tests.meaning.given import ADL, SHIPPED, TYPES, act_of, meant
from tests.statement.given import a_statement

ANSWERED, COMPLETED, OWN = f"{ADL}answered", f"{ADL}completed", "https://example.org/verbs/pitched"
SURVEY = "http://id.tincanapi.com/activitytype/survey"


def kind(vocabulary: Vocabulary, verb: str, type_: str = "") -> ActKind | str | None:
    meaning = vocabulary.meaning(verb, type_)
    return "unknown" if meaning is None else meaning.kind


def says(verb: str, kind: ActKind | None, *types: str) -> VerbMeaning:
    return VerbMeaning(verb=verb, kind=kind, origin="store", types=types)


def changed(*meanings: VerbMeaning, removed: tuple[str, ...] = ()) -> VocabularyChange:
    return VocabularyChange(meanings=meanings, removed=removed)


def test_each_shipped_verb_has_one_meaning_for_each_type() -> None:
    said = [(meaning.verb, type_) for meaning in shipped.meanings() for type_ in meaning.types or ("",)]
    assert len(said) == len(set(said))


def test_every_kind_can_be_said() -> None:
    said = {meaning.kind for meaning in SHIPPED.meanings()} | {ActKind.UNKNOWN}
    assert said == {*ActKind, None}
    assert set(shipped.sources().values()) == {*Source} - {Source.UNKNOWN}


def test_a_narrower_type_wins() -> None:
    assert kind(SHIPPED, ANSWERED) is ActKind.PRACTISED
    assert kind(SHIPPED, ANSWERED, f"{TYPES}question") is ActKind.PRACTISED
    assert kind(SHIPPED, ANSWERED, SURVEY) is ActKind.RATED


def test_a_verb_of_some_types_only_is_unknown_with_others() -> None:
    vocabulary = SHIPPED.after(changed(says(OWN, ActKind.SHARED, SURVEY)))
    assert kind(vocabulary, OWN, SURVEY) is ActKind.SHARED
    assert kind(vocabulary, OWN) == "unknown"


def test_known_and_no_act_is_something_else_than_unknown() -> None:
    assert kind(SHIPPED, f"{ADL}voided") is None
    assert kind(SHIPPED, OWN) == "unknown"


def test_activity_streams_are_known_in_both_spellings() -> None:
    for base in ("http://activitystrea.ms/schema/1.0/", "http://activitystrea.ms/"):
        assert kind(SHIPPED, f"{base}share") is ActKind.SHARED
        assert kind(SHIPPED, f"{base}submit", f"{base}question") is ActKind.ASKED
        assert shipped.sources()[f"{base}task"] is Source.ON_THE_JOB


def test_a_store_adds_replaces_and_takes_back() -> None:
    added = SHIPPED.after(changed(says(OWN, ActKind.SHARED), says(COMPLETED, ActKind.PASSED)))
    assert kind(added, OWN) is ActKind.SHARED
    assert kind(added, COMPLETED) is ActKind.PASSED
    assert kind(SHIPPED, COMPLETED) is ActKind.COMPLETED
    assert act_of(a_statement(verb={"id": COMPLETED}), added).kind is ActKind.PASSED
    replaced = added.after(changed(says(OWN, None)))
    assert meant(a_statement(verb={"id": OWN}), replaced) is None
    taken_back = replaced.after(changed(removed=(OWN, COMPLETED)))
    assert taken_back == SHIPPED
    assert hash(taken_back) == hash(SHIPPED)


def test_a_change_takes_back_before_it_adds() -> None:
    vocabulary = SHIPPED.after(changed(says(OWN, ActKind.SHARED, SURVEY)))
    vocabulary = vocabulary.after(changed(says(OWN, ActKind.ASKED), removed=(OWN,)))
    assert kind(vocabulary, OWN, SURVEY) is ActKind.ASKED


def test_a_stores_general_meaning_leaves_a_shipped_narrower_one() -> None:
    vocabulary = SHIPPED.after(changed(says(ANSWERED, None)))
    assert kind(vocabulary, ANSWERED) is None
    assert kind(vocabulary, ANSWERED, SURVEY) is ActKind.RATED
    assert kind(SHIPPED.after(changed(says(ANSWERED, None, SURVEY))), ANSWERED, SURVEY) is None


@pytest.mark.parametrize("narrow_first", [True, False])
def test_of_a_stores_own_meanings_that_of_fewer_types_wins(narrow_first: bool) -> None:
    narrow, wide = says(OWN, ActKind.ASKED, SURVEY), says(OWN, ActKind.SHARED, SURVEY, f"{TYPES}question")
    vocabulary = SHIPPED
    for meaning in (narrow, wide) if narrow_first else (wide, narrow):
        vocabulary = vocabulary.after(changed(meaning))
    assert kind(vocabulary, OWN, SURVEY) is ActKind.ASKED
    assert kind(vocabulary, OWN, f"{TYPES}question") is ActKind.SHARED


def test_the_version_tells_vocabularies_apart() -> None:
    added = SHIPPED.after(changed(says(OWN, ActKind.SHARED)))
    again = SHIPPED.after(changed(says(OWN, ActKind.SHARED)))
    assert added.version == again.version != SHIPPED.version
    assert added == again
    assert added != SHIPPED
    assert SHIPPED.after(changed(says(OWN, ActKind.ASKED))).version != added.version


def test_the_list_gives_each_meaning_with_one_type() -> None:
    listed = SHIPPED.after(changed(says(OWN, ActKind.SHARED, SURVEY, "Agent"))).meanings()
    assert [one for one in listed if one.verb == OWN] == [
        says(OWN, ActKind.SHARED, "Agent"),
        says(OWN, ActKind.SHARED, SURVEY),
    ]
    assert len(listed) == len(SHIPPED.meanings()) + 2


def test_the_version_is_raised_when_the_shipped_vocabulary_changes() -> None:
    """Tables folded under another vocabulary are made anew: raise ``VERSION``, and write down both here."""
    assert (VERSION, Vocabulary.shipped().version[:16]) == (1, "75790d18e4ac17dd")

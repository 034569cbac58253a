"""Our xAPI Profile keeps the rules of profiles, and says what the vocabulary says.

Rules: adlnet/xapi-profiles 1.0, xapi-profiles-structure.md, sections 6 to 9.
"""

import re
from typing import Any, get_type_hints

import jsonschema_rs
import pytest
from msgspec import json, structs

from lrs.statement import formats
from projections.meaning import shipped
from projections.meaning.act import _SEEN_BY_OTHERS
from projections.meaning.read import PROFILE, profile
from projections.meaning.statement import Extensions
from schemas.act import Source
from tests.meaning.given import SHIPPED

DOCUMENT: dict[str, Any] = json.decode(profile())
VERSION = DOCUMENT["versions"][0]["id"]
CONCEPTS = {concept["id"]: concept for concept in DOCUMENT["concepts"]}
TEMPLATES = {template["id"]: template for template in DOCUMENT["templates"]}
PATTERNS = {pattern["id"]: pattern for pattern in DOCUMENT["patterns"]}
EVERYTHING = {**CONCEPTS, **TEMPLATES, **PATTERNS}
_MATCHES = ("broadMatch", "narrowMatch", "relatedMatch", "exactMatch")
_COMMON = {"id", "type", "inScheme", "prefLabel", "definition"}
_ALLOWED = {
    "Verb": _COMMON | {"deprecated", "broader", "narrower", "related", *_MATCHES},
    "ContextExtension": _COMMON | {"deprecated", "recommendedVerbs", "context", "schema", "inlineSchema"},
    "StatementTemplate": _COMMON
    | {"verb", "objectActivityType", "contextCategoryActivityType", "objectStatementRefTemplate", "rules"},
    "Pattern": _COMMON | {"primary", "alternates", "optional", "oneOrMore", "sequence", "zeroOrMore"},
}
_KNOWN_VERBS = {meaning.verb for meaning in SHIPPED.meanings()}
_KNOWN_TYPES = {*shipped.sources(), *(type_ for meaning in SHIPPED.meanings() for type_ in meaning.types)}
_STEP = r"(\.\w+|\['[^']+'\]|\[\*\])"
_PATHS = re.compile(rf"\${_STEP}+( \| \${_STEP}+)*")


def test_the_document_is_a_profile() -> None:
    assert DOCUMENT["@context"] == "https://w3id.org/xapi/profiles/context"
    assert DOCUMENT["type"] == "Profile"
    assert DOCUMENT["conformsTo"] == "https://w3id.org/xapi/profiles#1.0"
    assert DOCUMENT["id"] == PROFILE != VERSION
    assert DOCUMENT["author"]["type"] in {"Organization", "Person"}
    assert DOCUMENT["author"]["name"]
    for version in DOCUMENT["versions"]:
        assert formats.iri(version["id"])
        assert formats.timestamp(version["generatedAtTime"])


@pytest.mark.parametrize("part", EVERYTHING.values(), ids=lambda part: part["id"].removeprefix(f"{PROFILE}/"))
def test_every_part_has_what_its_type_asks_for(part: dict[str, Any]) -> None:
    assert formats.iri(part["id"])
    assert part["id"].startswith(f"{PROFILE}/")
    assert part["inScheme"] == VERSION
    assert part.keys() <= _ALLOWED[part["type"]]
    if part["type"] != "Pattern" or part["primary"]:
        for words in (part["prefLabel"], part["definition"]):
            assert words.keys() == {"en", "nl"}
            assert all(words.values())


def test_no_id_is_given_twice() -> None:
    assert len(EVERYTHING) == sum(len(DOCUMENT[part]) for part in ("concepts", "templates", "patterns"))


def test_extensions_are_those_that_are_read_and_their_schemas_say_what_counts() -> None:
    extensions = {id_: one for id_, one in CONCEPTS.items() if one["type"] == "ContextExtension"}
    assert extensions.keys() == {field.encode_name for field in structs.fields(Extensions)}
    assert get_type_hints(Extensions).keys() == {id_.rpartition("/")[2] for id_ in extensions}
    schemas = {id_.rpartition("/")[2]: json.decode(one["inlineSchema"]) for id_, one in extensions.items()}
    for schema in schemas.values():
        jsonschema_rs.meta.validate({"$schema": "http://json-schema.org/draft-07/schema#", **schema})
    assert set(schemas["audience"]["enum"]) > _SEEN_BY_OTHERS
    assert schemas["source"]["enum"] == [source.value for source in Source if source is not Source.UNKNOWN]


def test_templates_keep_the_rules_of_rules() -> None:
    for template in TEMPLATES.values():
        assert not {"objectStatementRefTemplate", "objectActivityType"} <= template.keys()
        for rule in template.get("rules", ()):
            assert rule.keys() & {"presence", "any", "all", "none"}
            assert rule.keys() <= {"location", "selector", "presence", "any", "all", "none", "scopeNote"}
            assert rule.get("presence") in {"included", "excluded", "recommended", None}
            assert _PATHS.fullmatch(rule["location"]), rule["location"]


def _members(pattern: dict[str, Any]) -> list[str]:
    ways = [name for name in ("alternates", "optional", "oneOrMore", "sequence", "zeroOrMore") if name in pattern]
    assert len(ways) == 1
    found = pattern[ways[0]]
    if ways[0] in {"alternates", "sequence"}:
        assert len(found) >= 2
        return list(found)
    return [found]


def test_patterns_are_made_of_templates_and_never_of_themselves() -> None:
    def templates(id_: str, above: tuple[str, ...] = ()) -> set[str]:
        assert id_ not in above
        if id_ in TEMPLATES:
            return {id_}
        return set().union(*(templates(member, (*above, id_)) for member in _members(PATTERNS[id_])))

    primary = [pattern for pattern in PATTERNS.values() if pattern["primary"]]
    assert primary
    assert set().union(*(templates(pattern["id"]) for pattern in primary)) == TEMPLATES.keys()
    for pattern in PATTERNS.values():
        for member in pattern.get("alternates", ()):
            assert not PATTERNS.get(member, {}).keys() & {"optional", "zeroOrMore"}


def test_every_verb_and_type_it_names_is_known() -> None:
    own = {id_ for id_, concept in CONCEPTS.items() if concept["type"] == "Verb"}
    assert own == {meaning.verb for meaning in SHIPPED.meanings() if meaning.origin == PROFILE}
    named = {template["verb"] for template in TEMPLATES.values()} | own
    for concept in CONCEPTS.values():
        for name in (*_MATCHES, "recommendedVerbs"):
            named.update(concept.get(name, ()))
    assert named <= _KNOWN_VERBS
    types = {template["objectActivityType"] for template in TEMPLATES.values() if "objectActivityType" in template}
    assert types <= _KNOWN_TYPES


def test_every_iri_of_ours_in_it_is_defined_in_it() -> None:
    ours = set(re.findall(rf"{re.escape(PROFILE)}/[\w/-]+", profile().decode()))
    assert ours - {VERSION} == set(EVERYTHING)

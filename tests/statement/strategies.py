"""Statements of every shape, for properties that must hold of all of them."""

from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
IRIS = st.sampled_from(["http://example.com/a", "http://example.com/é#b", "urn:x:y", "course-v1:A+B+C", "uuid://x"])
_LANGUAGES = st.sampled_from(["en", "en-US", "nl", "x-own", "zh-Hans-CN", "i-klingon"])
LANGUAGE_MAPS = st.dictionaries(_LANGUAGES, TEXT, max_size=3)
_UUIDS = st.uuids().map(str) | st.uuids().map(lambda value: str(value).upper())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
EXTENSIONS = st.dictionaries(IRIS, JSON, max_size=2)
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_TIMESTAMPS = st.datetimes(timezones=_OFFSETS).map(lambda moment: moment.isoformat())
_DURATIONS = st.sampled_from(["P4W", "PT1H", "P1Y2M3DT4H5M6.789S", "PT0.5S", "P3D"])


def _object(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in required.items()},
        optional=optional,
    )


_ACCOUNTS = _object({"homePage": IRIS, "name": TEXT.filter(bool)}, {})
_IDENTIFIERS = st.one_of(
    _object({"mbox": st.sampled_from(["mailto:a@b.c", "mailto:a@B.c", "mailto:d@e.f", "mailto:ä@b.c"])}, {}),
    _object({"mbox_sha1sum": st.sampled_from(["a" * 40, "0B" * 20])}, {}),
    _object({"openid": st.sampled_from(["https://a.example.com/", "https://b.example.com/"])}, {}),
    _object({"account": _ACCOUNTS}, {}),
)


def _merged(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def merge(values: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        whole: dict[str, Any] = {}
        for value in values:
            whole |= value
        return whole

    return st.tuples(*parts).map(merge)


AGENTS = _merged(_object({}, {"objectType": st.just("Agent"), "name": TEXT}), _IDENTIFIERS)
_GROUP = _object({"objectType": "Group"}, {"name": TEXT})
GROUPS = _merged(_GROUP, _object({"member": st.lists(AGENTS, min_size=1, max_size=3)}, {})) | _merged(
    _GROUP, _IDENTIFIERS, _object({}, {"member": st.lists(AGENTS, max_size=3)})
)
ACTORS = AGENTS | GROUPS
_VERBS = _object({"id": IRIS}, {"display": LANGUAGE_MAPS})
_COMPONENTS = st.lists(
    _object({"id": TEXT}, {"description": LANGUAGE_MAPS}), max_size=3, unique_by=lambda one: one["id"]
)
_DEFINITIONS = _object(
    {},
    {"name": LANGUAGE_MAPS, "description": LANGUAGE_MAPS, "type": IRIS, "moreInfo": IRIS, "extensions": EXTENSIONS},
) | _object(
    {"interactionType": st.sampled_from(["choice", "likert", "other"])},
    {"correctResponsesPattern": st.lists(TEXT, max_size=2), "choices": _COMPONENTS, "scale": _COMPONENTS},
)
ACTIVITIES = _object({"id": IRIS}, {"objectType": st.just("Activity"), "definition": _DEFINITIONS})
_REFERENCES = _object({"objectType": "StatementRef", "id": _UUIDS}, {})
_PERSONS = st.builds(lambda kind, who: kind | who, st.just({"objectType": "Agent"}), AGENTS) | GROUPS
_SCORES = _object(
    {}, {"scaled": st.floats(-1, 1), "raw": st.integers(0, 10), "min": st.integers(-9, 0), "max": st.integers(10, 99)}
)
_RESULTS = _object(
    {},
    {
        "score": _SCORES,
        "success": st.booleans(),
        "completion": st.booleans(),
        "response": TEXT,
        "duration": _DURATIONS,
        "extensions": EXTENSIONS,
    },
)
_LISTS = st.lists(ACTIVITIES, max_size=2) | ACTIVITIES
_CONTEXT: dict[str, Any] = {
    "registration": _UUIDS,
    "instructor": ACTORS,
    "team": GROUPS,
    "contextActivities": _object({}, dict.fromkeys(("parent", "grouping", "category", "other"), _LISTS)),
    "language": _LANGUAGES,
    "statement": _REFERENCES,
    "extensions": EXTENSIONS,
    "contextAgents": st.lists(
        _object(
            {"objectType": "contextAgent", "agent": AGENTS}, {"relevantTypes": st.lists(IRIS, min_size=1, max_size=2)}
        ),
        max_size=2,
    ),
    "contextGroups": st.lists(_object({"objectType": "contextGroup", "group": GROUPS}, {}), max_size=2),
}
_ATTACHMENTS = st.lists(
    _object(
        {
            "usageType": IRIS,
            "display": LANGUAGE_MAPS,
            "contentType": "text/plain",
            "length": st.integers(0, 2**40),
            "sha2": st.binary(min_size=32, max_size=32).map(bytes.hex),
        },
        {"description": LANGUAGE_MAPS, "fileUrl": IRIS},
    ),
    max_size=2,
)


def _events(objects: st.SearchStrategy[Any], required: dict[str, Any], more: dict[str, Any]) -> st.SearchStrategy[Any]:
    optional = {"result": _RESULTS, "timestamp": _TIMESTAMPS, "attachments": _ATTACHMENTS, **more}
    of_activity = {**optional, "context": _object({}, {**_CONTEXT, "platform": TEXT, "revision": TEXT})}
    of_other = {**optional, "context": _object({}, _CONTEXT)}
    common = {**required, "actor": ACTORS, "verb": _VERBS}
    return _object({**common, "object": ACTIVITIES}, of_activity) | _object({**common, "object": objects}, of_other)


SUBSTATEMENTS = _events(_REFERENCES | _PERSONS, {"objectType": "SubStatement"}, {})
STATEMENTS = _events(
    _REFERENCES | _PERSONS | SUBSTATEMENTS,
    {},
    {"id": _UUIDS, "stored": _TIMESTAMPS, "authority": AGENTS, "version": st.sampled_from(["1.0.0", "2.0.0"])},
)

"""What the statements of well-known tools mean."""

from typing import Any, NamedTuple

import pytest

from schemas.act import ActKind, Source
from tests.meaning.given import ADL, OURS, TYPES, act_of, meant

TINCAN = "http://id.tincanapi.com/"
STREAMS = "http://activitystrea.ms/schema/1.0/"
CMI5 = "https://w3id.org/xapi/cmi5"
VIDEO = "https://w3id.org/xapi/video"
EDLM = "https://xapi.edlm/profiles/edlm-lms/concepts"

FATIMA = {"objectType": "Agent", "name": "Fatima", "mbox": "mailto:fatima@example.org"}
JORIS = {"objectType": "Agent", "name": "Joris", "account": {"homePage": "https://hr.example.org", "name": "joris"}}


def activity(id_: str, type_: str = "") -> dict[str, Any]:
    definition = {"definition": {"type": type_, "name": {"nl": "Iets"}}} if type_ else {}
    return {"objectType": "Activity", "id": f"https://learn.example.org/{id_}", **definition}


COURSE = activity("course", f"{TYPES}course")
SITE = activity("", f"{TINCAN}activitytype/lms")


def did(verb: str, object_: dict[str, Any], *, parent: Any = None, **more: Any) -> dict[str, Any]:
    statement = {"actor": FATIMA, "verb": {"id": verb}, "object": object_, "timestamp": "2026-03-01T10:00:00Z", **more}
    if parent is not None:
        context = statement.setdefault("context", {})
        context.setdefault("contextActivities", {})["parent"] = [parent]
    return statement


class Case(NamedTuple):
    tool: str
    statement: dict[str, Any]
    kind: ActKind | None
    source: Source = Source.COURSE


QUIZ_RESULT = {"score": {"raw": 8, "min": 0, "max": 10, "scaled": 0.8}, "success": True, "completion": True}
FAILED_RESULT = {"score": {"raw": 2, "min": 0, "max": 10, "scaled": 0.2}, "success": False, "completion": True}
CMI5_CONTEXT = {
    "registration": "d1f5d3b5-9f44-4c75-a2d5-6c2f1f8c0a55",
    "contextActivities": {
        "grouping": [activity("cmi5-course")],
        "category": [{"id": f"{CMI5}/context/categories/cmi5"}],
    },
}
MOVE_ON = {
    **CMI5_CONTEXT,
    "contextActivities": {
        "grouping": [activity("cmi5-course")],
        "category": [{"id": f"{CMI5}/context/categories/cmi5"}, {"id": f"{CMI5}/context/categories/moveon"}],
    },
}
SCORM_CONTEXT = {"contextActivities": {"grouping": [COURSE], "category": [{"id": "https://w3id.org/xapi/scorm"}]}}

CASES = [
    # Storyline calls slides modules, results slides objectives, and a course its own parent.
    Case("Storyline", did(f"{ADL}attempted", COURSE, parent=COURSE, result={"completion": False}), ActKind.STARTED),
    Case("Storyline", did(f"{ADL}experienced", activity("s1", f"{TYPES}module"), parent=COURSE), ActKind.PROGRESSED),
    Case(
        "Storyline",
        did(f"{STREAMS}leave", activity("s1", f"{TYPES}module"), parent=COURSE, result={"duration": "PT13.4S"}),
        ActKind.PROGRESSED,
    ),
    Case(
        "Storyline",
        did(
            f"{ADL}answered",
            activity("q1", f"{TYPES}cmi.interaction"),
            parent=activity("o", f"{TYPES}objective"),
            result={"success": False, "response": "a"},
        ),
        ActKind.PRACTISED,
    ),
    Case(
        "Storyline",
        did(f"{ADL}passed", activity("o", f"{TYPES}objective"), parent=COURSE, result=QUIZ_RESULT),
        ActKind.PASSED,
    ),
    Case("Storyline", did(f"{ADL}failed", COURSE, parent=COURSE, result=FAILED_RESULT), ActKind.FAILED),
    Case("Storyline", did(f"{ADL}completed", COURSE, parent=COURSE, result=QUIZ_RESULT), ActKind.COMPLETED),
    # Rise says progressed after each lesson, and experienced of a page it was on with completion.
    Case("Rise", did(f"{ADL}progressed", COURSE, parent=COURSE, result={"completion": False}), ActKind.PROGRESSED),
    Case(
        "Rise",
        did(f"{ADL}experienced", activity("p1", f"{TYPES}module"), parent=COURSE, result={"completion": True}),
        ActKind.PROGRESSED,
    ),
    # Captivate says attempted at the beginning, and at the end with the score.
    Case("Captivate", did(f"{ADL}attempted", activity("cap")), ActKind.STARTED, Source.UNKNOWN),
    Case("Captivate", did(f"{ADL}attempted", COURSE, result=QUIZ_RESULT), ActKind.COMPLETED),
    Case(
        "Captivate",
        did(f"{ADL}interacted", activity("cap/b", f"{TYPES}interaction"), parent=activity("cap")),
        ActKind.PROGRESSED,
        Source.MICRO,
    ),
    Case("Captivate", did(f"{ADL}completed", COURSE, result=FAILED_RESULT), ActKind.FAILED),
    Case("iSpring", did(f"{ADL}exited", COURSE, result={"duration": "PT5M"}), ActKind.PROGRESSED),
    # H5P puts the content type in the category.
    Case(
        "H5P",
        did(
            f"{ADL}answered",
            activity("h5p/1?subContentId=2", f"{TYPES}cmi.interaction"),
            context={"contextActivities": {"category": [{"id": "http://h5p.org/libraries/H5P.MultiChoice-1.16"}]}},
            result=QUIZ_RESULT,
        ),
        ActKind.PRACTISED,
        Source.MICRO,
    ),
    Case("H5P", did(f"{ADL}completed", activity("h5p/1"), result=QUIZ_RESULT), ActKind.COMPLETED, Source.UNKNOWN),
    Case("H5P", did(f"{ADL}consumed", activity("h5p/1")), ActKind.UNKNOWN, Source.UNKNOWN),
    Case("H5P", did(f"{ADL}accessed-embed", activity("h5p/1")), None),
    # cmi5: the unit's own statements, then the LMS's.
    Case("cmi5", did(f"{ADL}launched", activity("au"), context=CMI5_CONTEXT), ActKind.STARTED),
    Case("cmi5", did(f"{ADL}initialized", activity("au"), context=CMI5_CONTEXT), ActKind.STARTED),
    Case(
        "cmi5",
        did(f"{ADL}completed", activity("au"), context=MOVE_ON, result={"completion": True, "duration": "PT20M"}),
        ActKind.COMPLETED,
    ),
    Case(
        "cmi5",
        did(f"{ADL}passed", activity("au"), context=MOVE_ON, result={"success": True, "duration": "PT20M"}),
        ActKind.PASSED,
    ),
    Case(
        "cmi5",
        did(f"{ADL}failed", activity("au"), context=MOVE_ON, result={"success": False, "duration": "PT20M"}),
        ActKind.FAILED,
    ),
    Case(
        "cmi5",
        did(f"{ADL}terminated", activity("au"), context=CMI5_CONTEXT, result={"duration": "PT21M"}),
        ActKind.PROGRESSED,
    ),
    Case(
        "cmi5",
        did(
            "https://w3id.org/xapi/adl/verbs/satisfied",
            activity("cmi5-course", f"{CMI5}/activitytype/course"),
            context=CMI5_CONTEXT,
        ),
        ActKind.COMPLETED,
    ),
    Case("cmi5", did("https://w3id.org/xapi/adl/verbs/waived", activity("au"), context=CMI5_CONTEXT), ActKind.WAIVED),
    Case(
        "cmi5",
        did("https://w3id.org/xapi/adl/verbs/abandoned", activity("au"), context=CMI5_CONTEXT),
        ActKind.ABANDONED,
    ),
    # SCORM wrappers report the outcome when the session ends.
    Case(
        "SCORM",
        did(f"{ADL}terminated", activity("sco", f"{TYPES}lesson"), context=SCORM_CONTEXT, result=QUIZ_RESULT),
        ActKind.COMPLETED,
    ),
    Case(
        "SCORM",
        did(f"{ADL}terminated", activity("sco", f"{TYPES}lesson"), context=SCORM_CONTEXT, result=FAILED_RESULT),
        ActKind.FAILED,
    ),
    Case(
        "SCORM",
        did(f"{ADL}suspended", activity("sco", f"{TYPES}lesson"), context=SCORM_CONTEXT, result={"completion": False}),
        ActKind.PROGRESSED,
    ),
    Case("SCORM", did(f"{ADL}commented", activity("sco", f"{TYPES}lesson"), parent=COURSE), ActKind.REFLECTED),
    # Video players; alone a video is micro-learning.
    Case(
        "video",
        did(f"{VIDEO}/verbs/played", activity("v", f"{VIDEO}/activity-type/video")),
        ActKind.PROGRESSED,
        Source.MICRO,
    ),
    Case(
        "video",
        did(f"{VIDEO}/verbs/seeked", activity("v", f"{VIDEO}/activity-type/video"), parent=COURSE),
        ActKind.PROGRESSED,
    ),
    Case(
        "video", did(f"{ADL}completed", activity("v", f"{VIDEO}/activity-type/video")), ActKind.COMPLETED, Source.MICRO
    ),
    # Moodle by logstore xAPI.
    Case(
        "Moodle",
        did(f"{TINCAN}verb/viewed", COURSE, context={"contextActivities": {"grouping": [SITE]}}),
        ActKind.PROGRESSED,
    ),
    Case("Moodle", did(f"{TINCAN}verb/viewed", activity("u", f"{TINCAN}activitytype/user-profile")), None),
    Case("Moodle", did(f"{EDLM}/verbs/login", SITE), None),
    Case("Moodle", did(f"{EDLM}/verbs/enrolled", COURSE), ActKind.PLANNED),
    Case(
        "Moodle",
        did("http://activitystrea.ms/submit", activity("a", f"{EDLM}/activity-types/assignment"), parent=COURSE),
        ActKind.PRACTISED,
    ),
    Case(
        "Moodle",
        did("http://activitystrea.ms/create", activity("d", f"{TINCAN}activitytype/discussion"), parent=COURSE),
        ActKind.SHARED,
        Source.COLLEAGUES,
    ),
    Case(
        "Moodle",
        did("http://activitystrea.ms/submit", activity("f", f"{TINCAN}activitytype/survey"), parent=COURSE),
        ActKind.RATED,
    ),
    Case(
        "Moodle",
        did(f"{TINCAN}verb/replied", activity("d", f"{TINCAN}activitytype/forum-reply")),
        ActKind.SHARED,
        Source.COLLEAGUES,
    ),
    Case("Moodle", did(f"{EDLM}/verbs/restarted", COURSE), ActKind.RETRIED),
    # Totara, LinkedIn Learning and other LMSs.
    Case("Totara", did(f"{ADL}registered", activity("sem", f"{TINCAN}activitytype/workshop")), ActKind.PLANNED),
    Case("Totara", did(f"{ADL}attended", activity("sem", f"{TINCAN}activitytype/workshop")), ActKind.COMPLETED),
    Case("LMS", did("https://w3id.org/xapi/acrossx/verbs/was-assigned", COURSE), ActKind.ASSIGNED),
    Case("LMS", did(f"{TINCAN}verb/unregistered", COURSE), ActKind.ABANDONED),
    Case(
        "Open edX",
        did("https://w3id.org/xapi/dod-isd/verbs/navigated", activity("m", f"{TYPES}module")),
        ActKind.PROGRESSED,
    ),
    Case(
        "Open edX",
        did("https://w3id.org/xapi/acrossx/verbs/evaluated", activity("q", f"{TYPES}cmi.interaction"), parent=COURSE),
        ActKind.PRACTISED,
    ),
    # Between colleagues, and at work.
    Case("social", did(f"{STREAMS}share", activity("article", f"{STREAMS}article")), ActKind.SHARED, Source.COLLEAGUES),
    Case("social", did(f"{STREAMS}like", activity("article", f"{STREAMS}article")), ActKind.LIKED, Source.COLLEAGUES),
    Case("social", did(f"{ADL}asked", activity("q", f"{STREAMS}question")), ActKind.ASKED, Source.COLLEAGUES),
    Case("social", did(f"{TINCAN}verb/rated", COURSE), ActKind.RATED),
    Case("coaching", did(f"{TINCAN}verb/mentored", JORIS), ActKind.COACHED, Source.COLLEAGUES),
    Case("coaching", did(f"{TINCAN}verb/talked-with", JORIS), ActKind.CHECKED_IN, Source.COLLEAGUES),
    Case("coaching", did(f"{STREAMS}checkin", JORIS), ActKind.CHECKED_IN, Source.COLLEAGUES),
    Case("coaching", did(f"{STREAMS}checkin", activity("office", f"{STREAMS}place")), None),
    Case(
        "work",
        did(f"{TINCAN}verb/performed-offline", activity("t", f"{STREAMS}task")),
        ActKind.APPLIED,
        Source.ON_THE_JOB,
    ),
    Case(
        "work",
        did(f"{ADL}completed", activity("c", f"{TINCAN}activitytype/checklist")),
        ActKind.APPLIED,
        Source.ON_THE_JOB,
    ),
    Case(
        "goals",
        did(f"{TINCAN}verb/defined", activity("g", f"{TINCAN}activitytype/goal")),
        ActKind.SET_GOAL,
        Source.UNKNOWN,
    ),
    Case(
        "goals",
        did(f"{ADL}completed", activity("g", f"{TINCAN}activitytype/goal")),
        ActKind.REACHED_GOAL,
        Source.UNKNOWN,
    ),
    # Our own profile.
    Case("ours", did(f"{OURS}/verbs/checked-in", JORIS), ActKind.CHECKED_IN, Source.COLLEAGUES),
    Case("ours", did(f"{OURS}/verbs/applied", COURSE), ActKind.APPLIED, Source.ON_THE_JOB),
    Case("ours", did(f"{OURS}/verbs/reflected", COURSE), ActKind.REFLECTED),
    Case("ours", did(f"{OURS}/verbs/practised", COURSE), ActKind.PRACTISED),
    Case("ours", did(f"{OURS}/verbs/retried", COURSE), ActKind.RETRIED),
    # No learning.
    Case("any", did("https://w3id.org/xapi/adl/verbs/logged-in", SITE), None),
    Case("any", did("https://example.org/verbs/frobnicated", COURSE), ActKind.UNKNOWN),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.tool}-{number}" for number, case in enumerate(CASES)])
def test_statements_of_tools_mean_what_they_mean(case: Case) -> None:
    act = meant(case.statement)
    assert (act and act.kind) == case.kind
    if act is not None:
        assert act.source == case.source
        assert act.verb == case.statement["verb"]["id"]


def test_an_activity_is_not_within_itself() -> None:
    slide = activity("s1", f"{TYPES}module")
    assert act_of(did(f"{ADL}completed", COURSE, parent=COURSE)).within == ()
    assert act_of(did(f"{ADL}experienced", slide, parent=COURSE)).within == (COURSE["id"],)

"""Statements as the tools that people learn with send them. Each function gives one, without id, actor and timestamp.

Shapes follow Moodle's logstore xAPI, Storyline's output, H5P, the cmi5 and video profiles, and our own profile.
"""

from typing import Any, NamedTuple

from lrs.demo.cast import PLATFORM
from lrs.demo.script import Goal, Training, Words

Statement = dict[str, Any]
ADL = "http://adlnet.gov/expapi/verbs/"
TINCAN = "http://id.tincanapi.com/verb/"
STREAMS = "http://activitystrea.ms/schema/1.0/"
_CMI5 = "https://w3id.org/xapi/cmi5/context/"
_VIDEO = "https://w3id.org/xapi/video/"
_TYPES = {
    "moodle": "https://w3id.org/xapi/cmi5/activitytype/course",
    "storyline": "http://adlnet.gov/expapi/activities/course",
    "cmi5": "https://w3id.org/xapi/cmi5/activitytype/course",
    "classroom": STREAMS + "event",
    "webinar": "http://id.tincanapi.com/activitytype/webinar",
}
GOAL = "http://id.tincanapi.com/activitytype/goal"
TESTS = ("moodle", "storyline", "cmi5")
"""Tools that tell whether somebody passed."""


def said(
    verb: str, object_: dict[str, Any], *, result: dict[str, Any] | None = None, context: dict[str, Any] | None = None
) -> Statement:
    """Give a statement; the verb's display is the end of its IRI, as most tools have it."""
    display = verb.rpartition("/")[2].replace("-", " ")
    parts = {"result": result, "context": context}
    return {
        "verb": {"id": verb, "display": {"en": display}},
        "object": object_,
        **{name: part for name, part in parts.items() if part},
    }


def activity(id_: str, type_: str, name: Words | None = None) -> dict[str, Any]:
    """Give an activity."""
    return {"objectType": "Activity", "id": id_, "definition": {"type": type_} | ({"name": name} if name else {})}


def training_activity(key: str, training: Training) -> dict[str, Any]:
    """Give a training as its tool names it."""
    if training.tool == "moodle":
        id_ = f"{PLATFORM}/course/view.php?id={100 + sum(key.encode()) % 900}"
    else:
        id_ = f"https://content.example.org/{training.tool}/{key}"
    return activity(id_, _TYPES[training.tool], training.name)


def goal_activity(key: str, goal: Goal) -> dict[str, Any]:
    """Give a goal of the organisation."""
    return activity(f"https://molenwiek.example.org/goals/{key}", GOAL, goal.name)


def duration(seconds: float) -> str:
    """Give a time as ISO 8601 has it."""
    return f"PT{round(seconds)}S"


def _score(share: float) -> dict[str, Any]:
    return {"scaled": round(share, 2), "raw": round(share * 100), "min": 0, "max": 100}


class Attempt(NamedTuple):
    """Somebody goes through a training."""

    training: dict[str, Any]
    passed: bool
    score: float
    seconds: float
    registration: str
    goal: dict[str, Any] | None
    """The organisation's goal it serves."""

    @property
    def goals(self) -> list[dict[str, Any]]:
        """The goal, as context activities have it."""
        return [self.goal] if self.goal else []


def outcome(tool: str, attempt: Attempt) -> list[Statement]:
    """Give what a tool says of an attempt: how it ended is its last statement."""
    build = {"moodle": _moodle, "storyline": _storyline, "cmi5": _cmi5, "classroom": _present, "webinar": _present}
    return build[tool](attempt)


def _moodle(attempt: Attempt) -> list[Statement]:
    training, passed, score, seconds = attempt[:4]
    around = {
        "grouping": [activity(PLATFORM, "http://id.tincanapi.com/activitytype/lms", {"en": "Leren"}), *attempt.goals],
        "category": [activity("http://moodle.org", "http://id.tincanapi.com/activitytype/source", {"en": "Moodle"})],
    }
    place = {"platform": "Moodle", "language": "nl", "contextActivities": around}
    quiz = activity(
        training["id"].replace("/course/", "/mod/quiz/"),
        "http://adlnet.gov/expapi/activities/assessment",
        {"en": "Quiz"},
    )
    within = {**place, "contextActivities": {**around, "parent": [training]}}
    found = [
        said(TINCAN + "viewed", training, context=place),
        said(
            ADL + ("passed" if passed else "failed"),
            quiz,
            result={"score": _score(score), "success": passed, "duration": duration(seconds)},
            context=within,
        ),
    ]
    return [*found, said(ADL + "completed", training, context=place)] if passed else found


def _storyline(attempt: Attempt) -> list[Statement]:
    training, passed, score, seconds = attempt[:4]
    place: dict[str, Any] = {"registration": attempt.registration, "platform": "Storyline 360"}
    within = {**place, "contextActivities": {"parent": [training], "grouping": [training, *attempt.goals]}}
    around = {**place, **({"contextActivities": {"grouping": attempt.goals}} if attempt.goals else {})}
    slide = activity(f"{training['id']}/6JxUq", "http://adlnet.gov/expapi/activities/module", {"en": "Slide 1"})
    question = activity(f"{training['id']}/5vBnz", "http://adlnet.gov/expapi/activities/cmi.interaction")
    question["definition"] |= {
        "interactionType": "choice",
        "correctResponsesPattern": ["b"],
        "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b", "description": {"en": "B"}}],
    }
    answer = {"response": "b" if passed else "a", "success": passed, "duration": duration(seconds / 20)}
    return [
        said(ADL + "attempted", training, context=around),
        said(ADL + "experienced", slide, result={"duration": duration(seconds / 9)}, context=within),
        said(ADL + "answered", question, result=answer, context=within),
        said(
            ADL + ("passed" if passed else "failed"),
            training,
            result={"score": _score(score), "success": passed, "completion": passed, "duration": duration(seconds)},
            context=around,
        ),
    ]


def _cmi5(attempt: Attempt) -> list[Statement]:
    training, passed, score, seconds = attempt[:4]
    unit = {**training, "id": f"{training['id']}/au/1", "definition": {"name": training["definition"]["name"]}}
    category = {"id": _CMI5 + "categories/cmi5"}
    around = {"grouping": [training, *attempt.goals], "category": [category]}
    place = {
        "registration": attempt.registration,
        "contextActivities": around,
        "extensions": {_CMI5 + "extensions/sessionid": attempt.registration[:8]},
    }
    on = {**place, "contextActivities": {**around, "category": [category, {"id": _CMI5 + "categories/moveon"}]}}
    took = {"duration": duration(seconds)}
    found = [
        said(ADL + "launched", unit, context=place),
        said(ADL + "initialized", unit, context=place),
        said(
            ADL + ("passed" if passed else "failed"),
            unit,
            result={"score": {"scaled": round(score, 2)}, "success": passed, **took},
            context=on,
        ),
        said(ADL + "terminated", unit, result=took, context=place),
    ]
    if passed:
        found.insert(3, said(ADL + "completed", unit, result={"completion": True, **took}, context=on))
        found.append(said("https://w3id.org/xapi/adl/verbs/satisfied", training, context=place))
    return found


def _present(attempt: Attempt) -> list[Statement]:
    around = {"contextActivities": {"grouping": attempt.goals}} if attempt.goals else None
    return [
        said(
            ADL + "attended",
            attempt.training,
            result={"completion": True, "duration": duration(attempt.seconds)},
            context=around,
        )
    ]


def video(key: str, name: Words, seconds: float) -> list[Statement]:
    """Give a video that was watched to its end."""
    watched = activity(f"https://video.example.org/watch/{key}", _VIDEO + "activity-type/video", name)
    place = {
        "contextActivities": {"category": [{"id": "https://w3id.org/xapi/video"}]},
        "extensions": {_VIDEO + "extensions/length": round(seconds)},
    }
    at_end = {_VIDEO + "extensions/time": round(seconds), _VIDEO + "extensions/progress": 1.0}
    return [
        said(_VIDEO + "verbs/played", watched, result={"extensions": {_VIDEO + "extensions/time": 0}}, context=place),
        said(
            ADL + "completed",
            watched,
            result={"completion": True, "duration": duration(seconds), "extensions": at_end},
            context=place,
        ),
    ]


def quiz(key: str, name: Words, *, score: float, training: dict[str, Any] | None = None) -> Statement:
    """Give a question in H5P that was answered; about a training if one is given."""
    asked = activity(f"https://h5p.example.org/node/{key}", "http://adlnet.gov/expapi/activities/cmi.interaction", name)
    asked["definition"] |= {
        "interactionType": "choice",
        "extensions": {"http://h5p.org/x-api/h5p-local-content-id": 1 + sum(key.encode()) % 400},
    }
    around: dict[str, Any] = {
        "category": [
            activity("http://h5p.org/libraries/H5P.MultiChoice-1.16", "http://id.tincanapi.com/activitytype/source")
        ]
    }
    if training:
        around["parent"] = [training]
    return said(
        ADL + "answered",
        asked,
        result={"score": _score(score), "success": score > 0.5, "completion": True, "duration": "PT41S"},
        context={"contextActivities": around},
    )


def article(key: str, name: Words) -> Statement:
    """Give an article that was read."""
    read = activity(f"https://kennis.example.org/{key}", "http://activitystrea.ms/schema/1.0/article", name)
    return said("https://w3id.org/xapi/adb/verbs/read", read, result={"duration": "PT4M"})


def question(text: str) -> Statement:
    """Give a question asked of colleagues in a forum."""
    topic = activity(
        f"{PLATFORM}/mod/forum/view.php?id=7", "http://id.tincanapi.com/activitytype/forum-topic", {"nl": "Vraagbaak"}
    )
    return said(ADL + "asked", topic, result={"response": text})

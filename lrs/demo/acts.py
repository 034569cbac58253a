"""What people do around trainings: what follows them, goals, colleagues. Statements without id, actor and timestamp.

Mostly of our own profile; where a published verb says it, that one.
"""

from typing import Any

from lrs.demo.script import Words
from lrs.demo.tools import ADL, STREAMS, TINCAN, Statement, activity, said
from projections.meaning.read import PROFILE


def _after(training: dict[str, Any], completion: str | None, **extensions: str) -> dict[str, Any]:
    named = {f"{PROFILE}/extensions/{name}": value for name, value in extensions.items()}
    named[f"{PROFILE}/extensions/follows"] = training["id"]
    pointed: dict[str, Any] = {"statement": {"objectType": "StatementRef", "id": completion}} if completion else {}
    return pointed | {"contextActivities": {"parent": [training]}, "extensions": named}


def reflected(training: dict[str, Any], completion: str, text: str, audience: str) -> Statement:
    """Give a reflection on a training."""
    context = _after(training, completion, audience=audience)
    return said(f"{PROFILE}/verbs/reflected", training, result={"response": text}, context=context)


def shared(training: dict[str, Any], completion: str, text: str) -> Statement:
    """Give what somebody told their team about a training."""
    return said(ADL + "shared", training, result={"response": text}, context=_after(training, completion))


def applied(training: dict[str, Any], name: Words, key: str) -> Statement:
    """Give a piece of work in which a training was used."""
    work = activity(f"https://werk.example.org/{key}", "http://activitystrea.ms/schema/1.0/task", name)
    return said(f"{PROFILE}/verbs/applied", work, context=_after(training, None, source="on the job"))


def checked_in(training: dict[str, Any], learner: dict[str, Any], completion: str) -> Statement:
    """Give a manager's short talk with somebody about a training."""
    return said(
        f"{PROFILE}/verbs/checked-in", learner, result={"duration": "PT12M"}, context=_after(training, completion)
    )


def practised(training: dict[str, Any]) -> Statement:
    """Give that somebody practised what they learnt before."""
    return said(f"{PROFILE}/verbs/practised", training, result={"duration": "PT8M"}, context=_after(training, None))


def planned(training: dict[str, Any], actor: dict[str, Any], when: str) -> Statement:
    """Give that somebody planned to use what they learnt."""
    sub = {
        "objectType": "SubStatement",
        "actor": actor,
        "verb": {"id": f"{PROFILE}/verbs/applied"},
        "object": training,
        "timestamp": when,
    }
    return said(f"{PROFILE}/verbs/planned-follow-up", sub, context=_after(training, None))


def rated(training: dict[str, Any], score: float) -> Statement:
    """Give how relevant somebody found a training."""
    survey = activity(
        "https://enquete.example.org/relevantie",
        "http://id.tincanapi.com/activitytype/survey",
        {"nl": "Wat had je eraan?", "en": "What was it worth to you?"},
    )
    around = {"contextActivities": {"parent": [training]}}
    return said(ADL + "answered", survey, result={"score": {"scaled": round(score, 1)}}, context=around)


def assigned(id_: str, name: Words, by: dict[str, Any]) -> Statement:
    """Give that somebody was assigned something."""
    thing = activity(id_, "http://adlnet.gov/expapi/activities/course", name)
    return said("https://w3id.org/xapi/acrossx/verbs/was-assigned", thing, context={"instructor": by})


def abandoned(training: dict[str, Any]) -> Statement:
    """Give that somebody gave up on a training."""
    return said("https://w3id.org/xapi/adl/verbs/abandoned", training, result={"completion": False})


def shared_article(key: str, name: Words) -> Statement:
    """Give an article that somebody showed their team."""
    read = activity(f"https://kennis.example.org/{key}", "http://activitystrea.ms/schema/1.0/article", name)
    return said(ADL + "shared", read, context={"extensions": {f"{PROFILE}/extensions/audience": "team"}})


def coached(colleague: dict[str, Any]) -> Statement:
    """Give that somebody helped a colleague along."""
    return said(TINCAN + "mentored", colleague, result={"duration": "PT20M"})


def liked(statement: str) -> Statement:
    """Give that somebody liked what another shared."""
    return said(STREAMS + "like", {"objectType": "StatementRef", "id": statement})


def set_goal(goal: dict[str, Any]) -> Statement:
    """Give that somebody set a goal of their own."""
    return said(TINCAN + "defined", goal)


def moved_goal(goal: dict[str, Any]) -> Statement:
    """Give that somebody came nearer to their goal."""
    return said(
        ADL + "progressed", goal, result={"extensions": {"https://w3id.org/xapi/cmi5/result/extensions/progress": 60}}
    )


def reached_goal(goal: dict[str, Any]) -> Statement:
    """Give that somebody reached their goal."""
    return said(ADL + "completed", goal, result={"completion": True})


def waived(training: dict[str, Any], learner: dict[str, Any]) -> Statement:
    """Give that nothing more needs to follow a training for somebody."""
    context = {"contextActivities": {"parent": [training]}}
    return said("https://w3id.org/xapi/adl/verbs/waived", learner, context=context)


def voided(statement: str) -> Statement:
    """Give that a statement was a mistake."""
    return said(ADL + "voided", {"objectType": "StatementRef", "id": statement})


def unknown(verb: str, id_: str, name: Words) -> Statement:
    """Give what a tool says in words of its own."""
    return said(verb, activity(id_, "http://adlnet.gov/expapi/activities/simulation", name))


def refused(actor: dict[str, Any]) -> list[Statement]:
    """Give statements as tools send them that have something wrong, several times each; no store takes them."""
    name, address = actor["name"], actor["mbox"].removeprefix("mailto:")
    training = activity("https://content.example.org/old/welcome", "http://adlnet.gov/expapi/activities/course")
    no_iri = {"actor": actor, "verb": {"id": "completed"}, "object": training}
    no_mailto = {"actor": {"name": name, "mbox": address}, **said(ADL + "completed", training)}
    no_duration = {"actor": actor, **said(ADL + "completed", training, result={"duration": "01:05:30"})}
    return [no_iri] * 3 + [no_mailto] * 2 + [no_duration] * 4

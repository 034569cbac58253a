"""What the program's own words are called for people: steps, statuses, kinds of acts, roles.

The texts are those of the catalogue (``N_`` marks them for it); templates translate them.
"""

import re
from typing import Final

from schemas.act import ActKind


def N_(text: str) -> str:  # noqa: N802  # gettext's own name for it
    """Mark a text for translation later."""
    return text


STEPS: Final = {
    "reflect": N_("Look back"),
    "share": N_("Share it"),
    "check-in": N_("Check in together"),
    "apply": N_("Use it at work"),
    "repeat": N_("Practise again"),
}
HINTS: Final = {
    "reflect": N_("Five quiet minutes: what stood out, and what will you do differently?"),
    "share": N_("Tell one colleague the most useful thing you took from it."),
    "check-in": N_("Ten minutes with your manager: what did you learn, and what do you want to try?"),
    "apply": N_("Pick one situation this week in which you try it out."),
    "repeat": N_("A short round of practice now makes it stay."),
}
STATUSES: Final = {
    "open": N_("to do"),
    "due": N_("due soon"),
    "overdue": N_("still worth doing"),
    "lapsed": N_("let go"),
    "done": N_("done"),
    "done late": N_("done, a little later"),
    "waived": N_("not needed"),
    "relieved": N_("done by somebody else"),
}
STANDINGS: Final = {
    "running": N_("in rhythm"),
    "at risk": N_("one act keeps it going"),
    "broken": N_("ready for a new start"),
    "none": N_("not started yet"),
}
VISIBILITY: Final = {
    "visible": N_("learns visibly"),
    "fading": N_("was visible a while ago"),
    "invisible": N_("learns out of sight"),
}
KINDS: Final = {
    ActKind.ASSIGNED: N_("was asked to"),
    ActKind.PLANNED: N_("planned"),
    ActKind.STARTED: N_("started"),
    ActKind.PROGRESSED: N_("went on with"),
    ActKind.COMPLETED: N_("completed"),
    ActKind.PASSED: N_("passed"),
    ActKind.FAILED: N_("tried, not there yet"),
    ActKind.RETRIED: N_("tried again"),
    ActKind.PRACTISED: N_("practised"),
    ActKind.APPLIED: N_("used at work"),
    ActKind.REFLECTED: N_("looked back on"),
    ActKind.SHARED: N_("shared"),
    ActKind.CHECKED_IN: N_("checked in about"),
    ActKind.COACHED: N_("coached"),
    ActKind.RATED: N_("rated"),
    ActKind.LIKED: N_("liked"),
    ActKind.ASKED: N_("asked about"),
    ActKind.WAIVED: N_("found not needed"),
    ActKind.SET_GOAL: N_("set as a goal"),
    ActKind.REACHED_GOAL: N_("reached a goal"),
    ActKind.ABANDONED: N_("stopped with"),
    ActKind.UNKNOWN: N_("unknown verb"),
    "nothing": N_("no learning act"),
}
STAGES: Final = {
    "completed": N_("completed"),
    "reflect": N_("looked back"),
    "share": N_("shared"),
    "check-in": N_("checked in"),
    "apply": N_("used at work"),
    "repeat": N_("practised again"),
}
ROLES: Final = {
    "learner": N_("learner"),
    "manager": N_("manager"),
    "lnd": N_("learning and development"),
    "auditor": N_("auditor"),
    "privacy": N_("privacy officer"),
    "admin": N_("administrator"),
}
_REPEAT = re.compile(r"repeat-(\d{1,4})")


def base_of(step: str) -> str:
    """Give the kind of a step: spaced repetitions are all ``repeat``."""
    return "repeat" if _REPEAT.fullmatch(step) else step


def days_of(step: str) -> int | None:
    """Give after how many days a spaced repetition is."""
    found = _REPEAT.fullmatch(step)
    return None if found is None else int(found[1])

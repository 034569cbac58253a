"""The statements that are sent: an organisation that learns, made up but in realistic proportions.

Thousands of learners of whom some learn much more than others, tens of verbs, hundreds of activities in courses,
attempts (registrations) of 10 to 20 statements that run beside each other, instructors, teams and context activities.
The same seed makes the same statements.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import NamedTuple
from uuid import UUID

LEARNERS = 5_000
INSTRUCTORS = 120
TEAMS = 60
COURSES = 40
ACTIVITIES = 12
"""In each course, beside the course itself."""
ATTEMPTS_AT_ONCE = 60
_COURSES_OF_ONE = 4
_ZONES = ("Z", "Z", "Z", "+01:00")
_BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_ABOUT_COURSE = ("initialized", "progressed", "completed", "launched", "terminated", "registered", "passed", "failed")
_ABOUT_PART = (
    *("experienced", "interacted", "answered", "viewed", "played", "paused", "attempted", "read", "scored", "shared"),
    *("commented", "asked", "reflected", "bookmarked", "downloaded", "rated"),
)
_WORDS = ("safety", "fire", "water", "care", "team", "risk", "change", "feedback", "planning", "wounds", "budget")


class Made(NamedTuple):
    """A statement and what filters find it by: their values as they stand in a query string, before encoding."""

    body: bytes
    agent: str
    verb: str
    activity: str
    registration: str
    around: str
    """An activity in its context."""
    instructor: str
    """Its instructor; empty if it has none."""


class _Attempt:
    def __init__(self, learner: int, course: int, registration: str, length: int) -> None:
        self.learner = learner
        self.course = course
        self.registration = registration
        self.length = length
        self.step = 0


class World:
    """Makes statements, one after the other."""

    def __init__(self, seed: int) -> None:
        """Begin; other seeds have other attempts by the same people on the same courses."""
        self._random = Random(seed)
        self._learners = [_person("learner", number) for number in range(LEARNERS)]
        self._instructors = [_person("instructor", number) for number in range(INSTRUCTORS)]
        self._teams = [_team(number) for number in range(TEAMS)]
        self._courses = [_activity(f"courses/{course}", "course", course) for course in range(COURSES)]
        self._parts = [
            [_activity(f"courses/{course}/parts/{part}", "module", course + part) for part in range(ACTIVITIES)]
            for course in range(COURSES)
        ]
        self._eagerness = _skewed(LEARNERS, 0.8)
        popularity = _skewed(COURSES, 0.7)
        self._first_course = Random(0).choices(range(COURSES), cum_weights=popularity, k=LEARNERS)
        self._part_use = _skewed(ACTIVITIES, 1.0)
        self._part_verbs = _skewed(len(_ABOUT_PART), 1.3)
        self._attempts = [self._attempt() for _ in range(ATTEMPTS_AT_ONCE)]
        self._moment = _BEGAN

    def __iter__(self) -> Iterator[Made]:
        """Give statements without end."""
        while True:
            yield self._next()

    def batches(self, size: int) -> Iterator[bytes]:
        """Give JSON arrays of so many statements, without end."""
        while True:
            yield b"[" + b",".join(made.body for made in islice(self, size)) + b"]"

    def _attempt(self) -> _Attempt:
        random = self._random
        learner = random.choices(range(LEARNERS), cum_weights=self._eagerness)[0]
        # A few courses each, the first of them the most.
        course = (self._first_course[learner] + int(random.random() ** 2 * _COURSES_OF_ONE)) % COURSES
        return _Attempt(learner, course, self._uuid(), random.randint(10, 20))

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _next(self) -> Made:
        random = self._random
        place = random.randrange(ATTEMPTS_AT_ONCE)
        attempt = self._attempts[place]
        attempt.step += 1
        if attempt.step == attempt.length:
            self._attempts[place] = self._attempt()
        course, course_iri = self._courses[attempt.course]
        if attempt.step in {1, attempt.length} or random.random() < 0.2:
            thing, iri = course, course_iri
            word = _course_verb(attempt, random)
        else:
            thing, iri = random.choices(self._parts[attempt.course], cum_weights=self._part_use)[0]
            word = random.choices(_ABOUT_PART, cum_weights=self._part_verbs)[0]
        verb = f"https://w3id.org/xapi/verbs/{word}"
        actor, agent = self._learners[attempt.learner]
        people, instructor = self._people(attempt)
        programme = f"https://learn.example.org/programmes/{attempt.course % 8}"
        self._moment += timedelta(milliseconds=random.randrange(20, 4000))
        minutes, seconds = random.randrange(1, 50), random.randrange(60)
        score = random.randrange(30, 101)
        body = (
            f'{{"id":"{self._uuid()}","actor":{actor},"verb":{{"id":"{verb}","display":{{"en":"{word}"}}}},'
            f'"object":{thing},"result":{{"score":{{"scaled":{score / 100},"raw":{score},"min":0,"max":100}},'
            f'"completion":{"true" if attempt.step == attempt.length else "false"},'
            f'"duration":"PT{minutes}M{seconds}S"}},'
            f'"context":{{"registration":"{attempt.registration}",{people}"contextActivities":{{'
            f'"parent":[{{"id":"{course_iri}"}}],"grouping":[{{"id":"{programme}"}}],'
            f'"category":[{{"id":"https://w3id.org/xapi/profiles/learning"}}]}},"platform":"Learning place",'
            f'"language":"nl-NL","extensions":{{"https://learn.example.org/extensions/progress":{attempt.step}}}}},'
            f'"timestamp":"{self._moment.isoformat(timespec="milliseconds")[:23]}{random.choice(_ZONES)}"}}'
        ).encode()
        return Made(body, agent, verb, iri, attempt.registration, programme, instructor)

    def _people(self, attempt: _Attempt) -> tuple[str, str]:
        if attempt.learner % 4 == 0:
            text, instructor = self._instructors[attempt.course * 3 % INSTRUCTORS]
            return f'"instructor":{text},', instructor
        if attempt.learner % 4 == 1:
            return f'"team":{self._teams[attempt.learner % TEAMS]},', ""
        return "", ""


def _course_verb(attempt: _Attempt, random: Random) -> str:
    if attempt.step == 1:
        return "initialized"
    if attempt.step == attempt.length:
        return "completed"
    return random.choice(_ABOUT_COURSE)


def _person(kind: str, number: int) -> tuple[str, str]:
    """Give an agent's JSON with a name, and without."""
    if number % 3:
        who = f'"account":{{"homePage":"https://id.example.org","name":"{kind}-{number:05}"}}'
    else:
        who = f'"mbox":"mailto:{kind}.{number:05}@example.org"'
    return f'{{"objectType":"Agent","name":"{kind.title()} {number}",{who}}}', f'{{"objectType":"Agent",{who}}}'


def _team(number: int) -> str:
    account = f'"account":{{"homePage":"https://id.example.org/teams","name":"team-{number}"}}'
    return f'{{"objectType":"Group","name":"Team {number}",{account}}}'


def _activity(path: str, kind: str, number: int) -> tuple[str, str]:
    iri = f"https://learn.example.org/{path}"
    title = f"{_WORDS[number % len(_WORDS)].title()} {number}"
    definition = {
        "name": {"en": title, "nl": f"{title} (nl)"},
        "type": f"http://adlnet.gov/expapi/activities/{kind}",
    }
    return json.dumps({"objectType": "Activity", "id": iri, "definition": definition}, separators=(",", ":")), iri


def _skewed(many: int, steepness: float) -> list[float]:
    """Give cumulative weights in which the first comes up most (Zipf)."""
    return list(accumulate(rank**-steepness for rank in range(1, many + 1)))

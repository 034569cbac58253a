"""The queries of GET /statements that are timed, with values that find something to do."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

import psycopg

from lrs.settings import Settings
from lrs.statement import in_utc
from lrs.store_name import schema_of
from tests.bench.world import Made, World

T = TypeVar("T", bound=Hashable)
LIMIT = 50
VALUES = 12
"""Different values a filter is asked with."""


class Filter(NamedTuple):
    """A kind of query and the paths that ask it."""

    name: str
    paths: list[str]


class Sample(NamedTuple):
    """What the store holds at the moment, as far as queries need to know."""

    ids: list[str]
    middle: list[str]
    """Moments in the middle half of the log."""


def sample(settings: Settings) -> Sample:
    """Draw from the log: ids from all over it, and moments."""
    with psycopg.connect(settings.database()) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", [schema_of(settings.store)])
        head = connection.execute("SELECT max(notification_id) FROM stored_events").fetchone()
        assert head
        places = [head[0] * (2 * number + 1) // (2 * VALUES) for number in range(VALUES)]
        rows = connection.execute(
            "SELECT originator_id, stored FROM stored_events WHERE notification_id = ANY(%s) ORDER BY notification_id",
            [places],
        ).fetchall()
    quarter = len(rows) // 4
    return Sample([str(row[0]) for row in rows], [in_utc(row[1]) for row in rows[quarter : len(rows) - quarter]])


class Filters:
    """Chooses values that match a page at the smaller size already, so that the larger one has no more to give out."""

    def __init__(self, path: str, seed: int, small: int) -> None:
        """Look at the statements the smaller size consists of."""
        self._path = path
        self._made = list(islice(World(seed), small))

    def all(self, drawn: Sample) -> list[Filter]:
        """Give every query that is timed."""
        agents = self._frequent(lambda made: made.agent)
        verbs = self._frequent(lambda made: made.verb)
        activities = self._frequent(lambda made: made.activity)
        pairs = self._frequent(lambda made: (made.agent, made.verb))
        on_activity = self._frequent(lambda made: (made.agent, made.activity))
        verb_on_activity = self._frequent(lambda made: (made.verb, made.activity))
        registrations = self._frequent(lambda made: made.registration)
        instructors = self._frequent(lambda made: made.instructor or None)
        around = self._frequent(lambda made: made.around)
        courses = self._frequent(lambda made: made.activity if "/parts/" not in made.activity else None)
        both = self._frequent(lambda made: (made.instructor, made.around) if made.instructor else None)
        related = {"related_agents": "true"}
        context = {"related_activities": "true"}
        return [
            self._filter("none", [{}]),
            self._filter("none, ascending", [{"ascending": "true"}]),
            Filter("statementId", [f"{self._path}?{urlencode({'statementId': one})}" for one in drawn.ids]),
            self._filter("agent", [{"agent": one} for one in agents]),
            self._filter("agent, ascending", [{"agent": one, "ascending": "true"} for one in agents]),
            self._filter("verb", [{"verb": one} for one in verbs]),
            self._filter("activity", [{"activity": one} for one in activities]),
            self._filter("registration", [{"registration": one} for one in registrations]),
            self._filter("related agent (instructor)", [{"agent": one, **related} for one in instructors]),
            self._filter("related agent (learner)", [{"agent": one, **related} for one in agents]),
            self._filter("related activity (programme)", [{"activity": one, **context} for one in around]),
            self._filter("related activity (course)", [{"activity": one, **context} for one in courses]),
            self._filter("since", [{"since": one} for one in drawn.middle]),
            self._filter("since, ascending", [{"since": one, "ascending": "true"} for one in drawn.middle]),
            self._filter("until", [{"until": one} for one in drawn.middle]),
            self._filter("agent + verb", [{"agent": agent, "verb": verb} for agent, verb in pairs]),
            self._filter("agent + activity", [{"agent": agent, "activity": one} for agent, one in on_activity]),
            self._filter("verb + activity", [{"verb": verb, "activity": one} for verb, one in verb_on_activity]),
            self._filter(
                "agent + since, ascending",
                [
                    {"agent": agents[number % len(agents)], "since": one, "ascending": "true"}
                    for number, one in enumerate(drawn.middle)
                ],
            ),
            self._filter(
                "related agent + activity", [{"agent": a, "activity": b, **related, **context} for a, b in both]
            ),
            *self._sparse(),
        ]

    def agents(self) -> list[str]:
        """Give the paths that ask by agent."""
        return self._filter("agent", [{"agent": one} for one in self._frequent(lambda made: made.agent)]).paths

    def _sparse(self) -> list[Filter]:
        """Give pairs of values that are both frequent and (nearly) never meet."""
        pairs: list[tuple[str, Callable[[Made], str], Callable[[Made], str]]] = [
            ("agent + activity", lambda made: made.agent, lambda made: made.activity),
            ("agent + verb", lambda made: made.agent, lambda made: made.verb),
            ("verb + activity", lambda made: made.verb, lambda made: made.activity),
        ]
        found = []
        for name, one, other in pairs:
            together = Counter((one(made), other(made)) for made in self._made)
            ones, others = (
                [value for value, times in Counter(map(of, self._made)).most_common(80) if times > LIMIT // 2]
                for of in (one, other)
            )
            rare = sorted((together[a, b], a, b) for a in ones for b in others)[:VALUES]
            first, second = name.split(" + ")
            queries = [{first: a, second: b} for times, a, b in rare if times <= 3]
            if queries:
                found.append(self._filter(f"{name}, few in common", queries))
        return found

    def _frequent(self, of: Callable[[Made], T | None]) -> list[T]:
        times = Counter(value for made in self._made if (value := of(made)) is not None)
        most = times.most_common(VALUES)
        return [value for value, many in most if many > LIMIT] or [value for value, _ in most[:4]]

    def _filter(self, name: str, queries: Iterable[dict[str, str]]) -> Filter:
        return Filter(name, [f"{self._path}?{urlencode({**query, 'limit': LIMIT})}" for query in queries])

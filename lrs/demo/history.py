"""Half a year of an organisation: every statement of everybody, the same for the same seed and last day."""

from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from lrs.demo import acts, tools, words
from lrs.demo.cast import PLATFORM, WEEKS, Cast, Member
from lrs.demo.diary import Diary, Sent
from lrs.demo.script import Story, Training, chance

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_DUE = {"reflect": (0, 7), "share": (1, 14), "check-in": (1, 14), "apply": (2, 30)}
"""Days after a completion in which a step is in time, as the shipped policy has it."""
_REPEATS = ((2, 7), (12, 30), (40, 90))
_MISTAKES = 6
_STRANGE = (
    ("https://vr.example.org/verbs/walked-through", "https://vr.example.org/rooms/cleanroom", "lab"),
    ("https://duel.example.org/verbs/challenged", "https://duel.example.org/quiz/feit-of-fabel", "sales"),
    ("https://duel.example.org/verbs/beat", "https://duel.example.org/quiz/feit-of-fabel", "sales"),
)
"""Verbs that nobody has said the meaning of yet, about what, and whose tool says them."""


class Completion(NamedTuple):
    """A training that somebody completed."""

    at: datetime
    statement: str
    training: dict[str, Any]


def history(cast: Cast, seed: int) -> list[dict[str, Any]]:
    """Give all statements in the order they are sent."""
    return [sent.statement for sent in History(cast, seed).sent()]


class History:
    """Writes everybody's diary."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self._cast = cast
        self._seed = seed
        self._diaries = {
            member.name: Diary(cast, member, seed, cast.script.story(member.team).offline) for member in cast.members
        }
        self._shares: list[tuple[Member, datetime, str]] = []

    def sent(self) -> list[Sent]:
        """Give everything, ordered by when it was sent; at one moment in the order it happened."""
        for member in self._cast.members:
            self._half_a_year(self._diaries[member.name])
        for story in self._cast.script.stories:
            self._example(story)
        self._applause()
        self._mistakes()
        self._waivers()
        everything = [sent for diary in self._diaries.values() for sent in diary.sent]
        return sorted(everything, key=lambda one: (one.sent, one.statement["timestamp"], UUID(one.statement["id"])))

    def _half_a_year(self, diary: Diary) -> None:
        member = diary.member
        for weeks_ago in range(WEEKS, -1, -1):
            monday = self._cast.week(weeks_ago)
            story = self._story(member, monday)
            if diary.happens(chance(story.rhythm, weeks_ago)):
                for _ in range(diary.random.randint(1, 3)):
                    self._something_small(diary, story, monday + diary.random.randint(0, 6) * _DAY)
            for key, week in self._trainings(member, monday).items():
                if week == weeks_ago and (member.since is None or member.since <= monday):
                    self._training(diary, story, key, monday)
            if weeks_ago % 4 == 2:
                self._assignments(diary, story, monday)
        self._goals(diary)
        for verb, about, team in _STRANGE:
            for _ in range(diary.random.randint(0, 4) if member.team == team else 0):
                at = diary.moment(self._cast.week(diary.random.randint(2, 12)), "office")
                self._write(diary, at, acts.unknown(verb, about, {"en": about.rpartition("/")[2]}))

    def _story(self, member: Member, day: date) -> Story:
        return self._cast.script.story(self._cast.team_of(member, day))

    @staticmethod
    def _write(diary: Diary, at: datetime | None, statement: dict[str, Any], *, platform: bool = False) -> str:
        """Write what somebody did themselves; gives its id, empty if it hasn't come yet."""
        return diary.write(at, {"actor": diary.member.agent(platform=platform), **statement})

    def _something_small(self, diary: Diary, story: Story, day: date) -> None:
        at = diary.moment(day, story.hours)
        language = diary.member.special.locale
        match diary.random.randrange(8):
            case 0 | 1 | 2:
                key, name = diary.one_of(list(words.VIDEOS.items()))
                for statement in tools.video(key, name, diary.random.randint(90, 420)):
                    self._write(diary, at, statement)
                    at = at and at + 4 * _MINUTE
            case 3 | 4:
                key, name = diary.one_of(list(words.QUIZZES.items()))
                self._write(diary, at, tools.quiz(key, name, score=diary.one_of((0.0, 0.5, 1.0, 1.0))))
            case 5 | 6:
                key, name = diary.one_of(list(words.ARTICLES.items()))
                self._write(diary, at, tools.article(key, name))
            case _ if story.likes:
                text = {"nl": "Hoe pakken jullie dit aan?", "en": "How do you go about this?"}[language]
                self._write(diary, at, tools.question(text), platform=True)

    def _trainings(self, member: Member, day: date) -> dict[str, int]:
        if self._cast.manager_of(member, day) is None:
            return {}  # one person at the top: no figure of theirs could be shown
        team = self._cast.team_of(member, day)
        manages = self._cast.manager(team, day) is member
        return self._cast.script.managers if manages else self._cast.script.story(team).trainings

    def _training(self, diary: Diary, story: Story, key: str, monday: date) -> None:
        completion = self._attempts(diary, story, key, monday)
        if completion is not None:
            self._follow_up(diary, story, completion)

    def _attempts(self, diary: Diary, story: Story, key: str, monday: date) -> Completion | None:
        """Write attempts until one succeeds; None: none did."""
        training = self._cast.script.trainings[key]
        together = training.tool in ("classroom", "webinar")
        # Everybody is in a classroom on the same day.
        day = Random(f"{self._seed}/{key}").randrange(5) if together else diary.random.randrange(7)
        at = diary.moment(monday + day * _DAY, "morning" if together else story.hours)
        attempt = partial(self._attempt, diary, training, tools.training_activity(key, training), story.goal)
        if training.tool in tools.TESTS and (diary.happens(story.fails) or key in story.nobody_passes):
            failed = attempt(at, passed=False)
            if failed is None:
                return None
            if not diary.happens(story.tries_again):
                if diary.happens(0.6):
                    self._write(diary, self._later(diary, failed.at, (5, 12), story), acts.abandoned(failed.training))
                return None
            at = self._later(diary, failed.at, (1, 5), story)
        return attempt(at, passed=True)

    def _attempt(
        self, diary: Diary, training: Training, about: dict[str, Any], goal: str, at: datetime | None, *, passed: bool
    ) -> Completion | None:
        """Write what a tool says of an attempt; gives how it ended, None: that hasn't come yet."""
        seconds = training.minutes * 60 * diary.random.uniform(0.7, 1.3)
        attempt = tools.Attempt(
            about,
            passed,
            score=diary.random.uniform(0.8, 1.0) if passed else diary.random.uniform(0.2, 0.5),
            seconds=seconds,
            registration=diary.new_id(),
            goal=tools.goal_activity(goal, self._cast.script.goals[goal]) if goal else None,
        )
        statements = tools.outcome(training.tool, attempt)
        if at is None:
            return None
        id_ = ""
        for place, statement in enumerate(statements, 1):
            then = at + timedelta(seconds=seconds * place / len(statements))
            id_ = self._write(diary, then, statement, platform=training.tool == "moodle")
        return Completion(at + timedelta(seconds=seconds), id_, about) if id_ else None

    def _later(self, diary: Diary, at: datetime, days: tuple[int, int], story: Story) -> datetime | None:
        """Give a moment so many days after another; None: it hasn't come yet."""
        found = diary.moment(at.date() + diary.random.randint(*days) * _DAY, story.hours)
        return found and max(found, at + 20 * _MINUTE)

    def _follow_up(self, diary: Diary, story: Story, completion: Completion) -> None:
        member, (at, id_, training) = diary.member, completion
        language = member.special.locale
        if self._is_quiet(member, at.date()):
            return
        if diary.happens(0.7):
            worth = min(1.0, max(0.0, story.rating + diary.random.uniform(-0.2, 0.2)))
            self._write(diary, at + 3 * _MINUTE, acts.rated(training, worth))
        when = {step: self._when(diary, story, step, at) for step in _DUE}
        audience = "self" if story.steps["share"] == 0 else diary.one_of(("team", "team", "manager"))
        reflection = diary.one_of(words.REFLECTIONS[language])
        self._write(diary, when["reflect"], acts.reflected(training, id_, reflection, audience))
        share = self._write(diary, when["share"], acts.shared(training, id_, reflection))
        if share and when["share"]:
            self._shares.append((member, when["share"], share))
        used = diary.random.randrange(len(words.APPLICATIONS[language]))
        name = {spoken: texts[used] for spoken, texts in words.APPLICATIONS.items()}
        if when["apply"] and story.goal and diary.happens(0.6):
            planned = when["apply"].isoformat(timespec="seconds")
            self._write(diary, at + 9 * _MINUTE, acts.planned(training, member.agent(), planned))
        self._write(diary, when["apply"], acts.applied(training, name, f"task-{diary.new_id()[:8]}"))
        self._check_in(diary, when["check-in"], completion)
        for days in _REPEATS:
            if diary.happens(story.steps["repeat"]):
                key, quiz = diary.one_of(list(words.QUIZZES.items()))
                statement = diary.one_of(
                    (acts.practised(training), tools.quiz(key, quiz, score=1.0, training=training))
                )
                self._write(diary, self._later(diary, at, days, story), statement)

    def _when(self, diary: Diary, story: Story, step: str, at: datetime) -> datetime | None:
        """Give when a step follows; None: it doesn't, or hasn't yet."""
        done, in_time = diary.happens(story.steps[step]), diary.happens(story.in_time)
        first, due = _DUE[step]
        found = self._later(diary, at, (first, due - 1) if in_time else (due + 1, due + 18), story)
        return found if done else None

    def _check_in(self, diary: Diary, at: datetime | None, completion: Completion) -> None:
        if at is None:
            return
        manager = self._cast.manager_of(diary.member, at.date())
        if manager is None or self._is_quiet(manager, at.date()):
            return
        statement = acts.checked_in(completion.training, diary.member.agent(), completion.statement)
        diary.write(at, {"actor": manager.agent(), **statement})

    def _is_quiet(self, member: Member, day: date) -> bool:
        """Tell whether somebody manages a team that sees nothing of their learning at that time."""
        team = self._cast.team_of(member, day)
        manages = self._cast.manager(team, day) is member
        return manages and chance(self._cast.script.story(team).example, self._cast.weeks_ago(day)) == 0

    def _example(self, story: Story) -> None:
        """Write what a team sees of its manager's learning."""
        for weeks_ago in range(WEEKS, -1, -1):
            monday = self._cast.week(weeks_ago)
            diary = self._diaries[self._cast.manager(story.team, monday).name]
            if not diary.happens(chance(story.example, weeks_ago)):
                continue
            at = diary.moment(monday + diary.random.randrange(5) * _DAY, "office")
            colleagues = [one for one in self._cast.members if one.team == story.team and one is not diary.member]
            key, name = diary.one_of(list(words.ARTICLES.items()))
            article = acts.shared_article(key, name)
            share = self._write(
                diary, at, diary.one_of((article, article, acts.coached(diary.one_of(colleagues).agent())))
            )
            if at and share:
                self._shares.append((diary.member, at, share))

    def _assignments(self, diary: Diary, story: Story, monday: date) -> None:
        manager = self._cast.manager_of(diary.member, monday)
        for number in range(story.assigned if manager else 0):
            key, name = diary.one_of(list(words.ASSIGNMENTS.items()))
            at = diary.moment(monday, "office")
            thing = f"{PLATFORM}/tasks/{key}-{monday:%Y%m}-{number}"
            if at and manager:
                self._write(diary, at + number * _MINUTE, acts.assigned(thing, name, manager.agent()))

    def _goals(self, diary: Diary) -> None:
        story = self._cast.script.story(diary.member.team)
        if not diary.happens(story.own_goals):
            return
        place = diary.random.randrange(len(words.GOALS["nl"]))
        name = {language: texts[place] for language, texts in words.GOALS.items()}
        goal = tools.activity(f"{PLATFORM}/goals/{diary.new_id()[:8]}", tools.GOAL, name)
        begun = diary.random.randint(12, 22)
        for weeks, statement in ((0, acts.set_goal(goal)), (4, acts.moved_goal(goal)), (9, acts.reached_goal(goal))):
            if weeks < 9 or diary.happens(0.6):
                self._write(diary, diary.moment(self._cast.week(begun - weeks), "office"), statement)

    def _applause(self) -> None:
        for who, at, share in self._shares:
            for colleague in self._cast.members:
                diary = self._diaries[colleague.name]
                story = self._cast.script.story(colleague.team)
                if colleague.team == who.team and colleague is not who and diary.happens(story.likes / 4):
                    self._write(diary, self._later(diary, at, (0, 3), story), acts.liked(share))

    def _mistakes(self) -> None:
        """Write that people attended what they didn't, as a wrong list said, and take it back."""
        keeper = self._diaries[self._cast.with_role("learning").name]
        for member in Random(f"{self._seed}/mistakes").sample(self._cast.members[6:], _MISTAKES):
            diary = self._diaries[member.name]
            key, training = diary.one_of(
                [(k, t) for k, t in self._cast.script.trainings.items() if t.tool == "webinar"]
            )
            about = tools.training_activity(key, training)
            at = diary.moment(self._cast.week(diary.random.randint(5, 20)), "office")
            (statement,) = tools.outcome("webinar", tools.Attempt(about, True, 1.0, 3600, diary.new_id(), None))
            wrong = self._write(diary, at, statement)
            # Also if the mistake comes late, it comes before what takes it back.
            self._write(keeper, at and at + 19 * _DAY, acts.voided(wrong))

    def _waivers(self) -> None:
        """Write that who is away for long needn't follow up."""
        keeper = self._diaries[self._cast.with_role("learning").name]
        for member in self._cast.members:
            if member.special.long_leave is None:
                continue
            story = self._cast.script.story(member.team)
            key = next(key for key, week in story.trainings.items() if week > member.special.long_leave[0])
            about = tools.training_activity(key, self._cast.script.trainings[key])
            at = keeper.moment(self._cast.week(member.special.long_leave[0]), "office")
            self._write(keeper, at, acts.waived(about, member.agent()))

"""One person, as who may see them sees them: follow-ups and rhythm; one follow-up; one week."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from lrs.dashboard import me
from lrs.dashboard.dashboard import Shown, View
from lrs.dashboard.visitor import Visitor
from lrs.insights import follow_ups, people, statements, streaks
from lrs.insights.activities import names_of
from lrs.insights.answer import Named
from lrs.insights.follow_ups import FollowUp
from lrs.insights.question import vocabulary_of
from lrs.insights.reading import Found
from lrs.insights.snapshot import Snapshot
from lrs.insights.statements import Said
from lrs.problem import Problem


def person(who: UUID) -> View:
    """Show somebody."""

    def show(snapshot: Snapshot, visitor: Visitor) -> Shown:
        found = _named(snapshot, who)
        if found.id == visitor.me:
            return me.show(snapshot, visitor)
        return Shown("me.html", {**me.about(snapshot, found.id), "whose": found})

    return show


def follow_up(who: UUID, plan: UUID) -> View:
    """Show one follow-up: its steps, what decided them, and what a good check-in asks."""

    def show(snapshot: Snapshot, visitor: Visitor) -> Shown:
        found: FollowUp | None = snapshot.item(follow_ups.ONE, person=who, plan=plan)
        if found is None:
            raise Problem(404, "there is no such follow-up")
        own = found.person.id == visitor.me
        check_in = next((step for step in found.steps if step.name == "check-in"), None)
        names = names_of(snapshot, [found.training])
        return Shown("follow_up.html", {"plan": found, "own": own, "check_in": check_in, "names": names})

    return show


def list_of_follow_ups(snapshot: Snapshot, _: Visitor, found: Found) -> Shown:
    """Show follow-ups, those that filters in the address ask for."""
    plans: Sequence[FollowUp] = found.items
    return Shown("follow_ups.html", {"plans": plans, "names": names_of(snapshot, (plan.training for plan in plans))})


def week(who: UUID, monday: str) -> View:
    """Show a week of somebody: the statements that made it what it is."""

    def show(snapshot: Snapshot, visitor: Visitor) -> Shown:
        detail = snapshot.item(streaks.ONE, person=who)
        found = next((one for one in detail.weeks if one.week == _day(monday)), None) if detail else None
        if found is None:
            raise Problem(404, "nothing is known of this week")
        whose: Named = detail.streak.person
        said = of(snapshot, found.evidence) if visitor.opens(whose.id) else []
        names = names_of(snapshot, (one.object for one in said))
        return Shown("week.html", {"whose": whose, "week": found, "said": said, "names": names})

    return show


def of(snapshot: Snapshot, ids: Sequence[UUID]) -> list[Said]:
    """Give these statements in short."""
    question = snapshot.question(statements.LIST)
    messages = snapshot.store.log.of(snapshot.rows, ids, 2**63 - 1)
    return statements.in_short(question, messages, vocabulary_of(snapshot.rows))


def _named(snapshot: Snapshot, who: UUID) -> Named:
    found: Any = snapshot.item(people.ONE, person=who)
    if found is not None:
        return Named(found.person.id, found.person.name)
    # Somebody of whom there are statements, and whom the organisation doesn't know.
    return Named(snapshot.question(people.ONE, None, {"person": who}).person(), None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(404, "that is no day") from None

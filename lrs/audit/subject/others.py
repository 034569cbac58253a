"""Other people in somebody's statements: only as far as the statement needs them.

Who else was there belongs to what a statement says, so their names stay, if it gives them. How to reach or recognise
them elsewhere (mail address, account, OpenID, hash) is theirs: each is replaced by a number, the same wherever they
come again in the export. The authority stays: it is a program's credential. What people wrote in free text stays too.
"""

from collections.abc import Callable

from msgspec import UNSET, json

from lrs.statement import identity, is_identified, read
from schemas.xapi import Account, Actor, Context, Statement, SubStatement

SOMEBODY = "urn:vliegwiel:somebody"
"""Home page of the account that stands where somebody else is; its name is their number in the export."""
_encode = json.Encoder().encode


class Others:
    """Writes statements for one person, without how others are known."""

    def __init__(self, is_subject: Callable[[str], bool]) -> None:
        """``is_subject`` tells by an identity whether it is the person's own."""
        self._is_subject = is_subject
        self._numbers: dict[str, int] = {}

    def without(self, text: bytes) -> bytes:
        """Give a statement (JSON) with others only as far as it needs them."""
        statement = read(text)
        self._event(statement)
        return _encode(statement)

    def _event(self, event: Statement | SubStatement) -> None:
        event.actor = self._person(event.actor)
        if isinstance(event.object, SubStatement):
            self._event(event.object)
        elif isinstance(event.object, Actor):
            event.object = self._person(event.object)
        if event.context is not UNSET:
            self._context(event.context)

    def _context(self, context: Context) -> None:
        if context.instructor is not UNSET:
            context.instructor = self._person(context.instructor)
        if context.team is not UNSET:
            context.team = self._person(context.team)
        for around in context.context_agents or ():
            around.agent = self._person(around.agent)
        for group in context.context_groups or ():
            group.group = self._person(group.group)

    def _person(self, person: Actor) -> Actor:
        members = person.member
        if members is not UNSET:
            members = [self._person(member) for member in members]
        shown = Actor(
            object_type=person.object_type,
            name=person.name,
            mbox=person.mbox,
            mbox_sha1sum=person.mbox_sha1sum,
            openid=person.openid,
            account=person.account,
            member=members,
        )
        if not is_identified(person):
            return shown
        who = identity(person)
        if self._is_subject(who):
            return shown
        number = self._numbers.setdefault(who, len(self._numbers) + 1)
        return Actor(
            object_type=person.object_type,
            name=person.name,
            account=Account(SOMEBODY, str(number)),
            member=members,
        )

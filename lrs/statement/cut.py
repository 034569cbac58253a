"""Cutting other people out of a statement's JSON, so that each can be sealed, and forgotten, by themselves.

A cut person leaves the byte 0xFF. An identified Group with members leaves 0xFF for what names the Group, and then its
members between two bytes 0xFE, each member cut by itself: who is in a Group can then be forgotten without the Group,
and the other way round. Neither byte ever occurs in UTF-8, so the cuts can't be confused with anything a sender wrote.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Raw, Struct, json

from lrs.statement.actor import identity, is_identified
from schemas.xapi import Activity, Actor, Context, Statement, SubStatement

CUT = b"\xff"
MEMBERS = b"\xfe"

encode = json.Encoder().encode


class Mention(Struct, frozen=True):
    """Another person (or identified Group) in a statement, and the JSON cut out for them."""

    identity: str
    text: bytes


def cut(statement: Statement, actor: str) -> tuple[bytes, tuple[Mention, ...]]:
    """Encode a statement without the people in it other than its actor; the authority stays."""
    if statement.actor.member is UNSET and type(statement.object) is Activity and not _has_people(statement.context):
        return encode(statement), ()
    scissors = _Scissors(actor)
    try:
        scissors.event(statement)
        return encode(statement), tuple(scissors.mentions)
    finally:
        scissors.undo()


def join(text: bytes, mentions: Sequence[bytes]) -> bytes:
    """Put people back where they were cut out, in order. A stand-in for somebody forgotten is a non-empty object."""
    head, *rest = text.split(CUT)
    if len(rest) != len(mentions):
        raise ValueError(f"{len(rest)} cuts, but {len(mentions)} people to put back")
    joined = [head]
    for mention, part in zip(mentions, rest, strict=True):
        if part.startswith(MEMBERS):
            joined += (mention[:-1], b',"member":', part[1:].replace(MEMBERS, b"}"))
        else:
            joined += (mention, part.replace(MEMBERS, b"}"))
    return b"".join(joined)


def _has_people(context: Any) -> bool:
    return context is not UNSET and not (
        context.instructor is UNSET
        and context.team is UNSET
        and context.context_agents is UNSET
        and context.context_groups is UNSET
    )


class _Scissors:
    """Puts marks in the place of people, in the order in which the encoder will come by, and takes them out again."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self.mentions: list[Mention] = []
        self._before: list[tuple[Any, str, Any]] = []

    def event(self, event: Statement | SubStatement) -> None:
        """Cut the people of a statement or SubStatement."""
        self._person(event, "actor")
        if isinstance(event.object, SubStatement):
            self.event(event.object)
        elif isinstance(event.object, Actor):
            self._person(event, "object")
        if event.context is not UNSET:
            self._context(event.context)

    def undo(self) -> None:
        """Leave the statement as it was."""
        for holder, name, value in reversed(self._before):
            setattr(holder, name, value)

    def _context(self, context: Context) -> None:
        if context.instructor is not UNSET:
            self._person(context, "instructor")
        if context.team is not UNSET:
            self._person(context, "team")
        for around in context.context_agents or ():
            self._person(around, "agent")
        for group in context.context_groups or ():
            self._person(group, "group")

    def _person(self, holder: Any, name: str) -> None:
        person: Actor = getattr(holder, name)
        if (mark := self._cut(person)) is not None:
            self._set(holder, name, mark)

    def _cut(self, person: Actor) -> Raw | None:
        """Cut a person; None if they stay where they are, though perhaps with members cut."""
        who = identity(person)
        members = person.member
        if who == self.actor or not is_identified(person):
            self._members(person)
            return None
        if members is UNSET:
            self.mentions.append(Mention(who, encode(person)))
            return Raw(CUT)
        self._set(person, "member", UNSET)
        self.mentions.append(Mention(who, encode(person)))
        self._set(person, "member", members)
        self._members(person)
        return Raw(CUT + MEMBERS + encode(person.member) + MEMBERS)

    def _members(self, group: Actor) -> None:
        if group.member is UNSET:
            return
        kept: list[Any] = []
        for member in group.member:
            mark = self._cut(member)
            kept.append(member if mark is None else mark)
        self._set(group, "member", kept)

    def _set(self, holder: Any, name: str, value: Any) -> None:
        self._before.append((holder, name, getattr(holder, name)))
        setattr(holder, name, value)

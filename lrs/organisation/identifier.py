"""How people write who somebody is, on a command line and in the cells of a table."""

import re

from msgspec import UNSET

from lrs.statement import Invalid
from lrs.statement.actor import check_agent, identity, is_identified
from schemas.xapi import Account, Actor

HOW = "ann@example.org, mailto:ann@example.org, account:https://lms.example ann, mbox_sha1sum:… or openid:https://…"
_KINDS = {"mbox": "mbox", "mailto": "mbox", "mbox_sha1sum": "sha1", "openid": "openid", "account": "account"}
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")


def parse_identifier(text: str) -> str:
    """Give the identity that a text names: ``HOW`` shows the forms. ValueError says what is wrong."""
    kind, colon, rest = text.strip().partition(":")
    if colon and kind.lower() in _KINDS:
        return identity_of(**{_KINDS[kind.lower()]: rest})
    if " " in text.strip():
        return identity_of(account=text)
    if "@" in text:
        return identity_of(mbox=text)
    if _SHA1.fullmatch(text.strip()):
        return identity_of(sha1=text)
    raise ValueError(f"{text!r} is no identifier: write {HOW}")


def identity_of(*, mbox: str = "", sha1: str = "", openid: str = "", account: str = "") -> str:
    """Give the identity of one identifier as a cell has it; ValueError says what is wrong."""
    if mbox:
        address = mbox.strip()
        return _identity(Actor(mbox=address if address.startswith("mailto:") else f"mailto:{address}"))
    if sha1:
        return _identity(Actor(mbox_sha1sum=sha1.strip()))
    if openid:
        return _identity(Actor(openid=openid.strip()))
    home_page, space, name = account.strip().partition(" ")
    if not space:
        raise ValueError(
            f"{account!r} is no account: write its home page, a space, and the name: https://lms.example ann"
        )
    return _identity(Actor(account=Account(home_page, name.strip())))


def identity_of_actor(actor: Actor) -> str:
    """Give the identity of an Agent with exactly one identifier; ValueError says what is wrong."""
    if not is_identified(actor):
        raise ValueError("needs exactly one of mbox, mbox_sha1sum, openid or account")
    return _identity(actor)


def actor_of(who: str) -> Actor:
    """Give the Agent with an identity."""
    kind, _, value = who.partition(":")
    match kind:
        case "mbox":
            return Actor(mbox=value)
        case "mbox_sha1sum":
            return Actor(mbox_sha1sum=value)
        case "openid":
            return Actor(openid=value)
    home_page, _, name = value.partition(" ")
    return Actor(account=Account(home_page, name))


def shown_identifier(who: str) -> str:
    """Give an identity as people write it."""
    return who.removeprefix("mbox:mailto:").removeprefix("account:")


def _identity(actor: Actor) -> str:
    if actor.object_type is not UNSET and actor.object_type != "Agent":
        raise ValueError("a person is an Agent, not a Group")
    try:
        check_agent(actor)
    except Invalid as error:
        raise ValueError(str(error)) from None
    return identity(actor)

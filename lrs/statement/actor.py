"""Who: Agents, Groups and the one identifier by which each is known (1.0.3 Data 2.4.2)."""

from hashlib import sha256

from msgspec import UNSET

from lrs.errors import shown
from lrs.known import remembered
from lrs.statement import formats
from lrs.statement.errors import Invalid
from schemas.xapi import Account, Actor

_IDENTIFIERS = "mbox, mbox_sha1sum, openid or account"


def check_actor(actor: Actor) -> None:
    """Check an Agent or a Group."""
    if actor.object_type == "Group":
        check_group(actor)
    else:
        check_agent(actor)


def check_agent(agent: Actor) -> None:
    """Check an Agent: exactly one identifier, no members."""
    if agent.object_type == "Group":
        raise Invalid("objectType", "must be 'Agent' here, not 'Group'")
    if agent.member is not UNSET:
        raise Invalid("member", "only a Group has members: set objectType to 'Group'")
    if _identifiers(agent) != 1:
        raise Invalid("", f"an Agent needs exactly one of {_IDENTIFIERS}")


def check_group(group: Actor) -> None:
    """Check a Group: identified by one identifier, or anonymous with members; members are Agents."""
    if group.object_type != "Group":
        raise Invalid("objectType", "must be 'Group' here")
    count = _identifiers(group)
    members = group.member
    if count > 1:
        raise Invalid("", f"a Group has at most one of {_IDENTIFIERS}")
    if members is UNSET or not members:
        if count == 0:
            raise Invalid("member", f"a Group without {_IDENTIFIERS} must list its members")
        return
    place = 0
    try:
        for place, member in enumerate(members):  # noqa: B007 the place is wanted where it went wrong
            check_agent(member)
    except Invalid as error:
        error.within(f"member[{place}]")
        raise


def check_authority(authority: Actor) -> None:
    """Check who asserts: an Agent, or application and user as an anonymous Group of two (1.0.3 Data 2.4.9)."""
    if authority.object_type != "Group":
        check_agent(authority)
        return
    check_group(authority)
    if is_identified(authority):
        raise Invalid("", "an authority that is a Group has no identifier of its own, only two members")
    if authority.member is UNSET or len(authority.member) != 2:
        raise Invalid("member", "must hold exactly two Agents: the application and the user")


def _identifiers(actor: Actor) -> int:
    """Check each identifier there is, and count them."""
    count = 0
    if (mbox := actor.mbox) is not UNSET:
        count = 1
        if not formats.mailto(mbox):
            raise Invalid("mbox", f"{shown(mbox)} is not 'mailto:' and an e-mail address")
    if (account := actor.account) is not UNSET:
        count += 1
        _check_account(account)
    if (digest := actor.mbox_sha1sum) is not UNSET:
        count += 1
        if not formats.sha1(digest):
            raise Invalid("mbox_sha1sum", f"{shown(digest)} is not a SHA-1 hash of 40 hexadecimal digits")
    if (openid := actor.openid) is not UNSET:
        count += 1
        if not formats.uri(openid):
            raise Invalid("openid", f"{shown(openid)} is not a URI with a scheme")
    return count


def _check_account(account: Account) -> None:
    if not formats.iri(account.home_page):
        raise Invalid("account.homePage", f"{shown(account.home_page)} is not an IRL with a scheme (https://…)")
    if not account.name:
        raise Invalid("account.name", "must not be empty: it tells people on the same home page apart")


def is_identified(actor: Actor) -> bool:
    """Tell if the actor carries an identifier of its own."""
    return not (
        actor.mbox is UNSET and actor.account is UNSET and actor.mbox_sha1sum is UNSET and actor.openid is UNSET
    )


def identity(actor: Actor) -> str:
    """Name a person or identified Group by the identifier in canonical form; an anonymous Group by its members.

    ``mbox:mailto:a@b.c`` (domain in lower case), ``mbox_sha1sum:<lower hex>``, ``openid:<uri>``,
    ``account:<homePage> <name>``, or ``group:`` and the SHA-256 of the members' sorted identities.
    """
    if (mbox := actor.mbox) is not UNSET:
        return _mbox_identity(mbox)
    if (account := actor.account) is not UNSET:
        return f"account:{account.home_page} {account.name}"
    if (digest := actor.mbox_sha1sum) is not UNSET:
        return f"mbox_sha1sum:{digest.lower()}"
    if (openid := actor.openid) is not UNSET:
        return f"openid:{openid}"
    members = sorted(identity(member) for member in actor.member or ())
    return f"group:{sha256(chr(10).join(members).encode()).hexdigest()}"


@remembered
def _mbox_identity(mbox: str) -> str:
    # Only the domain is case-insensitive (1.0.3 Data 2.4.2.3).
    local, at, domain = mbox.rpartition("@")
    return f"mbox:{local}{at}{domain.lower()}"

"""What a credential may do: xAPI's scopes, and finer ones for reading, insights, accountability and administration.

Source: xAPI 1.0.3 Part Three, 4.2 "OAuth 1.0 Authorization Scope". The specification's ``state`` and ``profile`` cover
reading and writing while its ``all/read`` reads everything and writes nothing, so reading documents has names of its
own: ``state/read`` and ``profile/read``. Insights are told from the statements, so ``all/read`` reads them too;
``insights/read`` is for dashboards that may show figures of groups and nobody's name. Administration is never implied
by ``all``: a content tool that may do everything with data must not be able to make credentials, nor to say who
manages whom. Neither is accountability (``audit/read``, ``privacy``), by anything: replaying somebody's history and
erasing it are for those who were asked to.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, TypeGuard, get_args

Scope = Literal[
    "statements/write",
    "statements/read/mine",
    "statements/read",
    "state",
    "state/read",
    "define",
    "profile",
    "profile/read",
    "insights/read",
    "insights/read/people",
    "all/read",
    "all",
    "audit/read",
    "privacy",
    "organisation",
    "admin",
    "admin/stores",
]

SCOPES: dict[Scope, str] = {
    "statements/write": "write statements",
    "statements/read/mine": "read the statements this authority wrote",
    "statements/read": "read all statements of the store",
    "state": "read and write State documents",
    "state/read": "read State documents",
    "define": "define activities by the statements written",
    "profile": "read and write Activity and Agent Profile documents",
    "profile/read": "read Activity and Agent Profile documents",
    "insights/read": "read figures of groups; nothing about single persons",
    "insights/read/people": "read all insights of the store, persons by name",
    "all/read": "read everything in the store",
    "all": "read and write everything in the store",
    "audit/read": "replay learning histories, and get proofs and bundles of them",
    "privacy": "export what is held about a person, erase a person, set how long statements are kept",
    "organisation": "manage the store's people, teams, policy and vocabulary",
    "admin": "manage the store's credentials; nothing of the data",
    "admin/stores": "create and list stores; nothing of their data",
}
"""Each scope and what it allows, in words."""

_IMPLIES: dict[Scope, tuple[Scope, ...]] = {
    "statements/read": ("statements/read/mine",),
    "state": ("state/read",),
    "profile": ("profile/read",),
    "insights/read/people": ("insights/read",),
    "all/read": ("statements/read", "state/read", "profile/read", "insights/read/people"),
    "all": ("all/read", "statements/write", "state", "define", "profile"),
}


def is_scope(text: str) -> TypeGuard[Scope]:
    """Tell whether this is a scope's name."""
    return text in get_args(Scope)


@lru_cache(maxsize=1024)
def rights(scopes: frozenset[Scope]) -> frozenset[Scope]:
    """Give all that these scopes allow: themselves and what they imply, all the way down."""
    found: set[Scope] = set()
    todo: list[Scope] = list(scopes)
    while todo:
        scope = todo.pop()
        if scope not in found:
            found.add(scope)
            todo.extend(_IMPLIES.get(scope, ()))
    return frozenset(found)


def ordered(scopes: Iterable[Scope]) -> list[Scope]:
    """Give scopes in the order of the list above, each once."""
    chosen = set(scopes)
    return [scope for scope in SCOPES if scope in chosen]

"""Which scope implies which, written out."""

import pytest

from lrs.credential import SCOPES, Scope
from lrs.credential.scope import ordered, rights

TABLE: dict[Scope, set[Scope]] = {
    "statements/write": set(),
    "statements/read/mine": set(),
    "statements/read": {"statements/read/mine"},
    "state": {"state/read"},
    "state/read": set(),
    "define": set(),
    "profile": {"profile/read"},
    "profile/read": set(),
    "insights/read": set(),
    "insights/read/people": {"insights/read"},
    "all/read": {
        "statements/read",
        "statements/read/mine",
        "state/read",
        "profile/read",
        "insights/read",
        "insights/read/people",
    },
    "all": set(SCOPES) - {"all", "audit/read", "privacy", "organisation", "admin", "admin/stores"},
    "audit/read": set(),
    "privacy": set(),
    "organisation": set(),
    "admin": set(),
    "admin/stores": set(),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_implications(scope: Scope) -> None:
    assert rights(frozenset({scope})) == {scope} | TABLE[scope]


def test_several_scopes_add_up() -> None:
    assert rights(frozenset({"statements/write", "state"})) == {"statements/write", "state", "state/read"}


def test_order_is_the_list_s() -> None:
    assert ordered(["all", "define", "define", "statements/write"]) == ["statements/write", "define", "all"]

"""What somebody is here, as their organisation's sign-in says."""

from typing import Literal, TypeGuard, get_args

Role = Literal["learner", "manager", "lnd", "auditor", "privacy", "admin"]

ROLES: dict[Role, str] = {
    "learner": "sees themselves; everybody who signs in is one",
    "manager": "sees the people of the teams they manage now, and of the teams below those",
    "lnd": "learning and development: sees everybody in the store",
    "auditor": "sees everybody, may open the statements that are the evidence, and replays histories",
    "privacy": "privacy officer: exports what is held about a person, erases, sets how long statements are kept",
    "admin": "sees all that an auditor sees",
}
"""Each role and what it sees, in words."""


def is_role(text: str) -> TypeGuard[Role]:
    """Tell whether this is a role's name."""
    return text in get_args(Role)

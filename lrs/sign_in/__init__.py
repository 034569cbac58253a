"""Who people are: sign-in by any OpenID Connect provider, and the roles it gives.

What speaks HTTP is imported from ``sign_in``, ``session`` and ``pages`` themselves: the command line does without.
"""

from lrs.sign_in.link import Links
from lrs.sign_in.person import Person
from lrs.sign_in.role import ROLES, Role
from lrs.sign_in.token_seal import TokenSeal, stored_secret

__all__ = ["ROLES", "Links", "Person", "Role", "TokenSeal", "stored_secret"]

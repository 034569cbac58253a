"""Who people are: sign-in by any OpenID Connect provider, and the roles it gives."""

from lrs.sign_in.link import Links
from lrs.sign_in.pages import refuse_forged, sign_in_pages
from lrs.sign_in.person import Person
from lrs.sign_in.role import ROLES, Role
from lrs.sign_in.seal import Seal, stored_secret
from lrs.sign_in.session import Session
from lrs.sign_in.sign_in import SignIn

__all__ = [
    "ROLES",
    "Links",
    "Person",
    "Role",
    "Seal",
    "Session",
    "SignIn",
    "refuse_forged",
    "sign_in_pages",
    "stored_secret",
]

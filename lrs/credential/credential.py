"""Who a request comes from and what it may do."""

from datetime import datetime

from msgspec import Struct

from lrs.credential.scope import Scope, rights
from schemas.xapi import Actor


class Credential(Struct, frozen=True):
    """A credential as the rest of the program sees it: without its secret."""

    key: str
    store: str
    scopes: frozenset[Scope]
    authority: Actor
    label: str
    expires: datetime | None

    def allows(self, scope: Scope) -> bool:
        """Tell whether this credential's scopes include or imply ``scope``."""
        return scope in rights(self.scopes)

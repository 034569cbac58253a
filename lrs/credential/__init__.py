"""Stores and the credentials that open them: who a request comes from and what it may do."""

from lrs.credential.credential import Credential
from lrs.credential.credentials import Credentials
from lrs.credential.errors import Expired, Revoked
from lrs.credential.first import First, ensure_first_credential, ensure_store
from lrs.credential.registry import Handed, Registry
from lrs.credential.scope import SCOPES, Scope
from lrs.credential.secret import Secret
from lrs.credential.summary import CredentialSummary, StoreSummary

__all__ = [
    "SCOPES",
    "Credential",
    "CredentialSummary",
    "Credentials",
    "Expired",
    "First",
    "Handed",
    "Registry",
    "Revoked",
    "Scope",
    "Secret",
    "StoreSummary",
    "ensure_first_credential",
    "ensure_store",
]

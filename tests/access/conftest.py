"""A house, and a store of one's own."""

from tests.insights.conftest import oidc, quiet
from tests.store.conftest import migrated_url

__all__ = ["migrated_url", "oidc", "quiet"]

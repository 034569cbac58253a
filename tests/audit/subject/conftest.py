"""A house to export from."""

from tests.insights.conftest import oidc, quiet

__all__ = ["oidc", "quiet"]

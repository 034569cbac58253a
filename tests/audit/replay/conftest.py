"""A world to replay, and servers that answer."""

from tests.consumers.conftest import world
from tests.insights.conftest import oidc, quiet

__all__ = ["oidc", "quiet", "world"]

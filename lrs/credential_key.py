"""What the key of a credential may be: fit for Basic authentication, a path and a command line."""

from typing import Final

PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._~@+-]{0,99}"
RULE: Final = "up to 100 letters, digits or . _ ~ @ + - that begin with a letter or digit"
"""The pattern in words."""

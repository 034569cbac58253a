"""Kinds of terms that more rooms than the index look for."""

from typing import Final

AGENT: Final = "agent"
RELATED_AGENT: Final = "related agent"
CONTEXT_STATEMENT: Final = "context statement"
OF_PERSONS: Final = (AGENT, RELATED_AGENT)
"""Those whose value is a person's identity."""

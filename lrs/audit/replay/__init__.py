"""Replays a learning history: each event, what it was taken to mean, and what it changed."""

from lrs.audit.replay.event import Event
from lrs.audit.replay.replay import Replay, Span

__all__ = ["Event", "Replay", "Span"]

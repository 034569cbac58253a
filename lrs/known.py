"""What is remembered: the same verbs, people and scores come back in statement after statement."""

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=str | bytes)
Outcome = TypeVar("Outcome")
_MOST = 16_384
"""Values each function remembers: the vocabulary of a large store, some megabytes."""
_LONGEST = 512
"""Longer values aren't remembered, so that nobody can fill memory with them."""


class _Known(dict[Value, Outcome], Generic[Value, Outcome]):
    """What is known is found without running any Python, two dozen times in each statement."""

    def __init__(self, work_out: Callable[[Value], Outcome]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, value: Value) -> Outcome:
        outcome = self._work_out(value)
        if len(value) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[value] = outcome
        return outcome


def remembered(function: Callable[[Value], Outcome]) -> Callable[[Value], Outcome]:
    """Remember what a function gives. What it raises is worked out, and raised, each time."""
    return _Known(function).__getitem__

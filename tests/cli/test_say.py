"""What is told of what runs."""

import io
import sys

import pytest

from lrs.cli.say import say


class _Gone(io.StringIO):
    def write(self, _: str, /) -> int:
        raise BrokenPipeError


def test_a_reader_who_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Gone())
    say("Worker is back")

"""What functions remember: the outcome is theirs, and memory has an end."""

from decimal import Decimal

import pytest

from lrs import known


def test_an_outcome_is_worked_out_once() -> None:
    asked: list[str] = []

    @known.remembered
    def length(value: str) -> int:
        asked.append(value)
        return len(value)

    assert [length("one"), length("three"), length("one")] == [3, 5, 3]
    assert asked == ["one", "three"]


def test_equal_numbers_that_are_written_otherwise_are_told_apart() -> None:
    @known.remembered
    def read(text: str) -> Decimal:
        return Decimal(text)

    assert [str(read("1.0")), str(read("1.00"))] == ["1.0", "1.00"]


def test_an_error_is_raised_each_time() -> None:
    @known.remembered
    def number(text: str) -> int:
        return int(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="none"):
            number("none")


def test_long_values_are_worked_out_each_time() -> None:
    asked: list[str] = []
    ask = known.remembered(asked.append)
    for _ in range(2):
        ask("x" * 512)
        ask("x" * 513)
    assert [len(value) for value in asked] == [512, 513, 513]


def test_memory_is_emptied_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_MOST", 2)
    asked: list[str] = []
    ask = known.remembered(asked.append)
    for value in "abab" + "c" + "ab":
        ask(value)
    assert "".join(asked) == "abcab"

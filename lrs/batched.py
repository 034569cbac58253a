"""Cuts what there is much of into pieces."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give items so many at a time, as ``itertools.batched`` does from Python 3.12 on."""
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some

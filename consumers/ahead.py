"""Reads ahead: the next item is made in a thread while the one before is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Give the items of an iterator, of which one is made beforehand. Waiting for the database then costs no time."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as executor:
        coming = executor.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = executor.submit(next, items, None)
            yield item

"""Finds what goes round in circles."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")


def circles(above: Mapping[K, set[K]]) -> Iterator[list[K]]:
    """Give circles in a graph, none sharing a member with another; ``above`` are the ones over each."""
    left = {one: set(over) for one, over in above.items()}
    while _trim(left):
        one = next(iter(left))
        path: list[K] = []
        while one not in path:
            path.append(one)
            one = next(iter(left[one]))
        circle = path[path.index(one) :]
        yield circle
        for member in circle:
            del left[member]


def _trim(left: dict[K, set[K]]) -> bool:
    """Take away who has nobody above any more, until nobody is left or all are in a circle or below one."""
    below: dict[K, list[K]] = {}
    for one, over in left.items():
        over.difference_update([other for other in over if other not in left])
        for other in over:
            below.setdefault(other, []).append(one)
    free = [one for one, over in left.items() if not over]
    while free:
        gone = free.pop()
        del left[gone]
        for one in below.get(gone, ()):
            left[one].discard(gone)
            if not left[one]:
                free.append(one)
    return bool(left)

"""What can be asked for, and what comes of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from lrs.documentation import Field
from lrs.insights.asking import FORMAT, MOMENT, PAGE, sorting
from lrs.insights.caller import Caller
from lrs.insights.question import Question
from lrs.problem import Problem


class Found(NamedTuple):
    """A page of a list; ``after`` is its last row's place in the order, None if there is no next page."""

    items: Sequence[Any]
    after: tuple[Any, ...] | None = None


def sliced(question: Question, items: Sequence[Any]) -> Found:
    """Give a page of a list that was read as a whole."""
    begin = question.after[0] if question.after else 0
    end = begin + question.asked.limit
    return Found(items[begin:end], (end,) if end < len(items) else None)


class Reading(Struct, frozen=True, kw_only=True):
    """Something that can be asked for."""

    name: str
    path: str
    summary: str
    description: str
    item: type[Struct]
    """What the answer holds, once or in a list."""
    read: Callable[[Question], Found] | Callable[[Question], Any]
    """Gives a page of a list, or one item (None: there is none)."""
    many: bool = True
    about: Literal["persons", "figures", "teams"] = "persons"
    """Figures are of groups."""
    projections: tuple[str, ...] = ()
    """Whose tables it is read from; none: what is written with the log itself."""
    fields: Mapping[str, Field] = {}
    sorts: Mapping[str, str] = {}
    """Orders of a list and what they are by."""
    usual: str = ""
    """The order if none is asked for, with a minus in front if the largest come first."""
    line: type[Struct] | None = None
    """A line of CSV, if it isn't an item."""
    lines: Callable[[Any], Iterable[Struct]] | None = None
    example: Mapping[str, Any] | None = None
    """An item, for the description of the API."""

    def parameters(self) -> dict[str, Field]:
        """Give all query parameters it takes."""
        common = {**PAGE, **FORMAT, **MOMENT} if self.many else MOMENT
        return {**self.fields, **sorting(self.sorts, self.usual), **common}

    def admit(self, caller: Caller) -> None:
        """Refuse who may not ask this at all. Raises a Problem 403."""
        if self.about == "figures" and not caller.sees_figures:
            raise Problem(403, "figures of groups are for managers, L&D, auditors and administrators")
        if self.about == "persons" and not caller.sees_persons:
            raise Problem(403, "this is about persons: the credential needs the scope insights/read/people")

"""Which figures of groups may be shown, so that none tells about fewer people than a policy allows.

A figure is about a *cell*: a group (a team, a manager's people, everybody) and a training, or all trainings. A cell of
few people is withheld; and so is what would give it away by a difference: the other teams of a department, the other
trainings of a team.

How it is decided: figures that are told from each other by one thing alone make a *slice*: all groups over all
trainings, all groups for one training, all trainings of one group. Within a slice, all people who are in exactly the
same shown cells form an *atom*. Whatever is added up and subtracted from shown figures is about whole atoms; so as long
as no atom is of fewer people, nothing that can be computed is. Where one is, its smallest cell is withheld if that is
of fewer people; else the cells that tell it from a neighbour. A cell is shown if every slice it is in may show it. And
no group and no training differ in few people over all. The outcome depends on who is in which cell and not on what is
asked, so asking in different ways gives nothing away.

Not protected: sums over several groups less sums over several trainings; what differs between two answers at different
moments (somebody joined in between); what people learn who compare what each may see; groups in which all are alike
("all six are overdue").
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

EVERYBODY = "everybody"
"""The group that everybody is in. Its figure over all trainings counts as known: the trainings add up to it."""


class Part(NamedTuple):
    """What somebody adds to figures: in these groups, by one training."""

    person: UUID
    groups: Collection[str]
    training: str | None = None
    """None: figures aren't by training."""


class Cell(NamedTuple):
    """What a figure is about."""

    group: str
    training: str | None = None
    """None: all."""


Cells = frozenset[Cell]
_TOTAL = Cell(EVERYBODY)
_REMEMBERED = 8
"""Decisions remembered: the groups stay as they are while what people did in them changes."""


def shown(parts: Iterable[Part], smallest: int) -> Cells:
    """Give the cells whose figures may be shown; those that nobody adds to aren't among them."""
    return _decided(frozenset(Part(person, tuple(groups), training) for person, groups, training in parts), smallest)


@lru_cache(_REMEMBERED)
def _decided(parts: frozenset[Part], smallest: int) -> Cells:
    slices = _slices(parts)
    cells = {cell for slice_ in slices.values() for _, within in slice_ for cell in within}
    waiting = deque(slices)
    while waiting:
        name = waiting.popleft()
        known = [(person, within & cells) for person, within in slices[name]]
        lost = {cell for _, within in known for cell in within} - _shown_of_slice(known, smallest)
        if not waiting and not lost:
            lost = _alike(parts, cells, smallest)
        cells -= lost
        touched = {other for cell in lost for other in _slices_of(cell)}
        waiting.extend(other for other in slices if other in touched and other not in waiting)
    return frozenset(cells)


Slice = tuple[str, str | None]
"""What its figures have in common."""


def _slices(parts: Iterable[Part]) -> dict[Slice, list[tuple[UUID, Cells]]]:
    """Give for each slice the people in it, with their cells."""
    found: dict[Slice, list[tuple[UUID, Cells]]] = {}
    for person, groups, training in parts:
        totals = frozenset(map(Cell, groups))
        found.setdefault(("groups", None), []).append((person, totals))
        if training is not None:
            of_training = frozenset(Cell(group, training) for group in groups)
            found.setdefault(("training", training), []).append((person, of_training))
            for group in groups:
                of_group = frozenset((Cell(group, training), Cell(group)))
                found.setdefault(("group", group), []).append((person, of_group))
    return found


def _slices_of(cell: Cell) -> tuple[Slice, Slice]:
    return ("group", cell.group), ("groups", None) if cell.training is None else ("training", cell.training)


def _shown_of_slice(people: Iterable[tuple[UUID, Cells]], smallest: int) -> Cells:
    """Give the cells of a slice that may be shown, as far as it goes."""
    atoms = _Atoms(people)
    while small := atoms.smaller_than(smallest):
        for signature in small:
            if signature in atoms and len(atoms.people(signature)) < smallest:
                atoms.withhold(_cheapest(atoms, signature, smallest))
    return atoms.cells()


def _alike(parts: frozenset[Part], cells: Collection[Cell], smallest: int) -> set[Cell]:
    """Give the totals to withhold because one of the other kind is of the same parts, but for those of few people."""
    added: dict[Cell, set[tuple[UUID, str | None]]] = {}
    in_both: Counter[tuple[Cell, Cell]] = Counter()
    for person, groups, training in (one for one in parts if one.training is not None):
        of_training = Cell(EVERYBODY, training)
        totals = [Cell(group) for group in groups if group != EVERYBODY and Cell(group) in cells]
        for cell in (of_training, *totals):
            added.setdefault(cell, set()).add((person, training))
        in_both.update((total, of_training) for total in totals if of_training in cells)
    most = max(Counter(person for person, _ in {(one.person, one.training) for one in parts}).values(), default=0)
    lost: set[Cell] = set()
    for (total, of_training), both in in_both.items():
        sizes = len(added[total]), len(added[of_training])
        # That many parts are of enough people, whoever they are.
        if sum(sizes) - 2 * both < smallest * most:
            apart = {person for person, _ in added[total] ^ added[of_training]}
            if 0 < len(apart) < smallest:
                lost.add(total if sizes[0] <= sizes[1] else of_training)
    return lost


class _Atoms:
    """Who is in exactly the same cells."""

    def __init__(self, people: Iterable[tuple[UUID, Cells]]) -> None:
        self._people: dict[Cells, set[UUID]] = {}
        self._with: dict[Cell, set[Cells]] = {}
        members: dict[Cell, set[UUID]] = {}
        for person, cells in people:
            self._add(cells, {person})
            for cell in cells:
                members.setdefault(cell, set()).add(person)
        self.sizes = {cell: len(of_cell) for cell, of_cell in members.items()}

    def __contains__(self, signature: Cells) -> bool:
        return signature in self._people

    def people(self, signature: Cells) -> set[UUID]:
        return self._people[signature]

    def within(self, cell: Cell) -> set[Cells]:
        return self._with[cell]

    def cells(self) -> Cells:
        return frozenset(cell for cell, signatures in self._with.items() if signatures)

    def smaller_than(self, smallest: int) -> list[Cells]:
        found = [one for one, people in self._people.items() if one and len(people) < smallest]
        return sorted(found, key=lambda one: (len(self._people[one]), sorted(map(_order, one))))

    def withhold(self, cells: Collection[Cell]) -> None:
        for signature in {one for cell in cells for one in self._with[cell]}:
            people = self._people.pop(signature)
            for cell in signature:
                self._with[cell].discard(signature)
            self._add(signature.difference(cells), people)

    def _add(self, signature: Cells, people: set[UUID]) -> None:
        there = self._people.get(signature)
        if there is not None:
            there |= people
            return
        self._people[signature] = set(people)
        for cell in signature:
            self._with.setdefault(cell, set()).add(signature)


def _cheapest(atoms: _Atoms, signature: Cells, smallest: int) -> Collection[Cell]:
    """Give the cells to withhold so that this atom isn't told apart: those of fewest people, taken together."""
    least = min(signature, key=lambda cell: (atoms.sizes[cell], _order(cell)))
    if atoms.sizes[least] < smallest:
        return [least]
    choices = [signature ^ other for other in atoms.within(least) if other != signature]
    if _TOTAL not in signature or not choices:
        choices.append(signature)
    return min(choices, key=lambda cells: (sum(atoms.sizes[cell] for cell in cells), sorted(map(_order, cells))))


def _order(cell: Cell) -> tuple[bool, str, str]:
    """Parts before totals: of cells of as many people, a part is withheld rather."""
    return cell.training is None, cell.group, cell.training or ""

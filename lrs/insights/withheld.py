"""Which figures of groups may be shown, so that none tells about fewer people than a policy allows.

A figure is about a *cell*: a group (a team, a manager's people, everybody) and a training, or all trainings. A cell of
few people is withheld; and so is what would give it away by a difference: the other teams of a department, the other
trainings of a team.

How it is decided: figures that are told from each other by one thing alone make a *slice*: all groups over all
trainings, all groups for one training, all trainings of one group. Within a slice, all people who are in exactly the
same shown cells form an *atom*. Whatever is added up and subtracted from shown figures is about whole atoms; so as long
as no atom is of fewer people, nothing that can be computed is. Where one is, its smallest cell is withheld if that is
of fewer people; else the cells that tell it from a neighbour. A cell is shown if every slice it is in may show it. The
outcome depends on who is in which cell and not on what is asked, so asking in different ways gives nothing away.

Across slices: figures of different trainings are about different parts of people, so whatever is computed from figures
by training is, for each training, about whole atoms. What the total of a group adds is its *rest*: the total less its
shown trainings. Say somebody even knew every atom, and adds up rests, each so many times, and takes off atoms. Of two
people in one atom who are in other rests, that come to different numbers, one is left over at least; and so is one
in no atom whose rests don't come to nothing. So people are dealt into as many lots as a policy wants people, and a
total is shown only if in each lot by itself such pairs and people tell the rests that are shown from each other: no
sum of rests, however often each is taken, comes to nothing in any lot (their columns are linearly independent). Then at
least one person of each lot is left over, whatever is computed. A total that follows from what is shown is shown. That
is enough, and now and then more than is needed: how people are dealt decides.

Not protected: what differs between two answers at different moments (somebody joined in between); what people learn who
compare what each may see; groups in which all are alike ("all six are overdue").
"""

from collections import deque
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
_PRIME = 2**61 - 1
"""Columns are compared modulo a prime: what is independent so is independent."""
_REMEMBERED = 8
"""Decisions remembered: the groups stay as they are while what people did in them changes."""


def shown(parts: Iterable[Part], smallest: int) -> Cells:
    """Give the cells whose figures may be shown; those that nobody adds to aren't among them."""
    return _decided(frozenset(Part(person, tuple(groups), training) for person, groups, training in parts), smallest)


@lru_cache(_REMEMBERED)
def _decided(parts: frozenset[Part], smallest: int) -> Cells:
    slices = _slices(parts)
    cells = frozenset(cell for slice_ in slices.values() for _, within in slice_ for cell in within)
    waiting = deque(slices)
    while waiting:
        name = waiting.popleft()
        known = [(person, within & cells) for person, within in slices[name]]
        lost = {cell for _, within in known for cell in within} - _shown_of_slice(known, smallest)
        if not waiting and not lost:
            lost = _underivable(parts, cells, smallest)
        cells -= lost
        touched = {other for cell in lost for other in _slices_of(cell)}
        waiting.extend(other for other in slices if other in touched and other not in waiting)
    return cells


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


def _underivable(parts: frozenset[Part], cells: Cells, smallest: int) -> set[Cell]:
    """Give the totals to withhold because with figures of other groups or trainings they could tell about few."""
    of_trainings = [part for part in parts if part.training is not None]
    people: dict[str, set[UUID]] = {}
    rests: list[tuple[UUID, tuple[str | None, Cells], frozenset[str]]] = []
    for person, groups, training in of_trainings:
        within = frozenset(Cell(group, training) for group in groups) & cells
        rest = frozenset(one for one in groups if Cell(one) in cells and Cell(one, training) not in cells)
        rests.append((person, (training if within else None, within), rest))
        for group in groups:
            if Cell(group) in cells:
                people.setdefault(group, set()).add(person)
    everybody = _Columns(rests)
    lots = _lots(rests, smallest)
    some = [_Columns([one for one in rests if lots[one[0]] == lot]) for lot in range(smallest)]
    lost: set[Cell] = set()
    # Nobody asks for everybody's total, so it makes room for all others.
    for group in sorted(people, key=lambda one: (one == EVERYBODY, -len(people[one]), one)):
        if everybody.leads_to(group):
            continue
        if any(lot.leads_to(group) for lot in some):
            lost.add(Cell(group))
        else:
            for columns in (everybody, *some):
                columns.take(group)
    return lost


_Rest = tuple[UUID, tuple[str | None, Cells], frozenset[str]]
"""A person's part: who, the atom it is in (without cells: in none), and the groups whose rest it is in."""


def _lots(rests: Collection[_Rest], count: int) -> dict[UUID, int]:
    """Deal people out so that as many lots as possible have somebody of each kind; kinds of few people first."""
    kinds: dict[str, set[UUID]] = {}
    for person, (training, within), rest in rests:
        kind = repr((training, sorted(map(_order, within)), sorted(rest)))
        kinds.setdefault(kind, set()).add(person)
    lots: dict[UUID, int] = {}
    sizes = [0] * count
    for _, people in sorted(kinds.items(), key=lambda kind: (len(kind[1]), kind[0])):
        there = [0] * count
        for person in people & lots.keys():
            there[lots[person]] += 1
        for person in sorted(people - lots.keys()):
            lot = min(range(count), key=lambda one: (there[one], sizes[one]))
            lots[person] = lot
            there[lot] += 1
            sizes[lot] += 1
    return lots


class _Columns:
    """What totals of groups add to what is known, as far as some people go: a column for each, over their parts."""

    def __init__(self, rests: Iterable[_Rest]) -> None:
        self._columns: dict[str, dict[int, int]] = {}
        self._taken: dict[int, dict[int, int]] = {}
        first: dict[tuple[str | None, Cells], frozenset[str]] = {}
        rows: set[tuple[tuple[str | None, Cells], frozenset[str]]] = set()
        for _, atom, rest in rests:
            known = first.setdefault(atom, rest) if atom[1] else frozenset()
            if rest != known and (atom, rest) not in rows:
                for group in rest ^ known:
                    self._columns.setdefault(group, {})[len(rows)] = 1 if group in rest else -1
                rows.add((atom, rest))

    def leads_to(self, group: str) -> bool:
        """Tell whether this column is made of those taken."""
        return not self._left(group)

    def take(self, group: str) -> None:
        left = self._left(group)
        row = min(left)
        inverse = pow(left[row], -1, _PRIME)
        self._taken[row] = {one: value * inverse % _PRIME for one, value in left.items()}

    def _left(self, group: str) -> dict[int, int]:
        left = dict(self._columns.get(group, {}))
        for row, taken in self._taken.items():
            if times := left.get(row, 0):
                for one, value in taken.items():
                    if rest := (left.get(one, 0) - times * value) % _PRIME:
                        left[one] = rest
                    else:
                        left.pop(one, None)
        return left


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

"""The order of the list: each next bundle of moves gives back the most weighted key places per cost.

Some key places need several moves (two cameras that each see half of it, a redundancy of two): those moves form a
bundle, and its gain is shared out over the cost of the whole. Moves that share no open key place cannot influence
each other, so every connected group is ordered by itself and the groups are merged by gain per cost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations, permutations

from cammon.upgrades.moves import Move
from cammon.upgrades.table import Pair, Table

EXACT_UP_TO = 10
"""Groups of up to this many moves are searched whole; larger ones by the cheapest set for each key place."""
PERMUTED_UP_TO = 6
FREE = 1e-9
"""What a move without cost counts, so that gain per cost stays a number."""

Moves = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Moves that belong together, in the order of doing, with the pairs that they cover."""

    moves: Moves
    gained: frozenset[Pair]
    weight: float
    cost: float

    @property
    def density(self) -> float:
        """Weight gained per cost."""
        return self.weight / max(self.cost, FREE)

    @property
    def rank(self) -> tuple[float, int, float, Moves]:
        """Smaller is better: gain per cost, then fewer moves, then cheaper, then by name."""
        return (-round(self.density, 12), len(self.moves), self.cost, tuple(sorted(self.moves)))


@dataclass(frozen=True, slots=True)
class Group:
    """Key places and moves that hang together."""

    places: tuple[str, ...]
    moves: Moves


def ordered_bundles(table: Table, moves: Sequence[Move]) -> Iterator[Bundle]:
    """The bundles that gain anything, best first."""
    by_id = {move.id: move for move in moves}
    heads = []
    for group in groups(table):
        rest = _Search(group, table, by_id).bundles()
        if (first := next(rest, None)) is not None:
            heads.append((first.rank, first, rest))
    heapify(heads)
    while heads:
        _, bundle, rest = heappop(heads)
        yield bundle
        if (following := next(rest, None)) is not None:
            heappush(heads, (following.rank, following, rest))


def groups(table: Table) -> tuple[Group, ...]:
    """The connected groups of key places that some moves bring back, and the moves that reach them."""
    open_places = [place for place in table.places if table.reachable(place) - table.covered_at(place, ())]
    places_at: dict[str, list[str]] = {}
    for place in open_places:
        for move in table.moves_of(place):
            places_at.setdefault(move, []).append(place)
    left = dict.fromkeys(open_places)
    found = []
    while left:
        places = _connected(next(iter(left)), table, places_at)
        for place in places:
            left.pop(place)
        moves = {move for place in places for move in table.moves_of(place)}
        found.append(Group(tuple(sorted(places)), tuple(sorted(moves))))
    return tuple(found)


def _connected(start: str, table: Table, places_at: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    edge = [start]
    while edge:
        place = edge.pop()
        if place not in found:
            found.add(place)
            edge.extend(other for move in table.moves_of(place) for other in places_at[move])
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for bundles within one group."""

    group: Group
    table: Table
    by_id: Mapping[str, Move]

    def bundles(self) -> Iterator[Bundle]:
        """Best first, until no set of the moves left gains anything."""
        done: frozenset[str] = frozenset()
        while (best := self.best(done)) is not None:
            yield self.arranged(best, done)
            done |= set(best.moves)

    def best(self, done: frozenset[str]) -> Bundle | None:
        """The set of moves with the most weight gained per cost."""
        left = [move for move in self.group.moves if move not in done and not self.pointless(move, done)]
        sets = every_set(left) if len(left) <= EXACT_UP_TO else self.sets_by_place(left, done)
        bundles = (self.bundle(chosen, done) for chosen in sets)
        return min((bundle for bundle in bundles if bundle.weight > 0), key=lambda bundle: bundle.rank, default=None)

    def pointless(self, move: str, done: frozenset[str]) -> bool:
        """A camera that was replaced needs no cleaning, and no second replacement."""
        retired = {self.by_id[other].retires for other in done}
        return self.by_id[move].kind == "camera" and self.by_id[move].subject in retired

    def covered(self, done: Iterable[str]) -> frozenset[Pair]:
        """The pairs of this group that are covered after these moves."""
        return self.table.covered(self.group.places, frozenset(done))

    def cost(self, chosen: Iterable[str]) -> float:
        """What these moves cost."""
        return sum(self.by_id[move].cost for move in chosen)

    def bundle(self, chosen: Iterable[str], done: frozenset[str]) -> Bundle:
        """What these moves gain after those done; what a new lens no longer sees is taken off."""
        moves = tuple(sorted(chosen))
        before, after = self.covered(done), self.covered(done.union(moves))
        weight = self.table.weight(after - before) - self.table.weight(before - after)
        return Bundle(moves, after - before, weight, self.cost(moves))

    def sets_by_place(self, left: Sequence[str], done: frozenset[str]) -> list[Moves]:
        """Single moves, the cheapest sets for each open pair, and unions of those while they gain more per cost."""
        sets: set[Moves] = {(move,) for move in left}
        for place in self.group.places:
            sets.update(self.cheapest_sets(place, left, done))
        return sorted(sets | {self.grown(chosen, sets, done) for chosen in sets})

    def cheapest_sets(self, place: str, left: Sequence[str], done: frozenset[str]) -> list[Moves]:
        """For each period in which the place is open, the cheapest set of moves that covers it."""
        own = [move for move in self.table.moves_at[place] if move in left]
        known = [needed - done for needed, _ in self.table.needs.get(place, ()) if needed - done <= set(left)]
        sets = {*every_set(own), *(tuple(sorted(needed)) for needed in known)}
        missing = self.table.reachable(place) - self.table.covered_at(place, done)
        found = []
        for chosen in sorted(sets, key=lambda chosen: (self.cost(chosen), chosen)):
            if gained := missing & self.table.covered_at(place, done.union(chosen)):
                found.append(tuple(sorted(chosen)))
                missing -= gained
        return found

    def grown(self, chosen: Moves, sets: Iterable[Moves], done: frozenset[str]) -> Moves:
        """This set, widened by overlapping ones as long as that gains more per cost."""
        best = self.bundle(chosen, done)
        overlapping = [other for other in sets if set(other) & set(chosen) and other != chosen]
        for other in sorted(overlapping, key=lambda other: (len(other), other)):
            wider = self.bundle({*best.moves, *other}, done)
            if wider.rank < best.rank:
                best = wider
        return best.moves

    def arranged(self, bundle: Bundle, done: frozenset[str]) -> Bundle:
        """The bundle with its moves in the order that gives back most, soonest."""
        if len(bundle.moves) > PERMUTED_UP_TO:
            order = tuple(sorted(bundle.moves, key=lambda move: (self.by_id[move].cost, move)))
        else:
            order = min(permutations(bundle.moves), key=lambda order: self.waiting(order, done))
        return Bundle(order, bundle.gained, bundle.weight, bundle.cost)

    def waiting(self, order: Moves, done: frozenset[str]) -> tuple[float, Moves]:
        """Weight still missing, times the money spent while it is missing."""
        target = self.table.weight(self.covered(done.union(order)))
        waiting = 0.0
        for count, move in enumerate(order):
            missing = target - self.table.weight(self.covered(done.union(order[:count])))
            waiting += missing * self.by_id[move].cost
        return (round(waiting, 9), order)


def every_set(moves: Sequence[str]) -> Iterator[Moves]:
    """Every non-empty set of these moves, the smallest first."""
    for size in range(1, len(moves) + 1):
        yield from combinations(moves, size)

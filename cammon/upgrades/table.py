"""Which key places are covered after which set of moves: one small truth table for each key place.

A key place depends only on the moves whose cameras reach it. Moves that share a key place get different colours; one
question to the coverage for each set of colours then fills the tables of all key places at once. With at most four
moves to a place that is sixteen questions for a whole site, however many cameras are down.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from cammon.upgrades.model import Coverage, OpenFault
from cammon.upgrades.moves import Move, sights_after
from cammon_coverage.model import Period, Sight

Pair = tuple[str, Period]
"""A key place in one period."""
MAX_COLOURS = 8
"""2 ** 8 questions in two periods are the most that one list may cost."""


@dataclass(frozen=True, slots=True)
class Table:
    """For each key place the moves that matter to it, and the periods in which each set of them covers it.

    `needs`: for places that more moves reach than a table holds, sets of moves that are known to cover them.
    """

    moves_at: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, Mapping[frozenset[str], frozenset[Period]]]
    weights: Mapping[str, float]
    needs: Mapping[str, tuple[tuple[frozenset[str], Period], ...]] = field(default_factory=dict)

    def covered_at(self, place: str, done: Iterable[str]) -> frozenset[Period]:
        """The periods in which the place is covered once the moves of these ids are done."""
        known = frozenset(done)
        periods = self.answers[place][known.intersection(self.moves_at[place])]
        return periods.union(period for needed, period in self.needs.get(place, ()) if needed <= known)

    def reachable(self, place: str) -> frozenset[Period]:
        """The periods in which any set of moves covers the place."""
        needed = {period for _, period in self.needs.get(place, ())}
        return frozenset().union(needed, *self.answers[place].values())

    def moves_of(self, place: str) -> frozenset[str]:
        """Every move that the answers about this place depend on."""
        return frozenset(self.moves_at[place]).union(*(needed for needed, _ in self.needs.get(place, ())))

    def covered(self, places: Iterable[str], done: frozenset[str]) -> frozenset[Pair]:
        """All pairs of these places that are covered once the moves of these ids are done."""
        return frozenset((place, period) for place in places for period in self.covered_at(place, done))

    def weight(self, pairs: Iterable[Pair]) -> float:
        """The priority weight of these pairs."""
        return sum(self.weights[place] for place, _ in pairs)

    @property
    def places(self) -> tuple[str, ...]:
        """Every key place of the site."""
        return tuple(self.moves_at)


def fill_table(
    coverage: Coverage,
    moves: Sequence[Move],
    sights: Mapping[str, Sight],
    faults: Mapping[str, Sequence[OpenFault]],
    weights: Mapping[str, float],
    max_colours: int = MAX_COLOURS,
) -> Table:
    """The tables of all key places of `weights`.

    `coverage` must know the lenses that moves bring. Where more moves reach a place than a table holds, the table
    takes the cheapest of them, and one set that covers the place is searched among all: the list may then promise
    too little there, never too much.
    """
    variants = [move.brings for move in moves if move.brings is not None]
    reach = _reach(coverage, moves, weights)
    moves_at, colours = _colouring(reach, moves, max_colours)
    answers: dict[str, dict[frozenset[str], frozenset[Period]]] = {place: {} for place in weights}
    for chosen in _subsets(sorted(set(colours.values()))):
        done = [move for move in moves if colours.get(move.id) in chosen]
        covered = covered_by(coverage, sights_after(done, sights, faults, variants))
        ids = {move.id for move in done}
        for place, own in moves_at.items():
            periods = frozenset(period for period in Period if (place, period) in covered)
            key = frozenset(ids.intersection(own))
            # Sets that differ in a move left out of this table meet here: only what all of them give is promised.
            answers[place][key] = answers[place].get(key, periods) & periods
    table = Table(moves_at, answers, dict(weights))
    crowded = [place for place in weights if len(moves_at[place]) < len(reach[place])]
    if not crowded:
        return table
    by_id = {move.id: move for move in moves}

    def covered_with(ids: Iterable[str]) -> frozenset[Pair]:
        return covered_by(coverage, sights_after([by_id[name] for name in ids], sights, faults, variants))

    return replace(table, needs={place: _needed(place, reach[place], table, covered_with) for place in crowded})


def _needed(
    place: str, reaching: tuple[str, ...], table: Table, covered_with: Callable[[Iterable[str]], frozenset[Pair]]
) -> tuple[tuple[frozenset[str], Period], ...]:
    """For each period that the place's table misses, a set that can spare no move; dear ones are tried first."""
    found = []
    for period in sorted(Period):
        if period in table.reachable(place) or (place, period) not in covered_with(reaching):
            continue
        needed = list(reaching)
        for move in reversed(reaching):
            fewer = [other for other in needed if other != move]
            if (place, period) in covered_with(fewer):
                needed = fewer
        found.append((frozenset(needed), period))
    return tuple(found)


def covered_by(coverage: Coverage, sights: Mapping[str, Sight]) -> frozenset[Pair]:
    """The key places that are surely covered with these sights, in each period."""
    return frozenset(
        (place, period) for period in Period for place, covered in coverage.verdicts(sights, period).items() if covered
    )


def _reach(coverage: Coverage, moves: Sequence[Move], weights: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    """Place -> the moves that touch a camera which reaches it, the cheapest first.

    Whoever mends a switch also touches the lenses that could come to hang behind it.
    """
    successors: dict[str, list[str]] = {}
    for move in moves:
        if move.retires is not None and move.brings is not None:
            successors.setdefault(move.retires, []).append(move.brings.id)
    reach: dict[str, list[str]] = {place: [] for place in weights}
    for move in sorted(moves, key=lambda move: (move.cost, move.id)):
        cameras = {*move.ends, *([move.retires] if move.retires else []), *([move.brings.id] if move.brings else [])}
        cameras.update(new for camera in move.ends for new in successors.get(camera, ()))
        for place in {place for camera in cameras for place in coverage.places_of(camera)}:
            if place in reach:
                reach[place].append(move.id)
    return {place: tuple(ids) for place, ids in reach.items()}


def _colouring(
    reach: dict[str, tuple[str, ...]], moves: Sequence[Move], max_colours: int
) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Keep as many moves to a place as can be told apart with `max_colours` colours."""
    for most in range(max_colours, 0, -1):
        kept = {place: ids[:most] for place, ids in reach.items()}
        colours = _coloured(kept, [move.id for move in moves])
        if len(set(colours.values())) <= max_colours:
            return kept, colours
    return dict.fromkeys(reach, ()), {}


def _coloured(reach: Mapping[str, tuple[str, ...]], ids: Sequence[str]) -> dict[str, int]:
    """A colour for each move that reaches any place; moves that share a place differ. Largest degree first."""
    neighbours: dict[str, set[str]] = {move: set() for move in ids}
    reaching = {move for own in reach.values() for move in own}
    for own in reach.values():
        for one, other in combinations(own, 2):
            neighbours[one].add(other)
            neighbours[other].add(one)
    colours: dict[str, int] = {}
    for move in sorted(reaching, key=lambda move: (-len(neighbours[move]), move)):
        taken = {colours[other] for other in neighbours[move] if other in colours}
        colours[move] = next(colour for colour in range(len(ids) + 1) if colour not in taken)
    return colours


def _subsets(items: Sequence[int]) -> Iterable[frozenset[int]]:
    for size in range(len(items) + 1):
        for chosen in combinations(items, size):
            yield frozenset(chosen)

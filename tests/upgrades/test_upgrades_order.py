"""The order of the list against exhaustive search: every set of moves, every order of all moves."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upgrade_worlds import world

from cammon.upgrades.model import Action, OpenFault, Why
from cammon.upgrades.moves import Move, sights_after
from cammon.upgrades.order import EXACT_UP_TO, groups, ordered_bundles
from cammon.upgrades.table import covered_by, fill_table
from cammon_coverage.model import Sight, SightState
from cammon_probes.model import Fault

BLACK = frozenset({Fault.BLACK})


def fix(name, cost):
    return Move(f"fix/{name}", Action.REPAIR, Why.BROKEN, "camera", name, name, (name,), cost, ends={name: BLACK})


def all_down(cameras):
    sights = {name: Sight(SightState.BLIND, "black") for name in cameras}
    faults = {name: (OpenFault(Fault.BLACK),) for name in cameras}
    return sights, faults


def weights_of(site):
    return {place.id: site.scene.weights[place.priority] for place in site.scene.key_places}


def value(coverage, weights, moves, done, sights, faults):
    """The weighted pairs covered after these moves, asked of the coverage itself."""
    pairs = covered_by(coverage, sights_after([move for move in moves if move.id in done], sights, faults, ()))
    return sum(weights[place] for place, _ in pairs)


@st.composite
def instances(draw):
    cameras = [f"C{number}" for number in range(draw(st.integers(1, 5)))]
    places = {}
    for number in range(draw(st.integers(1, 4))):
        seen = draw(st.dictionaries(st.sampled_from(cameras), st.sets(st.integers(0, 2), min_size=1), max_size=4))
        places[f"P{number}"] = (draw(st.integers(1, 3)), draw(st.integers(1, 2)), seen)
    costs = [draw(st.integers(1, 30)) * 100.0 for _ in cameras]
    return cameras, places, costs


@given(instances())
@settings(max_examples=60, deadline=None)
def test_table_says_what_the_coverage_says_for_every_set_of_moves(instance):
    cameras, places, costs = instance
    site, coverage = world(cameras, places)
    sights, faults = all_down(cameras)
    moves = [fix(name, cost) for name, cost in zip(cameras, costs, strict=True)]
    table = fill_table(coverage, moves, sights, faults, weights_of(site))
    for size in range(len(moves) + 1):
        for chosen in combinations(moves, size):
            expected = covered_by(coverage, sights_after(chosen, sights, faults, ()))
            assert table.covered(table.places, frozenset(move.id for move in chosen)) == expected


@given(instances())
@settings(max_examples=60, deadline=None)
def test_each_bundle_gains_most_per_cost_of_all_sets_and_nothing_is_left(instance):
    cameras, places, costs = instance
    site, coverage = world(cameras, places)
    sights, faults = all_down(cameras)
    moves = [fix(name, cost) for name, cost in zip(cameras, costs, strict=True)]
    weights = weights_of(site)
    done = frozenset()
    for bundle in ordered_bundles(fill_table(coverage, moves, sights, faults, weights), moves):
        now = value(coverage, weights, moves, done, sights, faults)
        left = [move for move in moves if move.id not in done]
        best = max(
            (value(coverage, weights, moves, done | {m.id for m in chosen}, sights, faults) - now)
            / sum(m.cost for m in chosen)
            for size in range(1, len(left) + 1)
            for chosen in combinations(left, size)
        )
        assert bundle.density == pytest.approx(best)
        done |= set(bundle.moves)
    everything = frozenset(move.id for move in moves)
    assert value(coverage, weights, moves, done, sights, faults) == value(
        coverage, weights, moves, everything, sights, faults
    )


def waiting(order, coverage, weights, moves, sights, faults):
    """Weight missing times money spent while it is missing: the area above the cumulative curve."""
    cost = {move.id: move.cost for move in moves}
    target = value(coverage, weights, moves, frozenset(cost), sights, faults)
    done, area = frozenset(), 0.0
    for move in order:
        area += (target - value(coverage, weights, moves, done, sights, faults)) * cost[move]
        done |= {move}
    return area


@given(instances())
@settings(max_examples=40, deadline=None)
def test_whole_order_is_within_the_proven_bound_of_the_best_of_all_orders(instance):
    """Greedy by gain per cost is at most four times the best order (the bound for min-sum set cover)."""
    cameras, places, costs = instance
    site, coverage = world(cameras, places)
    sights, faults = all_down(cameras)
    moves = [fix(name, cost) for name, cost in zip(cameras, costs, strict=True)]
    weights = weights_of(site)
    bundles = ordered_bundles(fill_table(coverage, moves, sights, faults, weights), moves)
    order = [move for bundle in bundles for move in bundle.moves]
    ours = waiting(order, coverage, weights, moves, sights, faults)
    best = min(
        waiting(other, coverage, weights, moves, sights, faults) for other in permutations([move.id for move in moves])
    )
    assert best - 1e-6 <= ours <= 4 * best + 1e-6


@pytest.mark.parametrize(
    ("places", "costs", "expected"),
    [
        pytest.param(
            {"P": (1, 1, {"A": [0], "B": [1]})}, {"A": 100, "B": 100}, [("fix/A", "fix/B")], id="each sees half"
        ),
        pytest.param(
            {"P": (1, 2, {"A": [0], "B": [0]})}, {"A": 100, "B": 50}, [("fix/A", "fix/B")], id="redundancy of two"
        ),
        pytest.param(
            {"P": (1, 1, {"A": [0], "B": [0]})}, {"A": 100, "B": 50}, [("fix/B",)], id="either will do: the cheaper"
        ),
        pytest.param(
            {"P": (3, 1, {"A": [0]}), "Q": (1, 1, {"B": [0]})},
            {"A": 100, "B": 100},
            [("fix/B",), ("fix/A",)],
            id="priority first",
        ),
        pytest.param(
            {"P": (3, 1, {"A": [0]}), "Q": (1, 1, {"B": [0], "C": [1]})},
            {"A": 100, "B": 100, "C": 100},
            [("fix/B", "fix/C"), ("fix/A",)],
            id="a pair is worth more than a single",
        ),
        pytest.param(
            {"P": (1, 1, {"A": [0], "B": [1]}), "Q": (1, 1, {"A": [0], "C": [1]})},
            {"A": 1000, "B": 100, "C": 100},
            [("fix/A", "fix/B", "fix/C")],
            id="two places share the dear one",
        ),
    ],
)
def test_bundles(places, costs, expected):
    site, coverage = world(list(costs), places)
    sights, faults = all_down(costs)
    moves = [fix(name, float(cost)) for name, cost in costs.items()]
    table = fill_table(coverage, moves, sights, faults, weights_of(site))
    assert [bundle.moves for bundle in ordered_bundles(table, moves)] == expected


def chain(length):
    """Each place needs two neighbours of a chain: one connected group."""
    cameras = [f"C{number:02}" for number in range(length)]
    places = {
        f"P{number:02}": (1 + number % 3, 1, {cameras[number]: [0], cameras[number + 1]: [1]})
        for number in range(length - 1)
    }
    return cameras, places


def test_group_too_large_for_search_still_gets_everything_back_in_falling_gain_per_cost():
    cameras, places = chain(EXACT_UP_TO + 6)
    site, coverage = world(cameras, places)
    sights, faults = all_down(cameras)
    moves = [fix(name, 100.0 + 10 * number) for number, name in enumerate(cameras)]
    table = fill_table(coverage, moves, sights, faults, weights_of(site))
    assert len(groups(table)) == 1
    bundles = list(ordered_bundles(table, moves))
    assert {move for bundle in bundles for move in bundle.moves} == {move.id for move in moves}
    assert sum(bundle.weight for bundle in bundles) == 2 * sum(weights_of(site).values())


def test_questions_to_the_coverage_grow_with_the_moves_to_a_place_not_with_the_site():
    cameras, places = chain(40)
    site, coverage = world(cameras, places)
    sights, faults = all_down(cameras)
    fill_table(coverage, [fix(name, 100.0) for name in cameras], sights, faults, weights_of(site))
    assert len(coverage.asked) <= 2 * 2**3


def test_crowded_place_is_promised_when_all_its_moves_are_done_and_not_before():
    """Twelve cameras, each sees one twelfth, a thirteenth sees nothing new: more moves than a table holds."""
    cameras = [f"C{number:02}" for number in range(12)]
    seen = {name: [number] for number, name in enumerate(cameras)} | {"C12": [3]}
    site, coverage = world([*cameras, "C12"], {"P": (1, 1, seen)})
    sights, faults = all_down(seen)
    moves = [fix(name, 100.0) for name in cameras] + [fix("C12", 900.0)]
    table = fill_table(coverage, moves, sights, faults, weights_of(site))
    bundles = list(ordered_bundles(table, moves))
    assert [set(bundle.moves) for bundle in bundles] == [{f"fix/{name}" for name in cameras}]
    for missing in cameras:
        assert not table.covered(["P"], frozenset(f"fix/{name}" for name in seen if name != missing))

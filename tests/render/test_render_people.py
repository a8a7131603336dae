"""People keep to open ground, walk at a walking pace, and are where the time says."""

import numpy as np
import pytest
import shapely
from render_worlds import EVERYTHING
from shapely import Point, box

from cammon.virtual.render.crowd import Round, rounds_of
from cammon.virtual.render.paths import HEADROOM_M, Grounds
from cammon_coverage.model import KeyPlace, Obstacle

AROUND_M = float(np.hypot(6.2, 3.8) + 7.4 + np.hypot(6.2, 8.8))
"""From (0, 0) to (0, 20) round a box from (-5, 5) to (5, 10) with 1.2 m of clearance."""


@pytest.fixture(scope="module")
def rounds() -> tuple[Round, ...]:
    """Everybody's round on the site with everything."""
    return rounds_of(EVERYTHING)


def test_there_are_people(rounds: tuple[Round, ...]) -> None:
    assert len(rounds) >= len(EVERYTHING.key_places)


def test_nobody_walks_through_a_wall(rounds: tuple[Round, ...]) -> None:
    standing = [one.footprint for one in EVERYTHING.obstacles if one.base_m < HEADROOM_M]
    blocks = shapely.union_all(standing)
    for walk in rounds:
        trail = shapely.LineString(walk.points)
        assert trail.intersection(blocks).length < 0.5, walk.points


def test_people_move_at_a_walking_pace_and_never_jump(rounds: tuple[Round, ...]) -> None:
    for walk in rounds:
        times = np.arange(0.0, 2.2 * walk.times[-1], 0.5)
        places = np.array([(person.x, person.y) for person in map(walk.at, times)])
        steps = np.hypot(*np.diff(places, axis=0).T)
        assert steps.max() < 0.5 * 1.6
        assert (steps > 0.4).any()
        assert (steps == 0).any()


def test_the_same_time_finds_the_same_people(rounds: tuple[Round, ...]) -> None:
    again = rounds_of(EVERYTHING)
    assert [one.at(1234.5) for one in again] == [one.at(1234.5) for one in rounds]


@pytest.mark.parametrize(
    ("block", "length_m"),
    [
        pytest.param(None, 20.0, id="nothing in the way"),
        pytest.param(Obstacle("low", box(-5, 5, 5, 10), 0.0, 3.0), AROUND_M, id="round a building"),
        pytest.param(Obstacle("bridge", box(-5, 5, 5, 10), 4.0, 6.0), 20.0, id="below a bridge"),
    ],
)
def test_the_way_is_the_shortest(block: Obstacle | None, length_m: float) -> None:
    grounds = Grounds([] if block is None else [block])
    way = grounds.way(np.array([0.0, 0.0]), np.array([0.0, 20.0]))
    assert way is not None
    assert shapely.LineString(way).length == pytest.approx(length_m, rel=1e-6)


def test_there_is_no_way_into_a_closed_yard() -> None:
    ring = Obstacle("ring", shapely.Polygon(box(-10, -10, 10, 10).exterior, [box(-5, -5, 5, 5).exterior]), 0.0, 3.0)
    assert Grounds([ring]).way(np.array([0.0, 0.0]), np.array([0.0, 30.0])) is None


def test_a_place_inside_a_building_is_reached_at_its_wall() -> None:
    block = Obstacle("block", box(-10, -10, 10, 10), 0.0, 3.0)
    anchor = Grounds([block]).anchor(KeyPlace("K", "inside", Point(8, 0), 25.0))
    assert anchor == pytest.approx([11.2, 0.0])

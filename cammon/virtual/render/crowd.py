"""Who walks where: people on their rounds between key places, as a function of time alone."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.paths import Grounds, Way
from cammon_coverage.model import Scene

ROUND_M = 140.0
"""Places farther apart than this are not on one round."""
MOST_PEOPLE = 40
PAUSE_S = (4.0, 25.0)
SPEED_M_PER_S = (1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at an instant. `heading_rad` is counter-clockwise from east; `stride` counts steps."""

    x: float
    y: float
    heading_rad: float
    stride: float
    walking: bool
    look: int
    """seed of clothes and build"""


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """A walk that ends where it began: places and distance walked at instants (s), and how long it takes."""

    times: NDArray[np.float64]
    points: Way
    walked: NDArray[np.float64]
    start_s: float
    look: int

    def at(self, elapsed_s: float) -> Person:
        """The walker at a time."""
        now = (elapsed_s + self.start_s) % float(self.times[-1])
        leg = int(np.clip(np.searchsorted(self.times, now, side="right") - 1, 0, len(self.times) - 2))
        x, y = (float(np.interp(now, self.times, self.points[:, axis])) for axis in (0, 1))
        step = self.points[leg + 1] - self.points[leg]
        walking = bool(np.hypot(*step) > 0.01)
        if not walking:
            step = self.points[leg] - self.points[leg - 1]
        walked = float(np.interp(now, self.times, self.walked))
        return Person(x, y, float(np.arctan2(step[1], step[0])), walked / 0.75, walking, self.look)


def rounds_of(scene: Scene) -> tuple[Round, ...]:
    """The rounds of a site: about two people for every key place that others are near to."""
    grounds = Grounds(scene.obstacles)
    anchors = [grounds.anchor(place) for place in scene.key_places]
    found = []
    for number in range(min(MOST_PEOPLE, 2 * len(anchors))):
        place = number % len(anchors)
        rng = np.random.default_rng([zlib.crc32(scene.key_places[place].id.encode()), number])
        round_ = _round(anchors, place, grounds, rng, number)
        if round_ is not None:
            found.append(round_)
    return tuple(found)


def _round(anchors: Sequence[Way], home: int, grounds: Grounds, rng: np.random.Generator, look: int) -> Round | None:
    """From home to one or two places near by and back, a pause at each."""
    apart = np.hypot(*(np.array(anchors) - anchors[home]).T)
    near = [int(place) for place in np.argsort(apart) if 0 < apart[place] < ROUND_M][:4]
    if near:
        goals = [anchors[place] for place in rng.permutation(near)[: int(rng.integers(1, 3))]]
    else:
        goals = [anchors[home] + 12.0 * np.array([np.cos(turn), np.sin(turn)]) for turn in rng.uniform(0, 6.3, 2)]
    stops = [anchors[home] + rng.uniform(-2, 2, 2), *(goal + rng.uniform(-3, 3, 2) for goal in goals)]
    ways = [grounds.way(start, end) for start, end in zip(stops, [*stops[1:], stops[0]], strict=True)]
    kept = [way for way in ways if way is not None]
    return _timed(kept, rng, look) if len(kept) == len(ways) else None


def _timed(ways: Sequence[Way], rng: np.random.Generator, look: int) -> Round | None:
    speed = rng.uniform(*SPEED_M_PER_S)
    times, points, walked = [0.0], [ways[0][0]], [0.0]
    for way in ways:
        for start, end in pairwise(way):
            length = float(np.hypot(*(end - start)))
            if length > 0.01:
                times.append(times[-1] + length / speed)
                points.append(end)
                walked.append(walked[-1] + length)
        times.append(times[-1] + rng.uniform(*PAUSE_S))
        points.append(points[-1])
        walked.append(walked[-1])
    if walked[-1] < 1.0:
        return None
    return Round(np.array(times), np.array(points), np.array(walked), float(rng.uniform(0, times[-1])), look)

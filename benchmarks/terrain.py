"""What coverage over terrain costs: an open pit with cameras on its benches, at several resolutions.

    python benchmarks/terrain.py [--cameras 40] [--seed 1]

Prints a table: milliseconds per camera for its region by day and by night, beside the exact polygons of the same
cameras on a plane in the same run; how far areas in cells on level ground are from the exact ones; and the time that
all key places take from nothing. The first camera pays for what all share (p95 of few cameras shows it).
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from shapely.geometry import box

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "coverage"), str(ROOT)]

from cammon_coverage.engine import CoverageModel  # noqa: E402
from cammon_coverage.model import Camera, KeyPlace, Lens, Obstacle, Period, Pose, Scene  # noqa: E402
from cammon_coverage.terrain import Terrain  # noqa: E402
from cammon_coverage.terrain_model import TerrainModel  # noqa: E402

SIZE_M = 800.0
BENCH_M, STEP_M, BENCHES = 25.0, 10.0, 8
RESOLUTIONS_M = (5.0, 2.0, 1.0, 0.5)


def pit(cell_m: float, level: bool = False) -> Terrain:
    """Benches every 25 m outwards, 10 m high with slopes of 60 degrees, a floor of 100 m radius; or level ground."""
    count = int(SIZE_M / cell_m) + 1
    along = np.arange(count) * cell_m - SIZE_M / 2
    x, y = np.meshgrid(along, along)
    out = np.clip((np.hypot(x, y) - 100.0) / BENCH_M, 0, BENCHES)
    wall = np.clip((out - np.floor(out)) * BENCH_M / (STEP_M / np.tan(np.radians(60))), 0, 1)
    heights = 1100 + STEP_M * np.where(out < BENCHES, np.floor(out) + wall, BENCHES)
    return Terrain(np.full_like(heights, 1100.0) if level else heights, -SIZE_M / 2, -SIZE_M / 2, cell_m)


def scene(cameras: int, seed: int) -> Scene:
    """Cameras on the benches, most looking inwards; sheds on the floor and round the rim; a key place on each."""
    rng = np.random.default_rng(seed)
    placed = []
    for number in range(cameras):
        bearing, radius = rng.uniform(0, 2 * np.pi), 100 + BENCH_M * (rng.integers(0, BENCHES + 1) + 0.6)
        azimuth = (np.degrees(bearing) + 180 + rng.uniform(-70, 70)) % 360
        pose = Pose(radius * np.sin(bearing), radius * np.cos(bearing), rng.uniform(6, 12), azimuth, rng.uniform(8, 30))
        placed.append(
            Camera(f"C{number}", pose, Lens(rng.uniform(50, 90), 2560, 1440, night_range_m=40.0), f"C{number}")
        )
    sheds = []
    for number in range(60):
        x, y = rng.uniform(-350, 350, 2)
        sheds.append(
            Obstacle(f"B{number}", box(x, y, x + rng.uniform(5, 30), y + rng.uniform(5, 30)), 0, rng.uniform(3, 9))
        )
    places = [
        KeyPlace(
            f"K{n}", f"K{n}", box(s.footprint.bounds[0] - 5, s.footprint.bounds[1] - 5, *s.footprint.bounds[:2]), 25.0
        )
        for n, s in enumerate(sheds)
    ]
    return Scene(tuple(placed), tuple(places), tuple(sheds))


def timed(model: CoverageModel, level: float) -> Iterator[float]:
    """Milliseconds for each camera: its region by day and by night."""
    for camera in model.scene.cameras:
        start = time.perf_counter()
        for period in Period:
            model.seen(camera.id, period, level)
        yield 1000 * (time.perf_counter() - start)


def row(name: str, model: CoverageModel, level: float) -> str:
    """One line: mean, median and 95th percentile per camera."""
    costs = sorted(timed(model, level))
    return (
        f"{name:22} {level:6g} px/m  mean {statistics.fmean(costs):7.1f}  median {statistics.median(costs):7.1f}"
        f"  p95 {costs[int(0.95 * len(costs))]:7.1f} ms"
    )


def area_off(one: CoverageModel, cells: CoverageModel, level: float) -> float:
    """Mean share by which areas in cells differ from the exact ones."""
    off = []
    for camera in one.scene.cameras:
        exact, other = (model.seen(camera.id, Period.DAY, level).area for model in (one, cells))
        if exact > 100:
            off.append(abs(other - exact) / exact)
    return statistics.fmean(off)


def answers_row(model: TerrainModel) -> str:
    """What judging the cells round all places takes, and then their answers by day and by night with all reasons."""
    start = time.perf_counter()
    model.prepare()
    between = time.perf_counter()
    answers = [model.design(period) for period in Period]
    took = time.perf_counter() - between
    shares = " / ".join(f"{answer.area_share:.0%}" for answer in answers)
    return f"cells {between - start:.2f} s, answers and reasons {took:.2f} s, area seen {shares}"


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    site = scene(options.cameras, options.seed)
    for level in (25.0, 12.5):
        print(row("polygons on a plane", CoverageModel(site), level))
        for cell in RESOLUTIONS_M:
            print(row(f"terrain, {cell:g} m cells", TerrainModel(site, pit(cell)), level))
    for cell in RESOLUTIONS_M:
        off = area_off(CoverageModel(site), TerrainModel(site, pit(cell, level=True)), 25.0)
        print(f"area on level ground, {cell:g} m cells: {off:.2%} off the exact polygons on average")
    for cell in RESOLUTIONS_M:
        answered = answers_row(TerrainModel(site, pit(cell)))
        print(f"{len(site.key_places)} key places from nothing, {cell:g} m cells: {answered}")


if __name__ == "__main__":
    main()

"""Figures of the coverage room, as a table.

    python benchmarks/coverage.py [--points N] [--no-judge] [--no-beside]

The city needs CAMMON_DATA to name the folder of outside data (city/, dori_datasheets.csv). Times are of one process;
CPU time stands beside wall time, because other programs share the machine.
"""

import argparse
import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "coverage"), str(ROOT)]

import shapely  # noqa: E402
from shapely.geometry import shape  # noqa: E402

from cammon.parallel import shared  # noqa: E402
from cammon_coverage.blind import CellCutter, blind_ground  # noqa: E402
from cammon_coverage.density import density_of  # noqa: E402
from cammon_coverage.engine import CoverageModel, all_see  # noqa: E402
from cammon_coverage.levels import level_px_per_m  # noqa: E402
from cammon_coverage.model import (  # noqa: E402
    Camera,
    DensityModel,
    KeyPlace,
    Lens,
    LitArea,
    Obstacle,
    Period,
    Pose,
    Projection,
    Scene,
    Sight,
    SightState,
    Target,
)
from cammon_coverage.seen import Ground  # noqa: E402
from cammon_coverage.view import View  # noqa: E402

Row = tuple[str, str, str]
PERSON = Target(0.0, 1.8)


def read_city(folder: Path) -> Scene:
    """The city as a scene."""
    features = json.loads((folder / "map.geojson").read_text(encoding="utf-8"))["features"]
    kinds: dict[str, list[tuple[dict, object]]] = {}
    for feature in features:
        kinds.setdefault(feature["properties"]["kind"], []).append((feature["properties"], shape(feature["geometry"])))
    with (folder / "cameras.csv").open(encoding="utf-8", newline="") as file:
        cameras = tuple(_camera(row) for row in csv.DictReader(file))
    return Scene(
        cameras=cameras,
        key_places=tuple(_place(p, g) for p, g in kinds["key_place"]),
        obstacles=tuple(Obstacle(p["id"], g, p["base_m"], p["top_m"]) for p, g in kinds["obstacle"]),
        lit_areas=tuple(LitArea(p["id"], g) for p, g in kinds["lit_area"]),
    )


def _place(p: dict, geometry: object) -> KeyPlace:
    target = Target(p["z0_m"], p["z1_m"])
    return KeyPlace(p["id"], p["name"], geometry, level_px_per_m(p["level"]), target, p["priority"], p["redundancy"])


def _camera(row: dict[str, str]) -> Camera:
    def number(name: str) -> float | None:
        return float(row[name]) if row.get(name) else None

    width, height = (int(side) for side in row["resolution"].split("x"))
    projection = Projection(row["projection"] or "rectilinear")
    lens = Lens(number("hfov_deg"), width, height, number("vfov_deg"), projection, number("night_range_m"))
    pose = Pose(*(number(name) for name in ("x", "y", "lens_height_m", "azimuth_deg", "tilt_deg")))
    return Camera(row["id"], pose, lens, row.get("device") or row["id"], row.get("switch") or None)


class Watch:
    """Wall and CPU seconds of what ran inside."""

    wall = cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu

    def said(self, unit: str = "s", parts: int = 1) -> str:
        factor = {"s": 1.0, "ms": 1e3}[unit] / parts
        return f"{self.wall * factor:.2f} {unit} (CPU {self.cpu * factor:.2f})"


def timed(work: Callable[[], object]) -> Watch:
    watch = Watch()
    with watch.running():
        work()
    return watch


def city_rows(folder: Path) -> Iterator[Row]:
    """Speed and memory on the city."""
    scene = read_city(folder)
    ground = Ground(scene.obstacles, scene.lit_areas, scene.density_model)
    assert ground.prisms is not None
    yield (
        "city",
        "cameras, edges, key places",
        f"{len(scene.cameras)}, {len(ground.prisms.start)}, {len(scene.key_places)}",
    )
    model = CoverageModel(scene)
    limits = {camera.id: density_of(camera.lens, scene.density_model).scale / 60 for camera in scene.cameras}
    watch = timed(lambda: [model.seen(c, p, level, PERSON) for c, level in limits.items() for p in Period])
    yield "region at a limit of 60 m", "mean per camera and period", watch.said("ms", 2 * len(limits))

    def cold() -> CoverageModel:
        cold_model = CoverageModel(read_city(folder))
        for camera in cold_model.scene.cameras:
            for period in Period:
                cold_model.seen(camera.id, period, 25.0, PERSON)
        for period in Period:
            cold_model.design(period)
        return cold_model

    watch = Watch()
    with watch.running():
        model = cold()
    yield "cold: load, regions at 25 px/m by day and night, places", "in all", watch.said()
    yield from _health_rows(model)
    yield from _ground_rows(scene)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "memory", "most resident so far", f"{rss:.0f} MB"


def _health_rows(model: CoverageModel) -> Iterator[Row]:
    rng = np.random.default_rng(1)
    cameras = model.scene.cameras
    sights = all_see(cameras)
    yield (
        "effective, first time",
        "both periods",
        timed(lambda: [model.effective(sights, p) for p in Period]).said("ms"),
    )
    busy = [camera.id for camera in cameras if model.places_of(camera.id)]
    changes = []
    for _ in range(400):
        camera = busy[rng.integers(len(busy))]
        healthy = sights[camera].state is SightState.SEES
        sights[camera] = Sight(SightState.BLIND, "black") if healthy else Sight()
        changes.append(timed(lambda: [model.effective(sights, period) for period in Period]).wall * 1e3)
    said = f"{np.median(changes):.2f} ms, {np.percentile(changes, 95):.2f} ms"
    yield "health of one camera (that sees a place) changes, both periods", "median, p95", said
    sights = all_see(cameras)
    for period in Period:
        model.effective(sights, period)
    yield "N-1 of every camera, device, switch", "by day", timed(lambda: model.threads(sights, Period.DAY)).said("ms")
    watch = timed(lambda: model.watched(sights, Period.DAY, 25.0, PERSON))
    yield "union of all cameras", "by day, 25 px/m", watch.said("ms")


def _ground_rows(scene: Scene) -> Iterator[Row]:
    """The blind ground of the whole map, every piece with its reason."""
    corners = shapely.total_bounds([obstacle.footprint for obstacle in scene.obstacles])
    ground = shapely.box(*corners)
    for workers in (1, 2):

        def spread(cutter: CellCutter, cells: list, workers: int = workers) -> list:
            return shared(cutter, cells, workers)

        watch = Watch()
        with watch.running():
            found = blind_ground(CoverageModel(scene), Period.DAY, 25.0, PERSON, boundary=ground, spread=spread)
        said = f"{found.ground_m2 / 1e6:.2f} km2, {len(found.spots)} spots, {workers} process(es), cold, 25 px/m by day"
        yield "blind ground of the whole map with reasons", said, watch.said()


def judge_rows(points: int) -> Iterator[Row]:
    """Regions held against the brute-force judge of the tests on random sites."""
    from tests.coverage.random_sites import (
        random_blocks,
        random_camera,
        random_masks,
        random_question,
        random_site,
        sample_points,
    )
    from tests.coverage.sight_judge import mismatches

    done = wrong = regions = 0
    seed = 10_000
    while done < points:
        rng = np.random.default_rng(seed)
        seed += 1
        site = random_site(rng)
        ground = Ground(site.obstacles, site.lit_areas, site.density_model)
        for _ in range(4):
            camera = random_camera(rng, site)
            level, target = random_question(rng)
            blocks = random_blocks(rng) if rng.random() < 0.3 else None
            if rng.random() < 0.3:
                camera = replace(camera, masks=random_masks(rng))
            view = View(ground, camera)
            for period in Period:
                region = view.region(period, level, target, blocks)
                tried = sample_points(rng, camera, region, 4000)
                wrong += len(mismatches(site, camera, period, level, target, region, tried, 0.01, blocks))
                done += len(tried)
                regions += 1
    yield (
        "brute force in 3D",
        f"mismatches in {done:,} points of {regions:,} regions (masks, blocks), edges of 1 cm apart",
        str(wrong),
    )


def datasheet_rows(file: Path) -> Iterator[Row]:
    """The density models against the distances that makers print (detection at 25 px/m)."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["D"] and row["hfov"]]
    printed = np.array([float(row["D"]) for row in rows])
    for model in (DensityModel.IEC_FLAT, DensityModel.ARC):
        lenses = [Lens(float(row["hfov"]), int(row["px"]), int(row["py"])) for row in rows if float(row["hfov"]) < 180]
        ours = np.array([density_of(lens, model).limit_m(25.0) for lens in lenses])
        error = ours / printed[[float(row["hfov"]) < 180 for row in rows]] - 1
        said = f"{error.mean():+.1%}, {np.abs(error).mean():.1%}"
        yield f"detection distance by {model}", f"mean, mean absolute error over {len(ours)} datasheets", said
    off = []
    for row in rows:
        lens = Lens(90, int(row["px"]), int(row["py"]), detection_m=float(row["D"]))
        law = density_of(lens, DensityModel.DATASHEET)
        for letter, name in (("O", "observe"), ("R", "recognise"), ("I", "identify")):
            if row[letter] and abs(law.limit_m(level_px_per_m(name)) - float(row[letter])) > 1:
                off.append(f"{row['model']} {row['focal_mm']} mm {letter}={row[letter]}")
    yield "datasheet model", "O, R, I farther than 1 m from the print", "; ".join(off) or "none"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=5_000_000, help="points for the brute-force judge")
    parser.add_argument("--no-judge", action="store_true", help="leave out the brute-force judge")
    parser.add_argument("--no-beside", action="store_true", help="leave out the other engines (they take minutes)")
    asked = parser.parse_args()
    data = Path(os.environ.get("CAMMON_DATA", "."))
    for name, rows in (("city", city_rows), ("dori_datasheets.csv", datasheet_rows)):
        if (data / name).exists():
            _print(rows(data / name))
        else:
            _print([(name, "left out", "CAMMON_DATA does not hold it")])
    if (data / "city").exists() and not asked.no_beside:
        from benchmarks.coverage_beside import beside_rows

        _print(beside_rows(read_city(data / "city")))
    if not asked.no_judge:
        _print(judge_rows(asked.points))


def _print(rows: Iterator[Row] | list[Row]) -> None:
    for what, how, figure in rows:
        print(f"{what:64} {how:70} {figure}", flush=True)


if __name__ == "__main__":
    main()

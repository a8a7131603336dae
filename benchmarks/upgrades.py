"""How long the upgrade list takes on sites of growing size, by processor time.

    python benchmarks/upgrades.py [CAMERAS ...]

Cameras stand on poles 60 m apart, four to a pole, looking four ways; every tenth view has a key place of 125 or 62.5
px/m in it. One camera in twenty is broken, one in ten has too few pixels, one key place in twelve is out of every view
with a mounting place near it. `prospects`: what could be done whatever the health (once a day and at a change of the
site files). `list`: what every change of health costs after that.
"""

import random
import sys
import time
from collections.abc import Callable
from datetime import date
from math import cos, radians, sin
from pathlib import Path
from typing import TypeVar

from shapely import Point, box

from cammon.sitefiles.model import CatalogModel, LedgerCamera, Site
from cammon.upgrades import OpenFault, prospects, upgrade_list
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, KeyPlace, Lens, MountingPlace, Pose, Scene, Sight, SightState
from cammon_probes.model import Fault

Answer = TypeVar("Answer")
TODAY = date(2026, 3, 1)
SPACING_M = 60.0
CATALOG = (
    CatalogModel("2 MP", "", 1920, 1080, 28, 100, 40, 900),
    CatalogModel("4 MP", "", 2560, 1440, 24, 104, 60, 1600),
    CatalogModel("8 MP", "", 3840, 2160, 30, 108, 80, 3000),
)


def site_of(count: int, seed: int = 1) -> Site:
    """A site with `count` cameras."""
    draw = random.Random(seed)
    cameras, ledger, places, mounts = [], [], [], []
    side = max(1, round((count / 4) ** 0.5))
    for number in range(count):
        pole, way = divmod(number, 4)
        x, y = SPACING_M * (pole % side), SPACING_M * (pole // side)
        azimuth = 45.0 + 90.0 * way
        width, height = (1280, 720) if number % 10 == 0 else (2560, 1440)
        name = f"CAM{number:05}"
        cameras.append(Camera(name, Pose(x, y, 6.0, azimuth, 15.0), Lens(70.0, width, height, night_range_m=40), name))
        ledger.append(LedgerCamera(name, name, name, number + 2, host="127.0.0.2", switch=f"SW{pole // 2}"))
        if number % 10 == 0:
            far = draw.uniform(10.0, 14.0)
            u, v = x + far * sin(radians(azimuth)), y + far * cos(radians(azimuth))
            level = draw.choice((62.5, 125.0))
            places.append(
                KeyPlace(f"KP{number:05}", name, box(u - 1, v - 1, u + 1, v + 1), level, priority=draw.randint(1, 3))
            )
        if number % 120 == 60:
            u, v = x + 30.0, y
            places.append(KeyPlace(f"KB{number:05}", name, Point(u, v), 250.0, priority=2))
            mounts.append(MountingPlace(f"M{number:05}", name, u, v - 12.0, 5.0))
    scene = Scene(tuple(cameras), tuple(places), mounting_places=tuple(mounts))
    catalog = {model.model: model for model in CATALOG}
    return Site("bench", "bench", Path("bench"), "1", cameras=tuple(ledger), scene=scene, catalog=catalog)


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Seconds of processor time, and the answer."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def measure(count: int) -> str:
    """One line of the table."""
    site = site_of(count)
    draw = random.Random(2)
    down = draw.sample([camera.id for camera in site.cameras], max(1, count // 20))
    sights = {name: Sight(SightState.BLIND, "black") for name in down}
    faults = {name: (OpenFault(Fault.BLACK),) for name in down}
    model = CoverageModel(site.scene)
    geometry_s, _ = timed(model.prepare)
    prospects_s, known = timed(lambda: prospects(site, model, TODAY))
    list_s, report = timed(lambda: upgrade_list(site, model, sights, faults, TODAY, known))
    gaining = sum(bool(row.gains) for row in report.rows)
    return (
        f"{count:8} {len(site.scene.key_places):7} {geometry_s:11.2f} {prospects_s:12.2f} {list_s:8.2f} "
        f"{len(report.rows):6} {gaining:8} {report.covered_now or 0:7.3f} {report.rows[-1].cumulative or 0:7.3f}"
    )


def main() -> None:
    """The table."""
    heads = ("cameras", 8), ("places", 7), ("geometry s", 11), ("prospects s", 12), ("list s", 8)
    heads += ("rows", 6), ("gaining", 8), ("now", 7), ("then", 7)
    print(" ".join(f"{head:>{width}}" for head, width in heads))
    for count in map(int, sys.argv[1:] or ("24", "200", "1000", "2000")):
        print(measure(count), flush=True)


if __name__ == "__main__":
    main()

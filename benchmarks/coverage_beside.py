"""Other ways to compute what is seen, on the same cameras in the same run: CGAL (pyvispoly) and a raster viewshed.

In the plane through the lens, where every obstacle is a wall, as far as 60 m ahead.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely

from cammon_coverage.eye import Eye
from cammon_coverage.model import Camera, Period, Scene
from cammon_coverage.seen import Ground, seen_region
from tests.coverage import plane_judge

DEPTH_M = 60.0
CELL_M = 0.5
Row = tuple[str, str, str]


@dataclass
class Compared:
    """Areas and seconds of one other way beside ours."""

    ours: list[float]
    theirs: list[float]
    seconds: list[float]

    def difference(self) -> np.ndarray:
        """Relative difference per camera."""
        ours, theirs = np.array(self.ours), np.array(self.theirs)
        return np.abs(ours - theirs) / np.maximum(np.maximum(ours, theirs), 1e-9)


def beside_rows(scene: Scene) -> Iterator[Row]:
    """Relative area differences and times."""
    try:
        import pyvispoly
    except ImportError:
        yield "pyvispoly", "left out", "not installed"
        pyvispoly = None
    ground = Ground(plane_judge.walls(scene.obstacles), ())
    counts = {"lens in a wall": 0, "touching holes: pyvispoly cannot": 0, "fisheye: taken as 90 degrees": 0}
    cgal, raster, own = Compared([], [], []), Compared([], [], []), []
    for camera in scene.cameras:
        level_camera = _level(camera, counts)
        eye = ground.eye(level_camera)
        reach = 1.01 * DEPTH_M / np.cos(np.radians(level_camera.lens.hfov_deg) / 2)
        near = [o.footprint for o in _near(ground, eye, reach)]
        began = time.perf_counter()
        level = plane_judge.level_for(level_camera.lens, DEPTH_M)
        area = seen_region(ground, level_camera, Period.DAY, level, plane_judge.PLANE).area
        own.append(time.perf_counter() - began)
        view = plane_judge.sector(level_camera.pose, level_camera.lens, DEPTH_M)
        free = None if eye.buried_in is not None else plane_judge.open_ground(near, eye.place, reach)
        if free is None:
            counts["lens in a wall"] += 1
            continue
        _add(raster, area, lambda f=free, v=view, r=reach: raster_area(f, v, r))
        if plane_judge.has_double_corners(free):
            counts["touching holes: pyvispoly cannot"] += 1
        elif pyvispoly is not None:
            _add(cgal, area, lambda f=free, v=view: plane_judge.visible(pyvispoly, f).intersection(v).area)
    yield (
        "in the plane, as far as 60 m",
        "cameras; " + "; ".join(counts),
        f"{len(own)}; " + "; ".join(map(str, counts.values())),
    )
    yield "cammon", "mean per camera", f"{np.mean(own) * 1e3:.2f} ms"
    for name, other in (("pyvispoly (CGAL, exact)", cgal), (f"raster viewshed, {CELL_M} m", raster)):
        if other.ours:
            difference = other.difference()
            said = f"{len(difference)}; {difference.max():.1e}, {np.median(difference):.1e}"
            yield name, "cameras compared; relative difference of area: largest, median", said
            yield name, "mean per camera", f"{np.mean(other.seconds) * 1e3:.2f} ms"


def _level(camera: Camera, counts: dict[str, int]) -> Camera:
    hfov = camera.lens.hfov_deg
    if hfov >= 150 or camera.lens.projection != "rectilinear":
        counts["fisheye: taken as 90 degrees"] += 1
        hfov = 90.0
    pose = replace(camera.pose, height_m=plane_judge.HEIGHT_M, tilt_deg=0.0, roll_deg=0.0)
    return replace(camera, pose=pose, lens=plane_judge.level_lens(hfov))


def _near(ground: Ground, eye: Eye, reach: float) -> list:
    box = shapely.box(eye.x - reach, eye.y - reach, eye.x + reach, eye.y + reach)
    numbers = np.unique(ground.prisms.obstacle[ground.prisms.near(box)])
    return [ground.obstacles[number] for number in numbers]


def _add(other: Compared, area: float, work) -> None:
    began = time.perf_counter()
    theirs = work()
    other.seconds.append(time.perf_counter() - began)
    other.ours.append(area)
    other.theirs.append(theirs)


def raster_area(free: shapely.Geometry, view: shapely.Geometry, reach: float) -> float:
    """Area of the cells in view whose centre is joined to the eye by cells of open ground (rays half a cell apart)."""
    count = int(np.ceil(2 * reach / CELL_M))
    axis = (np.arange(count) + 0.5) * CELL_M - count * CELL_M / 2
    xs, ys = (values.ravel() for values in np.meshgrid(axis, axis))
    shapely.prepare(free)
    is_open = shapely.contains_xy(free, xs, ys).reshape(count, count)
    distance = np.arange(0.0, reach * np.sqrt(2), CELL_M / 2)
    bearings = np.linspace(0, 2 * np.pi, int(np.ceil(2 * np.pi * reach / (CELL_M / 2))), endpoint=False)
    columns, rows = (
        np.clip(((np.outer(f(bearings), distance) + count * CELL_M / 2) / CELL_M).astype(int), 0, count - 1)
        for f in (np.cos, np.sin)
    )
    clear = np.logical_and.accumulate(is_open[rows, columns] | (distance < CELL_M), axis=1)
    seen = np.zeros((count, count), dtype=bool)
    seen[rows[clear], columns[clear]] = True
    shapely.prepare(view)
    return float((seen.ravel() & is_open.ravel() & shapely.contains_xy(view, xs, ys)).sum() * CELL_M**2)

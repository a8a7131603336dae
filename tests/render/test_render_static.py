"""Depth and surfaces on scenes that can be worked out on paper, and against rays cast one by one."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from render_worlds import EVERYTHING, WALL, F, camera, fisheye, site
from shapely import MultiPolygon, Polygon, box

from cammon.virtual.render import Ground, PoseShift, StaticView, render_static
from cammon.virtual.render.faces import FaceKind
from cammon_coverage.model import Camera, Obstacle, Scene

CANOPY = Obstacle("canopy", box(-5, 20, 5, 30), 7.0, 8.0)
COURT = Obstacle("court", Polygon(box(-10, 10, 10, 30).exterior, [box(-5, 15, 5, 25).exterior]), 0.0, 3.0)
PARTS = Obstacle("parts", MultiPolygon([box(-12, 20, -8, 21), box(8, 20, 12, 21)]), 0.0, 3.0)


def shown(view: StaticView, column: int, row: int) -> str:
    """What a pixel shows, in a word."""
    surface = int(view.surface[row, column])
    return view.faces[surface].kind.value if surface >= 0 else Ground(surface).name.lower()


@pytest.mark.parametrize(
    ("obstacle", "column", "row", "what", "depth_m"),
    [
        pytest.param(WALL, 320, 100, "sky", np.inf, id="sky above the horizon"),
        pytest.param(WALL, 320, 211, "roof", 2.0 * F / 31.5, id="roof just above the wall"),
        pytest.param(WALL, 320, 212, "wall", 20.0, id="top row of the wall"),
        pytest.param(WALL, 320, 259, "wall", 20.0, id="foot of the wall"),
        pytest.param(WALL, 320, 260, "ground", 5.0 * F / 80.5, id="ground before the wall"),
        pytest.param(WALL, 240, 230, "wall", 20.0, id="left end of the wall"),
        pytest.param(WALL, 239, 230, "ground", 5.0 * F / 50.5, id="ground beside the wall"),
        pytest.param(WALL, 399, 230, "wall", 20.0, id="right end of the wall"),
        pytest.param(WALL, 400, 230, "ground", 5.0 * F / 50.5, id="right of the wall"),
        pytest.param(CANOPY, 320, 147, "wall", 20.0, id="front of a canopy"),
        pytest.param(CANOPY, 320, 148, "underside", 2.0 * F / 31.5, id="underside of a canopy"),
        pytest.param(CANOPY, 320, 159, "sky", np.inf, id="sky below the canopy's far edge"),
        pytest.param(CANOPY, 320, 240, "ground", 5.0 * F / 60.5, id="ground below a canopy"),
        pytest.param(PARTS, 152, 250, "wall", 20.0, id="first part of a multipolygon"),
        pytest.param(PARTS, 480, 250, "wall", 20.0, id="second part of a multipolygon"),
        pytest.param(PARTS, 320, 250, "ground", 5.0 * F / 70.5, id="between the parts"),
    ],
)
def test_pixels_of_a_level_camera(obstacle: Obstacle, column: int, row: int, what: str, depth_m: float) -> None:
    view = render_static(site(obstacle), camera(), 640, 360)
    assert shown(view, column, row) == what
    assert view.depth_m[row, column] == pytest.approx(depth_m, rel=1e-5)


def test_a_courtyard_shows_its_ground_to_a_camera_that_looks_down() -> None:
    above = camera(y=20.0, height_m=13.0, tilt_deg=90.0)
    view = render_static(site(COURT), above, 640, 640 * 360 // 640)
    assert shown(view, 320, 180) == "ground"
    assert view.depth_m[180, 320] == pytest.approx(13.0, rel=1e-5)
    over_roof = round(320 + F * 7.5 / 10.0)
    assert shown(view, over_roof, 180) == "roof"
    assert view.depth_m[180, over_roof] == pytest.approx(10.0, rel=1e-5)
    assert shown(view, round(320 + F * 5.0 / 13.0) + 3, 180) == "wall"


@pytest.mark.parametrize(
    ("size", "column", "row"),
    [((640, 360), 320, 259), ((1280, 720), 640, 519), ((640, 480), 320, 346), ((320, 360), 160, 259)],
    ids=["as in the ledger", "twice", "taller", "narrower"],
)
def test_a_stream_of_another_size_shows_the_same_angles(size: tuple[int, int], column: int, row: int) -> None:
    view = render_static(site(WALL), camera(), *size)
    assert view.surface.shape == size[::-1]
    assert shown(view, column, row - 1) == "wall"
    assert shown(view, column, row + 2) == "ground"


def test_a_roll_to_the_right_dips_the_right_side() -> None:
    view = render_static(site(WALL), camera(roll_deg=90.0), 640, 360)
    # The wall lies below the axis, which after a quarter turn clockwise is to the right of the picture's middle.
    assert shown(view, 320 + 60, 180) == "wall"
    assert shown(view, 320 - 60, 180) == "sky"


def test_a_fisheye_that_looks_down_sees_the_ground_at_slant_distances() -> None:
    view = render_static(site(WALL), fisheye(), 600, 600)
    assert view.depth_m[300, 300] == pytest.approx(5.0, rel=1e-3)
    theta = np.radians(60.0)
    column = int(300 + 600 / np.pi * theta)
    exact = (column + 0.5 - 300) * np.pi / 600
    assert view.depth_m[300, column] == pytest.approx(5.0 / np.cos(exact), rel=1e-4)
    assert shown(view, 2, 2) == "outside"
    assert np.isinf(view.depth_m[2, 2])
    # The wall stands north, which is up in the picture: from 76 to 84 degrees off the axis.
    assert shown(view, 300, int(300 - 600 / np.pi * np.radians(80.0))) == "wall"


@pytest.mark.parametrize("tilt_deg", [0.0, 35.0, 90.0])
def test_fisheye_and_rectilinear_lens_see_the_same_in_the_same_direction(tilt_deg: float) -> None:
    flat = render_static(EVERYTHING, camera(0, -20, 8.0, 0.0, tilt_deg), 640, 360)
    round_ = render_static(EVERYTHING, fisheye(0, -20, 8.0, tilt_deg, width_px=1600, height_px=1600), 1600, 1600)
    pixels = np.random.default_rng(1).uniform((0, 0), (640, 360), (4000, 2))
    ahead = flat.eye.position + 10.0 * flat.eye.rays(pixels)
    other, _, _ = round_.eye.project(ahead)
    stretch = np.linalg.norm(flat.eye.rays(pixels), axis=1)
    slant = flat.depth_at(pixels) * stretch
    same = np.isclose(slant, round_.depth_at(other), rtol=1e-6) | (np.isinf(slant) & np.isinf(round_.depth_at(other)))
    assert same.mean() > 0.985  # the rest lies within a pixel of an edge


@pytest.mark.parametrize("name", ["yard", "roof", "wall", "narrow", "court", "down", "across"])
def test_depth_equals_that_of_rays_cast_one_by_one(name: str) -> None:
    chosen = next(one for one in EVERYTHING.cameras if one.id == name)
    view = render_static(EVERYTHING, chosen, 480, 360)
    rng = np.random.default_rng(2)
    rows, columns = rng.integers(0, 360, 500), rng.integers(0, 480, 500)
    rays = view.eye.rays(np.column_stack([columns + 0.5, rows + 0.5]))
    judged = np.array([ray_depth(EVERYTHING, chosen, ray) for ray in rays])
    drawn = view.depth_m[rows, columns]
    same = np.isclose(drawn, judged, rtol=2e-4) | (np.isinf(drawn) & np.isinf(judged))
    assert same.mean() > 0.995  # single precision may fall to the other side of an edge
    assert np.isfinite(judged).mean() > 0.2


def ray_depth(scene: Scene, chosen: Camera, ray: np.ndarray) -> float:
    """Distance along a ray to the nearest prism or the ground, by sampling the plan segment against each footprint."""
    if np.isnan(ray).any():
        return np.inf
    x, y, z = chosen.pose.x, chosen.pose.y, chosen.pose.height_m
    best = z / -ray[2] if ray[2] < 0 else np.inf
    far = 2000.0
    track = shapely.LineString([(x, y), (x + far * ray[0], y + far * ray[1])])
    for obstacle in scene.obstacles:
        cuts = [0.0, far]
        crossing = shapely.intersection(track, shapely.boundary(obstacle.footprint))
        along = shapely.get_coordinates(crossing) - (x, y)
        cuts += list(along @ ray[:2] / max(ray[:2] @ ray[:2], 1e-12))
        if abs(ray[2]) > 1e-12:
            cuts += [(obstacle.base_m - z) / ray[2], (obstacle.top_m - z) / ray[2]]
        cuts = sorted(cut for cut in cuts if 0 <= cut <= far)
        for start, end in pairwise(cuts):
            middle = (start + end) / 2
            point = shapely.Point(x + middle * ray[0], y + middle * ray[1])
            level = z + middle * ray[2]
            if end - start > 1e-9 and obstacle.base_m < level < obstacle.top_m and obstacle.footprint.contains(point):
                best = min(best, start)
                break
    return float(best)


@pytest.mark.parametrize("hollow", [True, False], ids=["hollow", "solid"])
def test_a_lens_inside_a_building_sees_its_room_or_nothing(hollow: bool) -> None:
    room = Obstacle("room", box(-10, -10, 10, 10), 0.0, 8.0, hollow=hollow)
    view = render_static(site(room, WALL), camera(), 640, 360)
    expected = 10.0 if hollow else 1e-3
    assert view.depth_m[180, 320] == pytest.approx(expected, rel=1e-4)
    assert (shown(view, 320, 355) == "ground") is hollow


@pytest.mark.parametrize(
    "y", [20.0, 20.0 + 1e-9, 20.0 - 1e-9, 20.0005], ids=["on", "in", "before", "half a millimetre"]
)
def test_a_lens_on_a_wall_hangs_outside_it(y: float) -> None:
    outwards = render_static(site(WALL), camera(y=y, height_m=2.0, azimuth_deg=180.0), 640, 360)
    assert shown(outwards, 320, 300) == "ground"
    inwards = render_static(site(WALL), camera(y=y, height_m=2.0, azimuth_deg=0.0), 640, 360)
    assert inwards.depth_m[200, 320] < 0.01


def test_the_fence_is_in_the_picture_but_hides_nothing() -> None:
    fenced = render_static(site(boundary=box(-50, -50, 50, 10)), camera(), 640, 360)
    bare = render_static(site(), camera(), 640, 360)
    assert np.array_equal(fenced.depth_m, bare.depth_m)
    assert np.array_equal(fenced.surface, bare.surface)
    assert (fenced.fence.face >= 0).any()
    assert all(face.kind is FaceKind.FENCE for face in fenced.faces)


def test_a_moved_camera_sees_what_one_with_that_pose_sees() -> None:
    shift = PoseShift(pan_deg=17.0, tilt_deg=6.0, roll_deg=-3.0)
    moved = render_static(EVERYTHING, camera(0, -20, 8.0), 320, 180, shift)
    turned = render_static(EVERYTHING, camera(0, -20, 8.0, 17.0, 6.0, -3.0), 320, 180)
    assert np.array_equal(moved.depth_m, turned.depth_m)


def test_zoom_narrows_the_view() -> None:
    near = render_static(site(WALL), camera(), 640, 360, PoseShift(zoom=2.0))
    assert shown(near, 320 - 158, 180 + 100) == "wall"
    assert shown(near, 320 - 162, 180 + 100) == "ground"


def test_depth_at_is_exact_within_the_pixel() -> None:
    view = render_static(site(WALL), camera(), 640, 360)
    rows = np.array([300.1, 300.5, 300.9])
    depth = view.depth_at(np.column_stack([np.full(3, 320.2), rows]))
    assert depth == pytest.approx(5.0 * F / (rows - 180.0), rel=1e-12)
    assert np.isnan(view.depth_at(np.array([[-1.0, 5.0], [641.0, 5.0]]))).all()

"""Small sites that can be worked out on paper, and one with everything that obstacles can be."""

from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate

from cammon_coverage.model import Camera, KeyPlace, Lens, LitArea, Obstacle, Pose, Projection, Scene

F = 320.0
"""Focal length, px, of a 640 pixel picture of 90 degrees."""


def camera(
    x: float = 0.0,
    y: float = 0.0,
    height_m: float = 5.0,
    azimuth_deg: float = 0.0,
    tilt_deg: float = 0.0,
    roll_deg: float = 0.0,
    **lens: object,
) -> Camera:
    """A camera of 640 x 360 pixels and 90 degrees that looks level and north from (0, 0, 5) unless told otherwise."""
    given = {"hfov_deg": 90.0, "width_px": 640, "height_px": 360, **lens}
    return Camera("C1", Pose(x, y, height_m, azimuth_deg, tilt_deg, roll_deg), Lens(**given), "D1")


def fisheye(x: float = 0.0, y: float = 0.0, height_m: float = 5.0, tilt_deg: float = 90.0, **lens: object) -> Camera:
    """A fisheye of 180 degrees whose image circle fills 600 x 600 pixels, looking straight down."""
    given = {"hfov_deg": 180.0, "width_px": 600, "height_px": 600, "projection": Projection.FISHEYE, **lens}
    return Camera("F1", Pose(x, y, height_m, 0.0, tilt_deg), Lens(**given), "D2")


def site(*obstacles: Obstacle, cameras: tuple[Camera, ...] = (), **more: object) -> Scene:
    """A scene of these obstacles."""
    return Scene(cameras or (camera(),), more.pop("key_places", ()), obstacles, **more)


WALL = Obstacle("W", box(-5, 20, 5, 21), 0.0, 3.0)
"""In front of `camera()`: columns 240 to 400, its top at row 212, its foot at row 260."""

CAMERAS = (
    Camera("yard", Pose(0, -20, 8, 0, 12), Lens(80, 1920, 1080, night_range_m=60), "d1"),
    Camera("roof", Pose(30, 35, 18.5, 300, 15, 5), Lens(70, 1920, 1080), "d2"),
    Camera("flush", Pose(22, 31, 18.0, 200, 25), Lens(90, 1280, 720), "d2"),
    Camera("wall", Pose(20, 40, 7, 270, 20, -12), Lens(95, 1280, 960), "d3"),
    Camera("narrow", Pose(-90, 10, 6, 75, 4), Lens(28, 2560, 1440, vfov_deg=20), "d4"),
    Camera("court", Pose(-19, 60, 4, 80, 15), Lens(100, 1280, 720), "d5"),
    Camera("room", Pose(-60, -10, 4, 45, 20), Lens(100, 1280, 720), "d6"),
    Camera("down", Pose(0, 10, 5, 0, 90), Lens(180, 1200, 1200, projection=Projection.FISHEYE), "d7"),
    Camera("across", Pose(-40, -20, 4, 0, 20), Lens(180, 1200, 1200, projection=Projection.FISHEYE), "d8"),
)

EVERYTHING = Scene(
    CAMERAS,
    (
        KeyPlace("K1", "main gate 大门", Point(0, 20), 62.5),
        KeyPlace("K2", "coal yard 煤场", box(-45, -15, -20, 15), 62.5),
        KeyPlace("K3", "hoist house door", Point(45, 40), 62.5),
        KeyPlace("K4", "fence", LineString([(-100, -60), (100, -60)]), 25.0),
    ),
    (
        Obstacle("hoist", box(20, 30, 40, 50), 0, 18, name="hoist house 提升机房"),
        Obstacle("court", Polygon(box(-30, 40, 10, 80).exterior, [box(-20, 50, 0, 70).exterior]), 0, 9, name="office"),
        Obstacle("gallery", rotate(box(-60, 20, 60, 24), 12), 6, 10, name="conveyor gallery 栈桥"),
        Obstacle("silo", Point(60, 60).buffer(8, quad_segs=6), 0, 25, name="silo"),
        Obstacle("sheds", MultiPolygon([box(-70, -20, -50, 0), box(-70, 5, -50, 20)]), 0, 6, hollow=True, name="shed"),
        Obstacle("overlap", box(35, 45, 55, 65), 0, 12),
        Obstacle("canopy", box(5, 5, 12, 12), 4, 4.4),
        Obstacle("low", rotate(box(-5, -8, 9, -6), 30), 0, 1.1),
    ),
    lit_areas=(LitArea("L1", box(10, 0, 40, 28)),),
    boundary=box(-100, -60, 100, 120),
)

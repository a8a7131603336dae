"""Small scenes to draw tests with."""

import pytest
from shapely import Point, box

from cammon_coverage.model import Camera, KeyPlace, Lens, Obstacle, Pose, Scene, Target
from cammon_coverage.seen import Ground


def make_camera(name="C1", x=0.0, y=0.0, height=6.0, azimuth=0.0, tilt=10.0, **more):
    """A camera that looks north; `lens` keywords go to its lens, the rest to the camera."""
    lens = {"hfov_deg": 90.0, "width_px": 2000, "height_px": 2000, "night_range_m": 30.0} | more.pop("lens", {})
    return Camera(
        name, Pose(x, y, height, azimuth, tilt, more.pop("roll", 0.0)), Lens(**lens), more.pop("device", name), **more
    )


def make_place(name, geometry, level=25.0, **more):
    """A key place whose target is the ground."""
    return KeyPlace(name, name, geometry, level, more.pop("target", Target(0, 1.8)), **more)


def block(name, west, south, east, north, base=0.0, top=20.0, hollow=False):
    """An obstacle with a rectangular footprint."""
    return Obstacle(name, box(west, south, east, north), base, top, hollow)


def ground(*obstacles, lit=(), model="iec-flat"):
    """The ground of some obstacles."""
    return Ground(tuple(obstacles), tuple(lit), model)


@pytest.fixture
def yard():
    """A yard: two cameras on one box look north, one looks south from afar; a shed hides part of the middle."""
    cameras = (
        make_camera("C1", -20, 0, tilt=15, device="D1", switch="S1", recorder="R1", power="P1"),
        make_camera("C2", 20, 0, tilt=15, device="D1", switch="S1", recorder="R1", power="P2"),
        make_camera("C3", 0, 60, azimuth=180, tilt=15, device="D3", switch="S2", recorder="R1", power="P2"),
    )
    places = (
        make_place("gate", Point(-20, 20)),
        make_place("store", box(-5, 25, 5, 35), priority=1),
        make_place("both", Point(0, 32), redundancy=2),
        make_place("behind", Point(0, -30)),
    )
    return Scene(cameras, places, (block("shed", -30, 30, -10, 40, top=4),))

"""How far a camera has turned, from its pictures alone, against turns that are known."""

import cv2
import numpy as np
import pytest
from streams import drawn

from cammon_probes.model import Fault
from cammon_probes.picture.reference import reference_from
from cammon_probes.picture.registry import examine
from cammon_probes.picture.view import View

WIDTH, HEIGHT, HFOV_DEG = 640, 360, 70.0
FOCAL_PX = WIDTH / 2 / np.tan(np.radians(HFOV_DEG) / 2)


def turned(picture, pan_deg, tilt_deg, roll_deg, zoom):
    """What a pinhole camera sees after turning: the exact homography K R K^-1."""
    pan, tilt, roll = np.radians([pan_deg, tilt_deg, roll_deg])
    about_y = np.array([[np.cos(pan), 0, -np.sin(pan)], [0, 1, 0], [np.sin(pan), 0, np.cos(pan)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    about_z = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    middle = np.array([picture.shape[1] / 2, picture.shape[0] / 2])
    before = np.array([[FOCAL_PX, 0, middle[0]], [0, FOCAL_PX, middle[1]], [0, 0, 1]])
    after = before @ np.diag([zoom, zoom, 1])
    whole = after @ about_z @ about_x @ about_y @ np.linalg.inv(before)
    return cv2.warpPerspective(picture, whole, picture.shape[1::-1])


def shown(pan=0.0, tilt=0.0, roll=0.0, zoom=1.0):
    """The middle of a wider world, so that a turn shows more of it and no border."""
    world = drawn(3 * WIDTH, 3 * HEIGHT, 4)
    view = turned(world, pan, tilt, roll, zoom)
    return np.ascontiguousarray(view[HEIGHT : 2 * HEIGHT, WIDTH : 2 * WIDTH])


@pytest.mark.parametrize(
    ("pan", "tilt", "roll", "zoom"),
    [(6.0, 0.0, 0.0, 1.0), (-9.0, 3.0, 0.0, 1.0), (0.0, -5.0, 0.0, 1.0), (8.0, 2.0, 4.0, 1.0), (7.0, -2.0, -3.0, 1.15)],
)
def test_the_turn_is_measured(pan, tilt, roll, zoom):
    good = reference_from([shown()])
    (finding,) = [
        one
        for one in examine(shown(pan, tilt, roll, zoom), good, view=View(hfov_deg=HFOV_DEG))
        if one.fault is Fault.MOVED
    ]
    assert finding.bad
    assert finding.moved is not None
    assert finding.moved.pan_deg == pytest.approx(pan, abs=1.5)
    assert finding.moved.tilt_deg == pytest.approx(tilt, abs=1.5)
    assert finding.moved.roll_deg == pytest.approx(roll, abs=1.5)
    assert finding.moved.zoom == pytest.approx(zoom, abs=0.06)


def moved(view):
    (finding,) = [one for one in examine(shown(9.0), reference_from([shown()]), view=view) if one.fault is Fault.MOVED]
    return finding


def test_without_an_angle_of_view_nothing_is_told_in_degrees():
    assert moved(View()).bad
    assert moved(View()).moved is None


def test_a_camera_that_may_look_elsewhere_has_not_moved():
    assert not moved(View(away=True)).bad

"""Draws of poses: seeded, one camera for itself, the same arithmetic as the optics."""

import numpy as np
import pytest

from cammon_coverage.density import density_of, reach_m
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade, Poses, changed_cameras, drawn_changes
from cammon_coverage.model import Camera, DensityModel, Lens, Pose, Projection
from cammon_coverage.optics import axes, half_tangents

LEDGER = DEVIATIONS[PoseGrade.LEDGER]
CAMERA = Camera("C", Pose(1, 2, 6, 350, 80, 5), Lens(90, 2688, 1520, vfov_deg=40, detection_m=60), "D")


def test_same_seed_and_camera_give_the_same_draws_whoever_else_is_there():
    first = drawn_changes("C", LEDGER, 7, 50)
    assert (first == drawn_changes("C", LEDGER, 7, 50)).all()
    assert (first != drawn_changes("C", LEDGER, 8, 50))[:, [0, 1, 3]].all()
    assert (first != drawn_changes("B", LEDGER, 7, 50))[:, [0, 1, 3]].all()
    other = Camera("A", Pose(0, 0, 5, 0, 10), Lens(60, 1920, 1080), "A")
    alone, together = changed_cameras((CAMERA,), {}, 7, 50, 3), changed_cameras((other, CAMERA), {}, 7, 50, 3)
    assert alone[0] == together[1]


def test_draws_have_the_deviations_asked():
    spread = drawn_changes("C", LEDGER, 0, 20_000).std(axis=0)
    assert spread == pytest.approx([5, 3, 0, 0.1], rel=0.03)


def test_draws_follow_a_covariance():
    root = np.array([[2.0, 0, 0, 0], [1, 0.5, 0, 0], [0, 0.2, 0.3, 0], [0.02, 0, 0, 0.01]])
    wanted = root @ root.T
    drawn = drawn_changes("C", Deviations.of_covariance(wanted), 1, 40_000)
    scale = np.sqrt(wanted.diagonal())
    assert np.cov(drawn.T) / np.outer(scale, scale) == pytest.approx(wanted / np.outer(scale, scale), abs=0.03)


def test_known_exactly_in_one_quantity_stays_there():
    drawn = drawn_changes("C", Deviations.of_covariance(np.diag([4.0, 0, 0, 0.01])), 1, 100)
    assert (drawn[:, 1:3] == 0).all()


@pytest.mark.parametrize(
    ("values", "named"),
    [((-1, 3, 0.1), "azimuth_deg -1"), ((5, float("nan"), 0.1), "tilt_deg nan"), ((5, 3, float("inf")), "hfov_share")],
    ids=["negative", "nan", "infinite"],
)
def test_deviations_that_are_none_are_named(values, named):
    with pytest.raises(ValueError, match=named):
        Deviations(*values)


def test_covariance_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="4 x 4"):
        Deviations.of_covariance(np.eye(3))
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        Deviations(1, 1, 1, correlation=((1.0,),))


FISHEYE = Camera("F", Pose(0, 0, 4, 10, 85), Lens(180, 2000, 2000, projection=Projection.FISHEYE), "F")


@pytest.mark.parametrize("camera", [CAMERA, FISHEYE], ids=["rectilinear", "fisheye"])
@pytest.mark.parametrize("model", list(DensityModel))
def test_arrays_say_what_the_optics_say_of_each_camera(camera, model):
    poses = Poses.changed(camera, drawn_changes(camera.id, Deviations(20, 10, 0.3, 5), 3, 30))
    for number in range(len(poses)):
        one = poses[number]
        assert poses.axes[number] == pytest.approx(axes(one.pose), abs=1e-12)
        if camera is CAMERA:
            assert poses.tangents[number] == pytest.approx(half_tangents(one.lens), rel=1e-12)
        limit = density_of(one.lens, model).limit_m(25)
        assert poses.limits_m(model, 25)[number] == pytest.approx(limit, rel=1e-12)
        assert -90 <= one.pose.tilt_deg <= 90
    reaches = [reach_m(poses[n].lens, density_of(poses[n].lens, model), 25) for n in range(len(poses))]
    assert poses.reach_m(model, 25) == pytest.approx(max(reaches), rel=1e-12)


def test_no_change_leaves_the_camera_as_it_is():
    assert Poses.changed(CAMERA, np.zeros((1, 4)))[0] == CAMERA


def test_wild_draws_stay_what_a_lens_can_be():
    changes = np.array([[400.0, 500, 0, 9], [0, -500, 0, -9]])
    for camera, widest in ((CAMERA, 179), (FISHEYE, 360)):
        wide, narrow = Poses.changed(camera, changes)[0], Poses.changed(camera, changes)[1]
        assert (wide.pose.tilt_deg, wide.lens.hfov_deg) == (90, widest)
        assert (narrow.pose.tilt_deg, narrow.lens.hfov_deg) == (-90, pytest.approx(0.05 * camera.lens.hfov_deg))

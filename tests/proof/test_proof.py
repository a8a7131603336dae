"""Proofs on sites small enough for paper, and against the model built anew for every draw."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from proof_judge import brute_outcomes, random_scene
from shapely import LineString, Point, box

from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade, Trust
from cammon_coverage.engine import CoverageModel
from cammon_coverage.margin import Quantity
from cammon_coverage.model import Camera, KeyPlace, Lens, Obstacle, Period, Pose, Scene, Sight, SightState, Target
from cammon_coverage.proof import Prover, proofs

GROUND = Target(0, 0)


def camera(name="C", azimuth=0.0, tilt=30.0, hfov=60.0, x=0.0, y=0.0, device=None, width=4000):
    """A lens 10 m above the ground, square picture."""
    return Camera(name, Pose(x, y, 10, azimuth, tilt), Lens(hfov, width, width, night_range_m=50), device or name)


def place(name="P", at=(0.0, 15.0), level=25.0, **more):
    return KeyPlace(name, name, Point(at), level, GROUND, **more)


def prover(scene, deviations=None, sights=None, period=Period.DAY, grade=PoseGrade.LEDGER, **more):
    trust = {} if deviations is None else {c.id: Trust(grade, deviations) for c in scene.cameras}
    return Prover(CoverageModel(scene), trust, period, sights, **more)


ONLY = {
    Quantity.AZIMUTH: Deviations(5, 0, 0),
    Quantity.TILT: Deviations(0, 3, 0),
    Quantity.HFOV: Deviations(0, 0, 0.1),
}
"""Only one quantity may be off."""


def aside_deg(x, y):
    """The azimuth at which the point of the ground touches the side of the view, by solving the side's equation.

    A point at bearing b and distance r from under a lens 10 m up, tilt 30, tan(hfov / 2) = h: across = r sin b,
    depth = r cos b cos 30 + 10 sin 30; on the edge across = h depth.
    """
    r, h = math.hypot(x, y), math.tan(math.radians(30))
    a, b, c = r, -h * r * math.cos(math.radians(30)), h * 10 * math.sin(math.radians(30))
    return math.degrees(math.asin(c / math.hypot(a, b)) - math.atan2(b, a)) - math.degrees(math.atan2(x, y))


def test_margin_of_azimuth_is_the_angle_to_the_side_of_the_view():
    found = prover(Scene((camera(),), (place(at=(8, 15)),)), ONLY[Quantity.AZIMUTH]).proof("P")
    assert (found.margin.camera, found.margin.quantity) == ("C", Quantity.AZIMUTH)
    assert found.margin.change == pytest.approx(-aside_deg(8, 15), abs=1e-4)
    assert found.margin.deviations == pytest.approx(aside_deg(8, 15) / 5, abs=1e-4)


def test_margin_of_tilt_is_the_angle_to_the_nearer_edge():
    depression = math.degrees(math.atan2(10, 15))
    found = prover(Scene((camera(),), (place(),)), ONLY[Quantity.TILT]).proof("P")
    assert found.margin.quantity is Quantity.TILT
    assert found.margin.change == pytest.approx(depression - 60, abs=1e-4)


def test_margin_of_hfov_ends_where_the_density_runs_out():
    depth = 15 * math.cos(math.radians(30)) + 10 * math.sin(math.radians(30))
    widest = 2 * math.degrees(math.atan(4000 / (2 * 150 * depth)))
    found = prover(Scene((camera(),), (place(level=150),)), ONLY[Quantity.HFOV]).proof("P")
    assert found.margin.quantity is Quantity.HFOV
    assert found.margin.change == pytest.approx(widest / 60 - 1, abs=1e-5)
    assert found.margin.deviations == pytest.approx((widest / 60 - 1) / 0.1, abs=1e-4)


def test_smallest_of_all_in_standard_deviations_is_the_margin():
    """What counts is how likely a change is, not how large."""
    found = prover(Scene((camera(),), (place(at=(8, 15)),)), Deviations(40, 3, 0.001)).proof("P")
    assert found.margin.quantity is Quantity.AZIMUTH
    found = prover(Scene((camera(),), (place(at=(8, 15)),)), Deviations(0.5, 30, 0.001)).proof("P")
    assert found.margin.quantity is Quantity.TILT


def test_an_area_is_uncovered_when_more_than_the_tolerated_hole_is_lost():
    """The view's right side passes the area's corner; 0.25 m2 or 0.1 % may be lost before it counts."""
    area = KeyPlace("P", "P", box(-2, 12, 6, 18), 25, GROUND)
    found = prover(Scene((camera(),), (area,)), ONLY[Quantity.AZIMUTH]).proof("P")
    touched = min(aside_deg(x, y) for x, y in ((6, 12), (6, 18)))
    assert found.margin.change < -touched
    assert found.margin.change == pytest.approx(-touched, abs=2)


def test_confidence_of_one_angle_is_the_normal_share():
    edge = aside_deg(8, 15)
    other = aside_deg(-8, 15)
    found = prover(Scene((camera(),), (place(at=(8, 15)),)), ONLY[Quantity.AZIMUTH], draws=4000).proof("P")
    inside = (math.erf(edge / 5 / math.sqrt(2)) + math.erf(other / 5 / math.sqrt(2))) / 2
    assert found.confidence == pytest.approx(inside, abs=0.02)


def test_uncovered_places_have_no_proof():
    scene = Scene((camera(),), (place("behind", (0, -15)), place("seen"), place("far", (0, 400))))
    assert [one.place for one in proofs(CoverageModel(scene), {}, Period.DAY)] == ["seen"]
    assert prover(scene).proof("behind") is None
    with pytest.raises(KeyError):
        prover(scene).proof("nowhere")


def test_an_uncovered_place_may_come_to_be_seen_in_some_draws():
    outcomes = prover(Scene((camera(),), (place(at=(12, 12)),)), Deviations(15, 0, 0)).outcomes("P")
    assert 0 < sum(outcomes) < len(outcomes)


def test_two_cameras_that_each_see_all_of_it_leave_no_single_change_that_uncovers():
    both = Scene((camera(), camera("E", 180, x=16, y=30)), (place(at=(8, 15)),))
    assert prover(both).proof("P").margin is None
    assert prover(both).proof("P").confidence > prover(replace(both, cameras=both.cameras[:1])).proof("P").confidence


def test_with_redundancy_each_of_two_devices_is_needed():
    both = Scene((camera(), camera("E", 180, y=30.5)), (place(redundancy=2),))
    found = prover(both, ONLY[Quantity.TILT]).proof("P")
    assert found.margin.camera == "C"
    single = replace(both, cameras=tuple(replace(one, device="box") for one in both.cameras))
    assert prover(single).proof("P") is None


def test_a_fence_that_rests_on_two_cameras_jointly_depends_on_both():
    fence = KeyPlace("P", "P", LineString([(-20, 15), (20, 15)]), 25, GROUND)
    scene = Scene((camera("W", x=-12, hfov=80), camera("E", x=12, hfov=80)), (fence,))
    assert prover(replace(scene, cameras=scene.cameras[:1])).proof("P") is None
    joint = prover(scene).proof("P")
    one_sure = Prover(CoverageModel(scene), {"W": Trust(PoseGrade.WALKED, Deviations(0, 0, 0))}, Period.DAY).proof("P")
    assert joint.margin is not None
    assert one_sure.margin.camera == "E"
    assert joint.confidence < one_sure.confidence < 1


GRADES = [
    ("one from the ledger", ["ledger"], "ledger"),
    ("walked makes the ledger's needless", ["ledger", "walked"], "walked"),
    ("the better of two", ["declared", "calibrated"], "calibrated"),
    ("declared alone", ["declared"], "declared"),
]


@pytest.mark.parametrize(("grades", "expected"), [row[1:] for row in GRADES], ids=[row[0] for row in GRADES])
def test_grade_is_the_best_at_which_cameras_cover_the_place(grades, expected):
    cameras = tuple(camera(f"C{number}") for number in range(len(grades)))
    trust = {one.id: Trust.by_grade(PoseGrade(grade)) for one, grade in zip(cameras, grades, strict=True)}
    model = CoverageModel(Scene(cameras, (place(),)))
    assert Prover(model, trust, Period.DAY).proof("P").grade == expected


def test_grade_of_a_place_that_needs_two_devices_is_the_lower_one():
    trust = {"C": Trust.by_grade(PoseGrade.WALKED), "E": Trust.by_grade(PoseGrade.LEDGER)}
    model = CoverageModel(Scene((camera(), camera("E")), (place(redundancy=2),)))
    assert Prover(model, trust, Period.DAY).proof("P").grade is PoseGrade.LEDGER


def test_what_is_known_exactly_is_certain_and_has_no_margin():
    found = prover(Scene((camera(),), (place(),)), Deviations(0, 0, 0), grade=PoseGrade.WALKED).proof("P")
    assert (found.confidence, found.margin, found.grade) == (1.0, None, PoseGrade.WALKED)


def test_smaller_deviations_keep_every_draw_in_which_a_point_stayed_covered():
    """The azimuths at which one camera sees a point are an interval: shrinking a draw towards its middle stays in."""
    scene = Scene((camera(),), (place(at=(8, 15)),))
    rows = [np.array(prover(scene, Deviations(sigma, 0, 0)).outcomes("P")) for sigma in (1, 2, 5, 10, 20)]
    assert all((small >= large).all() for small, large in pairwise(rows))
    assert rows[0].all()
    assert not rows[-1].all()


def test_another_camera_never_loses_a_draw():
    scene = Scene((camera(),), (place(at=(8, 15)),))
    more = replace(scene, cameras=(*scene.cameras, camera("E", 170, y=32)))
    assert (np.array(prover(more).outcomes("P")) >= np.array(prover(scene).outcomes("P"))).all()


def test_same_seed_same_proof_other_seed_other_draws():
    scene = Scene((camera(),), (place(at=(8, 15)),))
    assert prover(scene, seed=3).proof("P") == prover(scene, seed=3).proof("P")
    assert prover(scene, seed=3).outcomes("P") != prover(scene, seed=4).outcomes("P")


def test_now_a_blind_camera_proves_nothing_and_an_unknown_one_neither():
    scene = Scene((camera(), camera("E", 180, y=30)), (place(),))
    one = prover(scene, sights={"C": Sight(), "E": Sight(SightState.BLIND, "black")}).proof("P")
    assert one == prover(replace(scene, cameras=scene.cameras[:1])).proof("P")
    assert prover(scene, sights={"C": Sight()}).proof("P") == one
    assert prover(scene, sights={}).proof("P") is None


def test_blur_takes_from_the_margin():
    scene = Scene((camera(),), (place(level=90),))
    sharp = prover(scene, ONLY[Quantity.HFOV], sights={"C": Sight()}).proof("P").margin
    blurred = prover(scene, ONLY[Quantity.HFOV], sights={"C": Sight(density_divisor=2)}).proof("P").margin
    assert 0 < blurred.change < sharp.change


def test_walls_do_not_turn_with_the_camera():
    """The place is 0.5 degrees from the shade of a wall, but turning the camera moves no wall."""
    wall = Obstacle("W", box(0.2, 5, 8, 6), 0, 12)
    scene = Scene((camera(),), (place(at=(-0.3, 15)),), (wall,))
    assert prover(scene, ONLY[Quantity.AZIMUTH]).proof("P").margin.change == pytest.approx(aside_deg(0.3, 15), abs=1e-4)


def test_no_draws_are_refused():
    with pytest.raises(ValueError, match="draws 0"):
        prover(Scene((camera(),), (place(),)), draws=0)


def _sights(rng, scene):
    grid = np.zeros((4, 4), dtype=np.bool_)
    grid[1, 2] = True
    kinds = (
        Sight(),
        Sight(),
        Sight(SightState.BLIND),
        Sight(SightState.UNKNOWN),
        Sight(density_divisor=1.5),
        Sight(hidden=grid),
        Sight(width_px=1280),
    )
    return {one.id: kinds[int(rng.integers(len(kinds)))] for one in scene.cameras}


@pytest.mark.parametrize("seed", [101, 102, 103, 104])
@pytest.mark.parametrize("now", [False, True], ids=["design", "now"])
def test_every_draw_is_answered_as_by_a_model_built_for_it(seed, now):
    rng = np.random.default_rng(seed)
    scene = random_scene(rng, places=12)
    sights = _sights(rng, scene) if now else None
    trust = {scene.cameras[0].id: Trust.by_grade(PoseGrade.CALIBRATED)}
    trust[scene.cameras[1].id] = Trust(PoseGrade.LEDGER, replace(DEVIATIONS[PoseGrade.LEDGER], roll_deg=4.0))
    period = Period.NIGHT if seed % 2 else Period.DAY
    expected = brute_outcomes(scene, trust, period, sights, 4, seed)
    answered = Prover(CoverageModel(scene), trust, period, sights, draws=4, seed=seed)
    assert {name: answered.outcomes(name) for name in answered.places} == expected
    verdicts = CoverageModel(scene).verdicts(sights, period)
    for name in answered.places:
        found = answered.proof(name)
        assert (found is not None) == (verdicts[name] is True)
        assert found is None or found.confidence == sum(expected[name]) / 4

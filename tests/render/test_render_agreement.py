"""The rendered picture and the geometry agree on what is seen, apart from a band of two pixels."""

from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from render_agreement import SAME_DEPTH, TINY_LEVEL, changes_near, compare, sample_points
from render_worlds import CAMERAS, EVERYTHING
from shapely.affinity import translate

from cammon.sitefiles.reader import read_site
from cammon.virtual.render import render_static
from cammon_coverage.model import Period, Scene, Target
from cammon_coverage.seen import Ground, seen_region

DEMO_CAMERAS = [f"CAM{number:02d}" for number in range(1, 25)]
MOST_IN_BAND = 0.01
"""Share of the points that may lie in the band: it is a band, not a blanket."""


@pytest.fixture(scope="module")
def demo(repository: Path) -> Scene:
    """The demo mine."""
    site = read_site(repository / "config" / "demo-mine").site
    assert site is not None
    return site.scene


@pytest.mark.parametrize("z", [0.0, 1.8, 4.5, 11.0])
@pytest.mark.parametrize("chosen", CAMERAS, ids=[one.id for one in CAMERAS])
def test_picture_and_plan_agree_where_everything_occurs(chosen, z: float) -> None:
    found = compare(EVERYTHING, chosen, z, 960, 540, 3000, 1)
    assert len(found.wrong) == 0, found
    assert found.in_band <= MOST_IN_BAND * max(1, found.seen + found.hidden), found


def test_the_cameras_above_try_both_answers() -> None:
    answers = [compare(EVERYTHING, chosen, 0.0, 960, 540, 2000, 3) for chosen in CAMERAS]
    assert sum(one.seen > 200 for one in answers) >= 6
    assert sum(one.hidden > 200 for one in answers) >= 6


def test_every_demo_camera_is_tested(demo: Scene) -> None:
    assert sorted(one.id for one in demo.cameras) == DEMO_CAMERAS


@pytest.mark.parametrize("z", [0.0, 1.8])
@pytest.mark.parametrize("name", DEMO_CAMERAS)
def test_picture_and_plan_agree_for_each_demo_camera(demo: Scene, name: str, z: float) -> None:
    chosen = next(one for one in demo.cameras if one.id == name)
    found = compare(demo, chosen, z, 960, 540, 5000, 7)
    assert found.seen > 500, found
    assert len(found.wrong) == 0, found
    assert found.in_band <= MOST_IN_BAND * (found.seen + found.hidden), found


def test_a_building_out_of_place_by_a_step_is_noticed() -> None:
    """The comparison itself: the plan of a site whose hoist house stands half a metre farther east."""
    shifted = tuple(
        replace(one, footprint=translate(one.footprint, 0.5)) if one.id == "hoist" else one
        for one in EVERYTHING.obstacles
    )
    chosen = CAMERAS[0]
    view = render_static(replace(EVERYTHING, obstacles=shifted), chosen, 960, 540)
    points = sample_points(view, EVERYTHING, 0.0, 40000, 1)
    pixels, depth, _ = view.eye.project(points)
    shown = depth <= view.depth_at(pixels) * (1 + SAME_DEPTH)
    region = seen_region(Ground(EVERYTHING.obstacles, ()), chosen, Period.DAY, TINY_LEVEL, Target(0.0, 0.0))
    differ = shown != shapely.contains_xy(region, points[:, 0], points[:, 1])
    assert (differ & ~changes_near(view, pixels, shown, 0.0)).sum() > 3

"""Proofs over terrain: every draw answered as by a whole new terrain model built for it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from proof_judge import random_scene
from shapely import Point, box

from cammon.cli.coverage import coverage
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade, Trust, changed_cameras
from cammon_coverage.engine import CoverageModel
from cammon_coverage.margin import Quantity
from cammon_coverage.model import (
    Camera,
    DensityModel,
    KeyPlace,
    Lens,
    Period,
    Pose,
    Scene,
    Sight,
    SightState,
    Target,
)
from cammon_coverage.proof import Prover
from cammon_coverage.terrain import Terrain
from cammon_coverage.terrain_model import TerrainModel
from tests.terrain.dem_files import TERRAIN, write_dem, write_site

DRAWS = 4


def rough(seed, cell=1.0, reach=45):
    """Hills some metres high, a step, and a hole whose ground is not known."""
    rng = np.random.default_rng(seed)
    side = np.arange(-reach, reach + cell, cell)
    x, y = np.meshgrid(side, side)
    heights = 700 + 0.08 * x - 0.05 * y + 2 * np.sin(x / 9 + rng.uniform(0, 6)) * np.cos(y / 11) + 2 * (x + y > 20)
    heights[3:6, 3:9] = np.nan
    return Terrain(heights, -float(reach), -float(reach), cell)


def brute(scene, terrain, trust, period, sights, seed):
    """Place id -> covered, draw by draw, from a terrain model built for each."""
    rows = []
    for number in range(DRAWS):
        cameras = changed_cameras(scene.cameras, trust, seed, DRAWS, number)
        verdicts = TerrainModel(replace(scene, cameras=cameras), terrain).verdicts(sights, period)
        rows.append([verdicts[place.id] is True for place in scene.key_places])
    return {place.id: tuple(column) for place, column in zip(scene.key_places, zip(*rows, strict=True), strict=True)}


def some_sights(rng, scene):
    grid = np.zeros((4, 4), dtype=np.bool_)
    grid[1, 2] = True
    kinds = (Sight(), Sight(), Sight(SightState.BLIND), Sight(density_divisor=1.5), Sight(hidden=grid))
    return {one.id: kinds[int(rng.integers(len(kinds)))] for one in scene.cameras}


@pytest.mark.parametrize("seed", range(6))
def test_every_draw_is_answered_as_by_a_terrain_model_built_for_it(seed):
    rng = np.random.default_rng(200 + seed)
    scene = replace(random_scene(rng, places=14), density_model=list(DensityModel)[seed % 3])
    masked = replace(scene.cameras[0], masks=(box(0.2, 0.3, 0.6, 0.9),))
    scene = replace(scene, cameras=(masked, *scene.cameras[1:]))
    sights = some_sights(rng, scene) if seed % 2 else None
    trust = {scene.cameras[1].id: Trust(PoseGrade.LEDGER, replace(DEVIATIONS[PoseGrade.LEDGER], roll_deg=4.0))}
    period = Period.NIGHT if seed in (2, 3) else Period.DAY
    terrain = rough(seed)
    prover = Prover(TerrainModel(scene, terrain), trust, period, sights, draws=DRAWS, seed=seed)
    found = {name: prover.outcomes(name) for name in prover.places}
    assert found == brute(scene, terrain, trust, period, sights, seed)


def test_the_random_sites_are_no_easy_ones():
    """Among the draws above are places that are covered in some and not in others, and places never covered."""
    mixed = 0
    for seed in range(4):
        scene = random_scene(np.random.default_rng(200 + seed), places=14)
        prover = Prover(TerrainModel(scene, rough(seed)), {}, Period.DAY, draws=DRAWS, seed=seed)
        mixed += sum(0 < sum(prover.outcomes(name)) < DRAWS for name in prover.places)
    assert mixed >= 2


def one_camera(tilt=20.0, height=10.0):
    return Camera("C", Pose(0, 0, height, 0, tilt), Lens(60, 4000, 4000, night_range_m=60), "C")


def slope(rise):
    side = np.arange(-60.0, 61.0)
    _, y = np.meshgrid(side, side)
    return Terrain(500 + rise * y, -60.0, -60.0, 1.0)


TILT_ONLY = {"C": Trust(PoseGrade.LEDGER, Deviations(0, 3, 0))}


@pytest.mark.parametrize("rise", [0.0, -0.3, 0.2])
def test_the_margin_of_tilt_follows_the_real_ground(rise):
    """A point on the ground 20 m north is at the depression atan((10 - 20 rise) / 20), 30 degrees from each edge."""
    scene = Scene((one_camera(),), (KeyPlace("P", "P", Point(0, 20), 25, Target(0, 0)),))
    proof = Prover(TerrainModel(scene, slope(rise)), TILT_ONLY, Period.DAY).proof("P")
    depression = np.degrees(np.arctan2(10 - 20 * rise, 20))
    up, down = depression - 50, depression + 10
    expected = up if abs(up) < abs(down) else down
    assert proof.margin.quantity is Quantity.TILT
    assert proof.margin.change == pytest.approx(expected, abs=0.01)
    flat = Prover(CoverageModel(scene), TILT_ONLY, Period.DAY).proof("P").margin.change
    assert (abs(flat - proof.margin.change) < 0.01) == (rise == 0)


def test_a_camera_on_unknown_ground_proves_nothing():
    heights = slope(0.0).heights.copy()
    heights[58:63, 58:63] = np.nan
    terrain = replace(slope(0.0), heights=heights)
    scene = Scene((one_camera(),), (KeyPlace("P", "P", Point(0, 20), 25, Target(0, 0)),))
    prover = Prover(TerrainModel(scene, terrain), {}, Period.DAY, draws=3)
    assert prover.proof("P") is None
    assert prover.outcomes("P") == (False, False, False)


def test_the_command_names_the_cells_in_which_it_proves(tmp_path):
    folder = write_site(tmp_path / "hill", settings=TERRAIN)
    write_dem(folder / "dem.tif")
    done = CliRunner().invoke(coverage, [str(folder), "--proof", "--language", "en"])
    assert done.exit_code == 0, done.exception
    head, *rest = done.stdout.splitlines()
    assert "in cells of 1 m" in head
    assert any("K0" in line and "%" in line for line in rest)
    told = json.loads(CliRunner().invoke(coverage, [str(folder), "--proof", "--json"]).stdout)
    assert (told["method"], told["resolution_m"]) == ("terrain", 1.0)
    assert 0 < told["key_places"][0]["proof"]["confidence"] <= 1

"""Replacements and new cameras on real geometry; every promise is computed again from a scene that has them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path

import pytest
from shapely import box

from cammon.sitefiles import read_site
from cammon.sitefiles.model import CatalogModel, LedgerCamera, Site
from cammon.upgrades import Action, OpenFault, Why, prospects, upgrade_list
from cammon.upgrades.moves import broken_moves, sights_after
from cammon.upgrades.shared import shared_failures
from cammon.upgrades.table import covered_by, fill_table
from cammon.upgrades.trials import weights_of
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    Camera,
    KeyPlace,
    Lens,
    MountingPlace,
    Obstacle,
    Period,
    Pose,
    Scene,
    Sight,
    SightState,
)
from cammon_probes.model import Fault

TODAY = date(2026, 3, 1)
SINCE = datetime(2026, 2, 28, 22, 0, tzinfo=UTC)
GATE = KeyPlace("GATE", "Gate", box(-2, 18, 2, 20), 125.0, priority=1)
# From (0, 0) looking north: 1280 pixels over 60 degrees are 1280 / (2 * 20 * tan 30) = 55 px/m at the gate.
WEAK = Camera("A", Pose(0, 0, 4, 0, 8), Lens(60.0, 1280, 720, night_range_m=40), "A")
GOOD = CatalogModel("GOOD", "", 3840, 2160, 40, 90, 40, 900)
DARK = CatalogModel("DARK", "", 3840, 2160, 40, 90, None, 100)
SMALL = CatalogModel("SMALL", "", 1280, 720, 60, 90, 40, 50)
NARROW = CatalogModel("NARROW", "", 1920, 1080, 20, 20, 40, 300)


def site_with(*cameras, places=(GATE,), catalog=(GOOD,), **scene):
    fields = {name: scene.pop(name) for name in ("declared",) if name in scene}
    ledger = tuple(LedgerCamera(one.id, f"Camera {one.id}", one.device, 2, host="127.0.0.2") for one in cameras)
    return Site(
        "s",
        "S",
        Path("s"),
        "v",
        cameras=ledger,
        scene=Scene(tuple(cameras), places, **scene),
        catalog={model.model: model for model in catalog},
        **fields,
    )


def listed(site, sights=None, faults=None):
    return upgrade_list(site, CoverageModel(site.scene), sights or {}, faults or {}, TODAY)


def pairs(row):
    return {(gain.place, gain.period) for gain in row.gains}


BOTH = {("GATE", Period.DAY), ("GATE", Period.NIGHT)}


def test_an_outdated_camera_is_replaced_by_the_cheapest_model_that_reaches_the_level():
    dear = replace(GOOD, model="DEAR", price=2000)
    (row,) = listed(site_with(WEAK, catalog=(dear, SMALL, GOOD))).rows
    assert (row.action, row.why, row.subject, row.target_model, row.cost) == (
        Action.REPLACE,
        Why.OUTDATED,
        "A",
        "GOOD",
        900,
    )
    assert pairs(row) == BOTH
    assert row.cumulative == 1.0
    assert {one.code for one in row.evidence} == {"level_missed", "model_reaches"}
    missed = next(one for one in row.evidence if one.code == "level_missed")
    assert 45 < missed.params["density_px_per_m"] < 60
    lens = next(one for one in row.evidence if one.code == "model_reaches").params["hfov_deg"]
    promised = CoverageModel(site_with(replace(WEAK, lens=Lens(lens, 3840, 2160, night_range_m=40))).scene)
    assert promised.verdicts(None, Period.DAY)["GATE"]


def test_a_model_without_night_range_brings_back_the_day_alone():
    (row,) = listed(site_with(WEAK, catalog=(DARK,))).rows
    assert pairs(row) == {("GATE", Period.DAY)}
    assert row.cumulative == 0.0


def test_a_camera_that_is_too_dark_gets_one_that_sees_by_night():
    blind_by_night = replace(WEAK, lens=Lens(60.0, 3840, 2160, night_range_m=5))
    (row,) = listed(site_with(blind_by_night, catalog=(DARK, GOOD))).rows
    assert row.target_model == "GOOD"
    assert pairs(row) == {("GATE", Period.NIGHT)}
    assert row.evidence[0].code == "too_dark"


def test_a_lens_that_would_lose_another_place_is_refused():
    beside = KeyPlace("SIDE", "Side", box(-6.5, 12, -5.5, 13), 25.0, priority=3)
    assert CoverageModel(site_with(WEAK, places=(GATE, beside)).scene).verdicts(None, Period.DAY)["SIDE"]
    alone = listed(site_with(WEAK, catalog=(NARROW,))).rows
    assert [row.target_model for row in alone] == ["NARROW"]
    rows = listed(site_with(WEAK, places=(GATE, beside), catalog=(NARROW,))).rows
    assert not any(row.target_model == "NARROW" for row in rows)


def test_a_camera_that_no_model_helps_is_outdated_for_what_it_is_declared_for():
    far = replace(GATE, level_px_per_m=100.0)
    onlooker = replace(GATE, id="NEAR", name="Near", geometry=box(-1, 9, 1, 10), level_px_per_m=25.0)
    # It covers another place, so the far one is none of its business unless somebody says so.
    quiet = site_with(WEAK, places=(far, onlooker), catalog=(SMALL,))
    assert not listed(quiet).rows
    (row,) = listed(replace(quiet, declared={"GATE": ("A",)})).rows
    assert (row.target_model, row.gains, row.evidence[-1].code) == ("", (), "no_model_reaches")


def test_the_lenses_of_one_box_are_not_taken_apart():
    other = Camera("B", replace(WEAK.pose, azimuth_deg=180), WEAK.lens, "A")
    rows = listed(site_with(WEAK, other, declared={"GATE": ("A",)})).rows
    assert [(row.subject, row.target_model) for row in rows] == [("A", "")]


def test_a_new_camera_is_hung_where_it_covers_the_blind_place():
    site = site_with(mounting_places=(MountingPlace("M", "Mast", 0, 5, 5),))
    (row,) = listed(site).rows
    assert (row.action, row.why, row.kind, row.subject) == (Action.ADD, Why.BLIND, "mounting_place", "M")
    assert row.cost == 900 + site.lifecycle.cost["add"] - site.lifecycle.cost["replace"]
    assert pairs(row) == BOTH
    view = next(one for one in row.evidence if one.code == "view").params
    pose = Pose(0, 5, view["height_m"], view["azimuth_deg"], view["tilt_deg"])
    hung = Camera("N", pose, Lens(view["hfov_deg"], 3840, 2160, night_range_m=40), "N")
    assert CoverageModel(site_with(hung).scene).verdicts(None, Period.NIGHT)["GATE"]


@pytest.mark.parametrize(
    ("mount", "obstacles"),
    [
        pytest.param(
            MountingPlace("M", "Mast", 0, 5, 5), (Obstacle("W", box(-30, 10, 30, 11), 0, 12),), id="behind a wall"
        ),
        pytest.param(MountingPlace("M", "Mast", 0, -400, 5), (), id="too far for any lens"),
    ],
)
def test_no_new_camera_where_it_would_see_nothing(mount, obstacles):
    assert not listed(site_with(mounting_places=(mount,), obstacles=obstacles)).rows


def test_a_broken_camera_whose_repair_and_replacement_both_gain():
    """Repaired it covers the yard, replaced also the gate: the cheap repair first, the replacement for the rest."""
    yard = KeyPlace("YARD", "Yard", box(-1, 9, 1, 10), 62.5, priority=2)
    site = site_with(WEAK, places=(GATE, yard))
    faults = {"A": (OpenFault(Fault.BLACK, SINCE),)}
    rows = listed(site, {"A": Sight(SightState.BLIND, "black")}, faults).rows
    assert [row.action for row in rows][-1] is Action.REPLACE
    assert rows[-1].cumulative == 1.0
    dear = replace(site, lifecycle=replace(site.lifecycle, cost={**site.lifecycle.cost, "repair": 5000.0}))
    (row,) = listed(dear, {"A": Sight(SightState.BLIND, "black")}, faults).rows
    assert row.action is Action.REPLACE
    assert len(row.gains) == 4


def test_a_new_camera_behind_a_dead_switch_sees_nothing_until_the_switch_works():
    site = site_with(WEAK)
    other = replace(WEAK, id="B", device="B", pose=replace(WEAK.pose, azimuth_deg=180))
    site = replace(
        site_with(WEAK, other), cameras=tuple(replace(one, switch="S") for one in site_with(WEAK, other).cameras)
    )
    faults = {name: (OpenFault(Fault.TIMEOUT, SINCE),) for name in "AB"}
    sights = {name: Sight(SightState.BLIND, "timeout") for name in "AB"}
    rows = listed(site, sights, faults).rows
    assert {(row.kind, row.action) for row in rows} == {("switch", Action.REPAIR), ("camera", Action.REPLACE)}
    assert not rows[0].gains
    assert pairs(rows[1]) == BOTH
    assert rows[0].together_with == (rows[1].subject,)


# The demo site


@pytest.fixture(scope="module")
def demo(repository):
    site = read_site(repository / "config" / "demo-mine").site
    model = CoverageModel(site.scene)
    return site, model, prospects(site, model, TODAY)


def broken(names, fault=Fault.BLACK, state=SightState.BLIND):
    return {name: Sight(state, fault.value) for name in names}, {name: (OpenFault(fault, SINCE),) for name in names}


def brute_share(site, rows, sights, faults):
    """The weighted share of a site on which these rows were carried out, from a scene built for it."""
    cameras = {camera.id: camera for camera in site.scene.cameras}
    now = {camera: sights.get(camera, Sight()) for camera in cameras}
    for row in rows:
        for camera in row.cameras if row.why is Why.BROKEN else ():
            now[camera] = Sight()
        for view in (one.params for one in row.evidence if one.code in ("model_reaches", "model_shows_more", "view")):
            model = site.catalog[view["model"]]
            lens = Lens(view["hfov_deg"], model.width_px, model.height_px, night_range_m=model.night_range_m)
            if row.action is Action.ADD:
                mount = next(one for one in site.scene.mounting_places if one.id == row.subject)
                pose = Pose(mount.x, mount.y, mount.height_m, view["azimuth_deg"], view["tilt_deg"])
                name = f"new {row.rank}"
                cameras[name] = Camera(name, pose, lens, name)
                now[name] = Sight()
            else:
                cameras[row.subject] = replace(cameras[row.subject], lens=lens)
                now[row.subject] = Sight()
    model = CoverageModel(replace(site.scene, cameras=tuple(cameras.values())))
    return min(model.effective(now, period).weighted_ratio for period in Period)


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        pytest.param((), Fault.BLACK, id="healthy"),
        pytest.param(("CAM24",), Fault.BLACK, id="the magazine's only camera"),
        pytest.param(("CAM02", "CAM03", "CAM09", "CAM24"), Fault.COVERED, id="four lenses"),
        pytest.param(("CAM09", "CAM21"), Fault.FROZEN, id="broken and outdated"),
    ],
)
def test_each_row_of_the_demo_site_keeps_its_promise(demo, names, fault):
    site, model, known = demo
    sights, faults = broken(names, fault)
    report = upgrade_list(site, model, sights, faults, TODAY, known)
    assert report.covered_now == pytest.approx(brute_share(site, (), sights, faults))
    for count, row in enumerate(report.rows, start=1):
        if row.gains:
            assert row.cumulative == pytest.approx(brute_share(site, report.rows[:count], sights, faults))
    assert [row.cumulative for row in report.rows] == sorted(row.cumulative for row in report.rows)
    assert {row.subject for row in report.rows if row.why is Why.BROKEN} <= set(names)


def test_a_dead_switch_of_the_demo_site_is_one_row_with_all_its_places(demo):
    site, model, known = demo
    behind = [camera.id for camera in site.cameras if camera.switch == "SW2"]
    sights, faults = broken(behind, Fault.UNREACHABLE)
    report = upgrade_list(site, model, sights, faults, TODAY, known)
    first = report.rows[0]
    assert (first.kind, first.subject, set(first.cameras)) == ("switch", "SW2", set(behind))
    assert len(first.gains) > 2
    assert sum(row.why is Why.BROKEN for row in report.rows) == 1


def test_table_of_the_demo_site_agrees_with_its_coverage_for_every_set_of_repairs(demo):
    site, model, _ = demo
    names = [camera.id for camera in site.scene.cameras if camera.switch == "SW2"][:6]
    sights, faults = broken(names)
    now = {camera.id: sights.get(camera.id, Sight()) for camera in site.scene.cameras}
    moves = broken_moves(site, faults, shared_failures(site.cameras, faults))
    table = fill_table(model, moves, now, faults, weights_of(site.scene))
    for size in range(len(moves) + 1):
        for chosen in combinations(moves, size):
            expected = covered_by(model, sights_after(chosen, now, faults, ()))
            assert table.covered(table.places, frozenset(move.id for move in chosen)) == expected


def test_known_prospects_change_nothing_but_the_time(demo):
    site, model, known = demo
    sights, faults = broken(("CAM24",))
    assert upgrade_list(site, model, sights, faults, TODAY, known) == upgrade_list(site, model, sights, faults, TODAY)

"""Rows, JSON and table of the proofs of a small site."""

import json

import pytest
from shapely import Point

from cammon.proofreport import as_objects, as_table, calibrate_next, marginal_first, proof_rows, trust_of
from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Camera, KeyPlace, Lens, Pose, Scene, Sight, SightState, Target


@pytest.fixture
def site(tmp_path):
    cameras = tuple(
        Camera(name, Pose(x, 0, 10, 0, 30), Lens(60, 4000, 4000, night_range_m=reach), name)
        for name, x, reach in (("LED", 0, 12.0), ("CAL", 500, 60.0))
    )
    spots = {"gate": (9, 15), "store": (0, 15), "dock": (500, 15), "dark": (0, -50)}
    places = tuple(KeyPlace(name, f"the {name}", Point(at), 25, Target(0, 0)) for name, at in spots.items())
    ledger = (
        LedgerCamera("LED", "", "LED", 2),
        LedgerCamera("CAL", "", "CAL", 3, pose_grade="calibrated"),
        LedgerCamera("SAID", "", "SAID", 4, pose_grade="declared"),
    )
    return Site("s", "s", tmp_path, "v", cameras=ledger, scene=Scene(cameras, places))


@pytest.fixture
def rows(site):
    return proof_rows(site, CoverageModel(site.scene), {"LED": Sight(SightState.BLIND), "CAL": Sight()}, draws=50)


def test_every_covered_place_has_a_row_on_each_basis_and_in_each_period(rows):
    found = {(row.basis.value, row.period.value, row.proof.place) for row in rows}
    assert found == {
        *(("design", "day", place) for place in ("gate", "store", "dock")),
        ("design", "night", "dock"),
        ("effective", "day", "dock"),
        ("effective", "night", "dock"),
    }


def test_without_sights_there_is_the_design_only(site):
    assert {row.basis.value for row in proof_rows(site, CoverageModel(site.scene), draws=5)} == {"design"}


def test_grades_and_deviations_come_from_the_ledger_and_from_calibration(site):
    own = Deviations(0.3, 0.2, 0.01)
    trust = trust_of(site, {"CAL": own})
    assert [trust[name].grade for name in ("LED", "CAL", "SAID")] == ["ledger", "calibrated", "declared"]
    assert (trust["CAL"].deviations, trust["LED"].deviations) == (own, DEVIATIONS[PoseGrade.LEDGER])
    settled = {PoseGrade.LEDGER: Deviations(1, 1, 0.01)}
    assert trust_of(site, by_grade=settled)["LED"].deviations == settled[PoseGrade.LEDGER]
    assert trust_of(site, by_grade=settled)["CAL"].deviations == DEVIATIONS[PoseGrade.CALIBRATED]


def test_objects_have_the_shape_of_the_page(rows):
    objects = as_objects(rows)
    assert json.loads(json.dumps(objects)) == objects
    assert set(objects) == {"gate", "store", "dock"}
    gate = objects["gate"]
    assert set(gate) == {"proof", "design", "effective"}
    assert gate["proof"] == gate["design"]["day"]
    assert set(gate["proof"]) == {"grade", "margin", "confidence"}
    assert set(gate["proof"]["margin"]) == {"camera", "quantity", "change", "unit", "deviations"}
    assert (gate["proof"]["grade"], gate["proof"]["margin"]["camera"]) == ("ledger", "LED")
    assert gate["design"]["night"] is None
    assert gate["effective"] == {"day": None, "night": None}
    assert objects["dock"]["effective"]["day"] == objects["dock"]["proof"]


def test_the_least_certain_place_stands_first_and_its_camera_is_calibrated_next(rows):
    assert [row.proof.place for row in marginal_first(rows)] == ["gate", "store", "dock"]
    assert calibrate_next(rows) == [("LED", 1)]


def test_tables(rows):
    english, chinese = as_table(rows, "en"), as_table(rows, "zh")
    assert english.splitlines()[1].split()[1] == "gate"
    assert "LED" in english
    assert "Calibrate next: LED (places: 1)" in english
    assert "台账" in chinese
    assert "标准差" in chinese
    assert "下一步标定：LED（涉及部位 1 个）" in chinese
    assert not any(word in chinese for word in ("ledger", "azimuth", "design"))


def test_tables_of_little(rows):
    assert as_table((), "en") == "No covered place, nothing to prove."
    assert as_table((), "zh").startswith("没有")
    sure = [row for row in rows if row.proof.place == "dock"]
    assert as_table(sure, "en").splitlines()[-1] == "Every covered place stays covered in 100% of the draws or more."


def test_progress_is_told_and_workers_change_nothing(site):
    told = []
    alone = proof_rows(site, CoverageModel(site.scene), draws=5, progress=lambda done, of: told.append((done, of)))
    assert told == [(number, 4) for number in range(1, 5)]
    assert proof_rows(site, CoverageModel(site.scene), draws=5, workers=2) == alone

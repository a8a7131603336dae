"""Deviations that a calibration wrote into the ledger go before those of the grade, which site.toml may set."""

import json
from pathlib import Path
from statistics import NormalDist

import pytest
from click.testing import CliRunner

from cammon.cli import cammon
from cammon.proofreport import trust_of
from cammon.sitefiles.model import LedgerCamera, Site
from cammon_coverage.draws import DEVIATIONS, Deviations, PoseGrade

BY_GRADE = LedgerCamera("A", "A", "A", 2, pose_grade="calibrated")
WRITTEN = LedgerCamera("B", "B", "B", 3, pose_grade="calibrated", azimuth_sd_deg=0.4, tilt_sd_deg=0.2, hfov_sd_pct=1.5)
HALF = LedgerCamera("C", "C", "C", 4, azimuth_sd_deg=0.4)


def test_what_the_ledger_says_counts() -> None:
    trust = trust_of(Site("s", "s", Path(), "v", cameras=(BY_GRADE, WRITTEN, HALF)))
    assert trust["A"].deviations == DEVIATIONS[PoseGrade.CALIBRATED]
    assert trust["B"].deviations == Deviations(0.4, 0.2, 0.015)
    assert trust["C"].deviations == Deviations(0.4, 3.0, 0.1), "the rest is that of its grade"


SETTLED = {
    **DEVIATIONS,
    PoseGrade.LEDGER: Deviations(2.0, 1.0, 0.05, 0.5),
    PoseGrade.CALIBRATED: Deviations(1, 1, 1, 1),
}


def test_what_the_site_says_counts_for_what_the_ledger_leaves_open() -> None:
    trust = trust_of(Site("s", "s", Path(), "v", cameras=(BY_GRADE, WRITTEN, HALF), deviations=SETTLED))
    assert trust["A"].deviations == SETTLED[PoseGrade.CALIBRATED]
    assert trust["B"].deviations == Deviations(0.4, 0.2, 0.015), "a calibration brings its own"
    assert trust["C"].deviations == Deviations(0.4, 1.0, 0.05, 0.5)


def pose_settings(azimuth_sd_deg: float) -> str:
    return f"[pose.ledger]\nazimuth_sd_deg = {azimuth_sd_deg}\ntilt_sd_deg = 0\nhfov_sd_pct = 0\n"


def confidence(folder: Path, settings: str) -> tuple[float, dict[str, float]]:
    """Of one camera 10 m before a gate that it sees 10 degrees inside its left rim, and what the JSON states."""
    folder.mkdir()
    (folder / "site.toml").write_text('name = "x"\n' + settings, "utf-8")
    (folder / "cameras.csv").write_text(
        "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\nC,0,0,2,20,0,60,1920x1080\n", "utf-8"
    )
    place = {"kind": "key_place", "id": "K", "level": 25, "z0_m": 1, "z1_m": 2}
    feature = {"type": "Feature", "properties": place, "geometry": {"type": "Point", "coordinates": [0, 10]}}
    (folder / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    done = CliRunner().invoke(cammon, ["coverage", str(folder), "--proof", "--json"])
    said = json.loads(done.stdout)
    return said["key_places"][0]["proof"]["confidence"], said["pose_deviations"]["ledger"]


def test_a_smaller_deviation_gives_a_higher_confidence(tmp_path: Path) -> None:
    """Ten degrees to the rim: within them with the chance of the normal distribution, on the side of the rim alone."""
    for number, sd in enumerate((20.0, 10.0, 5.0, 0.0)):
        found, stated = confidence(tmp_path / str(number), pose_settings(sd))
        assert stated == {"azimuth_sd_deg": sd, "tilt_sd_deg": 0.0, "roll_sd_deg": 0.0, "hfov_sd_pct": 0.0}
        chance = 1.0 if sd == 0 else NormalDist(0, sd).cdf(10) - NormalDist(0, sd).cdf(-50)
        assert found == pytest.approx(chance, abs=0.1)


def test_confidence_grows_as_deviations_shrink(tmp_path: Path) -> None:
    settings = [pose_settings(sd) for sd in (40.0, 20.0, 10.0, 5.0, 1.0)]
    found = [confidence(tmp_path / str(n), text)[0] for n, text in enumerate(settings)]
    assert found == sorted(found)
    assert found[0] < 0.7 < 0.999 < found[-1]
    built_in, stated = confidence(tmp_path / "built-in", "")
    assert stated["azimuth_sd_deg"] == 5.0
    assert built_in < found[-1]

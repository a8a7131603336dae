"""Deviations that a calibration wrote into the ledger go before those of the grade."""

from pathlib import Path

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
    assert trust["C"].deviations == DEVIATIONS[PoseGrade.LEDGER]

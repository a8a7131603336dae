"""How well clicks give back the hidden pose of rendered cameras, and how honest the stated intervals are.

python benchmarks/calibration.py [--trials 200] [--seed 1] [SITE]
"""

import argparse
import time
from itertools import islice
from pathlib import Path

import numpy as np

from cammon.calibration.rehearsal import Rehearsal, rehearsals
from cammon.sitefiles import read_site
from cammon_coverage.calibration import Calibration, Refusal
from cammon_coverage.calibration_solve import calibrate

DEMO = Path(__file__).parent.parent / "config" / "demo-mine"
AIM = ("azimuth_deg", "tilt_deg", "roll_deg", "hfov_deg")


def main() -> None:
    """Print one table for each number of clicks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clicks", type=int, nargs="+", default=(6, 4, 8, 12))
    asked = parser.parse_args()
    site = read_site(asked.site).site
    if site is None:
        parser.error(f"{asked.site} cannot be read; see: cammon check {asked.site}")
    print(f"{asked.trials} trials each, seed {asked.seed}; 4 px clicks on a 1 m map; one wrong click in every third")
    for clicks in asked.clicks:
        trials = list(islice(rehearsals(site.scene, asked.seed, clicks), asked.trials))
        start = time.process_time()
        answers = [calibrate(trial.clicks, trial.camera.pose, trial.camera.lens) for trial in trials]
        report(clicks, trials, answers, (time.process_time() - start) * 1000 / len(trials))


def report(clicks: int, trials: list[Rehearsal], answers: list[Calibration | Refusal], each_ms: float) -> None:
    """Errors, how often the interval is true, how often the wrong click is named."""
    solved = [(trial, answer) for trial, answer in zip(trials, answers, strict=True) if isinstance(answer, Calibration)]
    wrong = [trial.wrong is not None for trial in trials]
    print(f"\n{clicks} clicks: {len(solved)} answered, {len(trials) - len(solved)} refused, {each_ms:.0f} ms each")
    print(f"{'':12} {'median':>7} {'p95':>7} {'worst':>7} {'95 % interval true':>19} {'its half width':>15}")
    for name in AIM if solved else ():
        off = np.array([error(trial, answer, name) for trial, answer in solved])
        half = np.array([(answer.intervals[name][1] - answer.intervals[name][0]) / 2 for _, answer in solved])
        true = np.mean([holds(trial, answer, name) for trial, answer in solved])
        print(
            f"{name:12} {np.median(off):7.2f} {np.percentile(off, 95):7.2f} {off.max():7.2f} {true:19.1%} "
            f"{np.median(half):15.2f}"
        )
    named = [
        trial.wrong in doubtful(answer)
        for trial, answer in zip(trials, answers, strict=True)
        if trial.wrong is not None
    ]
    alarms = [bool(doubtful(answer)) for answer, bad in zip(answers, wrong, strict=True) if not bad]
    print(f"wrong click named: {np.mean(named):.1%} of {len(named)}; a good one accused: {np.mean(alarms):.1%}")


def doubtful(answer: Calibration | Refusal) -> set[int]:
    """The clicks that an answer names, from 0."""
    if isinstance(answer, Calibration):
        return set(answer.doubtful)
    named = str(answer.params.get("doubtful", ""))
    return {int(number) - 1 for number in named.split(",") if number.strip()}


def hidden(trial: Rehearsal, name: str) -> float:
    """The true value."""
    return trial.lens.hfov_deg if name == "hfov_deg" else float(getattr(trial.pose, name))


def error(trial: Rehearsal, answer: Calibration, name: str) -> float:
    """How far the answer is off, degrees."""
    found = answer.lens.hfov_deg if name == "hfov_deg" else float(getattr(answer.pose, name))
    return abs((found - hidden(trial, name) + 180.0) % 360.0 - 180.0)


def holds(trial: Rehearsal, answer: Calibration, name: str) -> bool:
    """Whether the stated interval holds the true value."""
    low, high = answer.intervals[name]
    return (hidden(trial, name) - low) % 360.0 <= high - low


if __name__ == "__main__":
    main()

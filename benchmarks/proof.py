"""How fast coverage is proven, and whether it is proven right: on the city, beside brute force.

    CAMMON_DATA=../shared/data python benchmarks/proof.py [--draws N] [--sample N] [--workers N]

Brute force builds the whole coverage model anew for every draw; it answers `--sample` draws of all key places.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cammon.proofreport import proof_rows
from cammon.sitefiles import read_site
from cammon.sitefiles.model import Site
from cammon_coverage.draws import changed_cameras
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Period, Scene
from cammon_coverage.proof import Prover

Row = tuple[str, str, str]

LOW_PX_PER_M = 12.5
"""Half the level that most places of the city ask: more of them are covered, and more cameras see each."""


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def eased(scene: Scene) -> Scene:
    """The same site with places that ask little: the heavy case, with many cameras on every place."""
    places = tuple(replace(place, level_px_per_m=LOW_PX_PER_M) for place in scene.key_places)
    return replace(scene, key_places=places)


def speed_rows(site: Site, draws: int, workers: int) -> Iterator[Row]:
    for name, scene in (("city", site.scene), (f"city at {LOW_PX_PER_M:g} px/m", eased(site.scene))):
        changed = replace(site, scene=scene)
        covered = sum(covered is True for covered in CoverageModel(scene).verdicts(None, Period.DAY).values())
        about = f"{name}: {len(scene.cameras)} cameras, {covered} of {len(scene.key_places)} places covered by day"

        def of_all(scene: Scene = scene) -> None:
            prover = Prover(CoverageModel(scene), {}, Period.DAY, draws=draws)
            for place in prover.places:
                prover.outcomes(place)

        yield (
            about,
            f"{draws} draws of all key places, covered or not, by day, 1 process, cold",
            f"{timed(of_all):.1f} s",
        )
        for count in sorted({1, workers}):
            spent = timed(lambda s=changed, n=count: proof_rows(s, CoverageModel(s.scene), draws=draws, workers=n))
            yield (
                about,
                f"grade, margin, confidence of the covered, day and night, {count} process(es), cold",
                f"{spent:.1f} s",
            )


def judge_rows(scene: Scene, draws: int, sample: int) -> Iterator[Row]:
    for period in Period:
        prover = Prover(CoverageModel(scene), {}, period, draws=draws)
        quick = {place: prover.outcomes(place) for place in prover.places}
        different = told = 0
        spent = []
        for number in range(0, draws, max(1, draws // sample)):
            cameras = changed_cameras(scene.cameras, {}, 0, draws, number)
            begun = time.perf_counter()
            verdicts = CoverageModel(replace(scene, cameras=cameras)).verdicts(None, period)
            spent.append(time.perf_counter() - begun)
            told += len(verdicts)
            different += sum((covered is True) != quick[place][number] for place, covered in verdicts.items())
        each = statistics.mean(spent)
        yield (
            f"against brute force by {period.value}",
            f"{len(spent)} of {draws} draws x {len(scene.key_places)} places, {told} answers",
            f"{different} different",
        )
        yield f"brute force by {period.value}", f"{draws} draws at {each:.2f} s", f"{each * draws:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--sample", type=int, default=20, help="draws that brute force answers too")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    folder = Path(os.environ.get("CAMMON_DATA", ".")) / "city"
    site = read_site(folder).site if folder.exists() else None
    if site is None:
        print("city: left out, CAMMON_DATA does not hold it")
        return
    for rows in (
        speed_rows(site, asked.draws, asked.workers),
        judge_rows(site.scene, asked.draws, asked.sample),
        judge_rows(eased(site.scene), asked.draws, max(1, asked.sample // 4)),
    ):
        for what, how, figure in rows:
            print(f"{what:68} {how:82} {figure}", flush=True)


if __name__ == "__main__":
    main()

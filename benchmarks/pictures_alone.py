"""The picture checks on cameras without history, on pictures that nothing was chosen by: rendered ones.

python benchmarks/pictures_alone.py [--looks 40] [--seed 5] [--cameras 12]

Each camera of the demo site is looked at by day and by night, in all weathers and seasons, in good order and with each
fault of `cammon.virtual.render`. Printed are the false alarms on clean pictures, by fault and by light, with the
weather of each, and per fault the share found and named.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import cv2
import numpy as np
from pictures_longrun import ALSO_RIGHT, BY_DAY_ONLY, CAMERAS, DEMO, SEASONS, Planted, Scenes, _parameters

from cammon.sitefiles.reader import read_site
from cammon.virtual.render import PICTURE_FAULTS, Renderer
from cammon.virtual.weather import Mount, Weather
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.registry import judge
from cammon_probes.picture.view import View

Looked = tuple[str, bool, str, str]
"""The fault shown ("ok" for none), whether by night, the verdict, what was around."""


def looks_at(work: tuple[str, int, int]) -> list[Looked]:
    """What is told of one camera's pictures."""
    return list(_looks(*work))


def _looks(name: str, looks: int, seed: int) -> Iterator[Looked]:
    cv2.setNumThreads(1)
    site = read_site(DEMO).site
    assert site is not None
    camera = next(one for one in site.scene.cameras if one.id == name)
    rng = np.random.default_rng([seed, CAMERAS.index(name)])
    mount = Mount(int(rng.integers(1 << 30)), camera.pose.azimuth_deg, camera.lens.hfov_deg, open_to_rain=0.5)
    renderer = Renderer(site.scene, limit_bytes=1 << 28, keep_s=float("inf"))
    scenes = Scenes(renderer, camera, Weather(seed), mount)
    faults = sorted(PICTURE_FAULTS)
    for number in range(looks):
        season = datetime(*SEASONS[int(rng.integers(len(SEASONS)))], tzinfo=UTC)
        at = season + timedelta(days=float(rng.uniform(0, 30)))
        yield _told(scenes, at, None)
        fault = faults[number % len(faults)]
        if fault in BY_DAY_ONLY:
            at = at.replace(hour=int(rng.integers(10, 15)))
        yield _told(scenes, at, Planted(fault, at, at, _parameters(fault, rng)))


def _told(scenes: Scenes, at: datetime, fault: Planted | None) -> Looked:
    view = View(sun_deg=scenes.sun_deg(at))
    verdict = judge(prepare(scenes.frame(at, fault), view), None, view=view).verdict
    return fault.fault if fault else "ok", scenes.night, verdict.value if verdict else "ok", scenes.around


def table(told: list[Looked]) -> None:
    """False alarms, then each fault."""
    for light, night in (("day", False), ("night", True)):
        clean = [one for one in told if one[0] == "ok" and one[1] is night]
        false = Counter(one[2] for one in clean if one[2] != "ok")
        print(f"false alarms by {light}: {sum(false.values())} of {len(clean)}  {dict(false)}")
    for _, _, verdict, around in [one for one in told if one[0] == "ok" and one[2] != "ok"]:
        print(f"  {verdict:13} {around}")
    shown: dict[str, list[str]] = defaultdict(list)
    for fault, _, verdict, _ in told:
        shown[fault].append(verdict)
    for fault, verdicts in sorted(shown.items()):
        right = {fault, *ALSO_RIGHT.get(fault, ())}
        found, named = (sum(one in which for one in verdicts) for which in ({*verdicts} - {"ok"}, right))
        print(f"{fault:13} {len(verdicts):4}  found {found / len(verdicts):.2f}  named {named / len(verdicts):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--cameras", type=int, default=len(CAMERAS))
    options = parser.parse_args()
    work = [(name, options.looks, options.seed) for name in CAMERAS[: options.cameras]]
    with get_context("spawn").Pool(2) as pool:
        table([one for told in pool.imap_unordered(looks_at, work) for one in told])


if __name__ == "__main__":
    main()

"""Many days of many rendered cameras through the real picture checks, reference bank and health step.

python benchmarks/pictures_longrun.py [--days 75] [--sites 3] [--cameras 4] [--seed 1] [--every-min 30] [--out FOLDER]
    [--also-in-sites-of N]

Each site has its own weather (seeded), each camera its own mount. A camera is looked at every `--every-min` minutes
of virtual time and, when it is suspect, again after 100 s, as the schedule does it. Faults are planted now and then.
Counted are alarms that nothing planted explains, per camera and month, after what is weather of the whole site is
taken out; and whether planted faults were confirmed with the second look. Every false alarm is saved as a picture in
`--out`.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

import cv2
import numpy as np

from cammon.health import FlipKind, Health, hurries, step
from cammon.service.references import References
from cammon.sitefiles.model import Probing
from cammon.sitefiles.reader import read_site
from cammon.siteweather import WEATHER_FAULTS, SiteWeather, weather_now
from cammon.virtual.render import PICTURE_FAULTS, Renderer
from cammon.virtual.render.surroundings import Surroundings
from cammon.virtual.weather import Mount, Weather
from cammon_coverage.model import Camera, Period
from cammon_probes.model import Fault, Frame, ProbeKind, Reading
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.registry import judge
from cammon_probes.picture.view import View

DEMO = Path(__file__).resolve().parent.parent / "config" / "demo-mine"
CAMERAS = ("CAM01", "CAM07", "CAM16", "CAM17", "CAM10", "CAM20", "CAM12", "CAM22", "CAM02", "CAM24", "CAM15", "CAM05")
SEASONS = ((2026, 1, 5), (2026, 4, 10), (2026, 7, 1), (2026, 10, 1))
SIZE = (640, 360)
AGAIN = timedelta(seconds=100)
SPREAD = timedelta(minutes=5)
"""Looks at the cameras of a site are made within so much time of each other."""
MONTH_DAYS = 30.4
DAYS_BETWEEN_FAULTS = 6.0
BY_DAY_ONLY = frozenset({"colour_cast", "overexposed"})
"""A grey picture by infrared has no colour to lose; one that lights itself is not too bright."""
ALSO_RIGHT: Mapping[str, frozenset[str]] = {
    "covered": frozenset({"black", "moved"}),
    "blur": frozenset({"low_contrast"}),
    "low_contrast": frozenset({"blur"}),
    "underexposed": frozenset({"black"}),
    "overexposed": frozenset({"low_contrast"}),
    "partial": frozenset({"covered"}),
    "corrupted": frozenset({"stripes", "partial"}),
}
"""Names that send the same crew with the same tools."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, from when to when, and its parameters."""

    fault: str
    begins: datetime
    ends: datetime
    parameters: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Task:
    """One camera over its days."""

    site: int
    camera: str
    start: datetime
    days: float
    every: timedelta
    seed: int
    out: Path
    planted: tuple["Planted", ...] | None = None
    """faults at chosen times instead of drawn ones"""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A confirmed fault: when first seen, when confirmed, when over; what was planted then; what was around."""

    site: int
    camera: str
    fault: str
    since: datetime
    confirmed: datetime
    planted: str | None
    night: bool
    measured: float
    around: str
    picture: str
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A planted fault after its second look: whether anything was confirmed by then, and under a right name."""

    planted: Planted
    second_at: datetime
    found: bool
    right: bool


@dataclass(slots=True)
class Tally:
    """What one camera went through."""

    task: Task
    looks: Counter[str] = field(default_factory=Counter)
    alarms: list[Alarm] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    single: Counter[str] = field(default_factory=Counter)
    """bad findings on clean single frames, by fault and light"""
    soft: list[tuple[datetime, Health]] = field(default_factory=list)
    """the health as far as weather explains it, whenever it changed"""
    cpu_s: float = 0.0


def planted_for(task: Task, rng: np.random.Generator) -> list[Planted]:
    """Faults at random times, at least a day after the start, a few hours each."""
    names = [*PICTURE_FAULTS, "frozen"]
    at, found = task.start + timedelta(days=2 + float(rng.exponential(2.0))), []
    while at < task.start + timedelta(days=task.days):
        name = str(rng.choice(names))
        if name in BY_DAY_ONLY:
            at = at.replace(hour=int(rng.integers(10, 15)))
        found.append(Planted(name, at, at + timedelta(hours=float(rng.uniform(1.5, 5))), _parameters(name, rng)))
        at += timedelta(hours=12, days=float(rng.exponential(DAYS_BETWEEN_FAULTS)))
    return found


def _parameters(name: str, rng: np.random.Generator) -> dict[str, float]:
    """Some way round the defaults, which are strong faults."""
    if name == "partial":
        return {"kind": int(rng.integers(3)), "share": float(rng.uniform(0.15, 0.45)), "seed": int(rng.integers(1000))}
    if name == "moved":
        return {"pan_deg": float(rng.choice([-1, 1]) * rng.uniform(4, 20)), "tilt_deg": float(rng.uniform(-3, 4))}
    if name == "blur":
        return {"radius_px": float(rng.uniform(8, 20))}
    if name == "covered":
        return {"brightness": float(rng.uniform(15, 90)), "seed": int(rng.integers(1000))}
    return {}


class Scenes:
    """Frames of one camera as they arrive: rendered, with what is around, compressed and decoded."""

    def __init__(self, renderer: Renderer, camera: Camera, weather: Weather, mount: Mount) -> None:
        self._renderer, self._camera, self._weather, self._mount = renderer, camera, weather, mount
        self.night = False
        self.around = ""
        self.last: Frame | None = None

    def frame(self, at: datetime, fault: Planted | None) -> Frame:
        """The frame at a local time; what passes by chance is drawn by the second, whatever was looked at before."""
        if fault is not None and fault.fault == "frozen" and self.last is not None:
            return self.last
        daylight = self._weather.daylight(at)
        self.night = daylight < self._mount.night_below * (2 if self.night else 1)
        seed = int(at.replace(tzinfo=UTC).timestamp())
        around = self._weather.around(at, self._mount, night=self.night, seed=seed)
        if self._camera.lens.night_range_m is None:
            around = replace(around, insects=0)
        self.around = self._described(at, around)
        faults = {} if fault is None or fault.fault == "frozen" else {fault.fault: fault.parameters}
        self.last = self.rendered(at, around, faults, seed)
        return self.last

    def sun_deg(self, at: datetime) -> float:
        """The height of the sun at a local time."""
        return self._weather.sun(at)[0]

    def rendered(
        self, at: datetime, around: Surroundings, faults: Mapping[str, Mapping[str, float]], seed: int
    ) -> Frame:
        """The frame as it comes out of the decoder."""
        picture = self._renderer.frame(
            self._camera.id,
            *SIZE,
            at=at,
            elapsed_s=at.timestamp() % 1e6,
            period=Period.NIGHT if self.night else Period.DAY,
            faults=faults,
            seed=seed,
            around=around,
        )
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)

    def _described(self, at: datetime, around: object) -> str:
        shown = [
            f"{name}={getattr(around, name):.3g}" for name in _TOLD if getattr(around, name) not in (0, float("inf"))
        ]
        return f"{self._weather.day(at.date()).kind} sun={self._weather.sun(at)[0]:.0f} " + " ".join(shown)


_TOLD = (
    *("daylight", "visibility_m", "dusty", "snow_cover", "wet", "rain", "snow", "drops", "glare", "insects"),
    *("headlights", "truck", "shade"),
)


def replay(task: Task) -> Tally:
    """One camera through its days."""
    cv2.setNumThreads(1)
    begun = time.process_time()
    site = read_site(DEMO).site
    assert site is not None
    camera = next(one for one in site.scene.cameras if one.id == task.camera)
    rng = np.random.default_rng([task.seed, task.site, CAMERAS.index(task.camera)])
    mount = Mount(
        int(rng.integers(1 << 30)),
        camera.pose.azimuth_deg,
        camera.lens.hfov_deg,
        sway_px=float(rng.choice([0.3, 0.6, 1.0, 4.0])),
        open_to_rain=float(rng.choice([0.0, 0.2, 0.5, 1.0])),
        night_below=float(rng.uniform(0.008, 0.03)),
    )
    renderer = Renderer(site.scene, limit_bytes=1 << 29, keep_s=float("inf"))
    scenes = Scenes(renderer, camera, Weather(task.seed * 1000 + task.site), mount)
    tally = Tally(task)
    planted = planted_for(task, rng) if task.planted is None else list(task.planted)
    _Watch(task, scenes, View(hfov_deg=camera.lens.hfov_deg), planted, tally).run()
    tally.cpu_s = time.process_time() - begun
    return tally


class _Watch:
    """The looks at one camera in virtual time."""

    def __init__(self, task: Task, scenes: Scenes, view: View, planted: list[Planted], tally: Tally) -> None:
        self._task, self._scenes, self._view, self._tally = task, scenes, view, tally
        self._planted = planted
        self._references = References({})
        self._health = Health()
        self._rule = Probing()
        self._number = 0
        self._waits: Planted | None = None
        self._met: dict[Planted, int] = {}

    def run(self) -> None:
        """Look until the days are over."""
        at, end = self._task.start, self._task.start + timedelta(days=self._task.days)
        while at < end:
            self._look(at)
            at = self._next(at)

    def _next(self, at: datetime) -> datetime:
        """Again soon while it is suspect, else at the regular times, which the cameras of a site share.

        Every planted fault is met soon after it begins.
        """
        if hurries(self._health, self._rule):
            return at + AGAIN
        start, every = self._task.start, self._task.every
        regular = start + ((at - start) // every + 1) * every
        soon = [one.begins for one in self._planted if one not in self._met and one.begins < regular]
        return max(soon[0], at + AGAIN) if soon else regular

    def _look(self, at: datetime) -> None:
        fault = next((one for one in self._planted if one.begins <= at < one.ends), None)
        frame = self._scenes.frame(at, fault)
        self._number += 1
        view = replace(self._view, sun_deg=self._scenes.sun_deg(at), hour=at.hour + at.minute / 60)
        prepared = prepare(frame, view)
        judged = judge(prepared, self._references.of(self._task.camera), view=view)
        stamp = at.replace(tzinfo=UTC)
        reading = Reading(self._task.camera, ProbeKind.PICTURE, stamp, findings=judged.findings)
        calm = not self._health.tracks
        self._references.learn(reading, prepared, at.hour + at.minute / 60, calm=calm)
        self._health, flips = step(self._health, reading, self._rule)
        self._note_soft(stamp)
        light = "night" if self._scenes.night else "day"
        clean = fault is None and not any(one.ends <= at < one.ends + timedelta(hours=2) for one in self._planted)
        if clean:
            self._tally.looks[light] += 1
            for finding in reading.findings:
                self._tally.single[f"{finding.fault} {light}"] += finding.bad
            self._tally.single[f"any {light}"] += not reading.ok
        for flip in flips:
            if flip.kind is FlipKind.OPENED and (clean or fault is not None):
                self._alarm(flip.fault, flip.since, stamp, fault, reading, frame)
            elif flip.kind is FlipKind.CLOSED:
                self._end(flip.fault, stamp)
        if fault is not None:
            self._meet(fault, stamp)

    def _note_soft(self, at: datetime) -> None:
        soft = {name: track for name, track in self._health.tracks.items() if track.fault in WEATHER_FAULTS}
        nearly = {fault: since for fault, since in self._health.nearly.items() if fault in WEATHER_FAULTS}
        before = self._tally.soft[-1][1] if self._tally.soft else None
        if before is None or before.tracks.keys() != soft.keys() or before.nearly != nearly:
            self._tally.soft.append((at, Health(tracks=soft, looked_at={ProbeKind.PICTURE: at}, nearly=nearly)))

    def _meet(self, fault: Planted, at: datetime) -> None:
        self._met[fault] = self._met.get(fault, 0) + 1
        if self._met[fault] == 2:
            names = {track.fault.value for track in self._health.confirmed}
            right = bool(names & ({fault.fault} | ALSO_RIGHT.get(fault.fault, frozenset())))
            self._tally.met.append(Met(fault, at, bool(names), right))
            if not names:
                self._save(f"missed-{fault.fault}", self._scenes.last)

    def _alarm(
        self, fault: Fault, since: datetime, at: datetime, planted: Planted | None, reading: Reading, frame: Frame
    ) -> None:
        measured = next(float(one.measured) for one in reading.findings if one.fault is fault)
        picture = "" if planted else self._save(f"false-{fault.value}", frame)
        self._tally.alarms.append(
            Alarm(
                self._task.site,
                self._task.camera,
                fault.value,
                since,
                at,
                None if planted is None else planted.fault,
                self._scenes.night,
                measured,
                self._scenes.around,
                picture,
            )
        )

    def _end(self, fault: Fault, at: datetime) -> None:
        for row, alarm in enumerate(self._tally.alarms):
            if alarm.ended is None and alarm.fault == fault.value:
                self._tally.alarms[row] = replace(alarm, ended=at)

    def _save(self, name: str, frame: Frame | None) -> str:
        path = self._task.out / f"{name}-s{self._task.site}-{self._task.camera}-{self._number:06d}.jpg"
        if frame is not None:
            cv2.imwrite(str(path), frame)
        return path.name


def tasks_of(options: argparse.Namespace) -> Iterator[Task]:
    """Every site its cameras and its season."""
    for site in range(options.sites):
        start = datetime(*SEASONS[site % len(SEASONS)], 9, 0)  # noqa: DTZ001  local solar time
        for number in range(options.cameras):
            camera = CAMERAS[(site * options.cameras + number) % len(CAMERAS)]
            every = timedelta(minutes=options.every_min)
            yield Task(site, camera, start, options.days, every, options.seed, options.out)


def in_sites_of(tallies: list[Tally], most: int) -> list[list[Tally]]:
    """The cameras by site, and these in parts of so many cameras: weather is harder to tell where few cameras are."""
    sites: dict[int, list[Tally]] = defaultdict(list)
    for tally in sorted(tallies, key=lambda one: CAMERAS.index(one.task.camera)):
        sites[tally.task.site].append(tally)
    return [site[first : first + most] for site in sites.values() for first in range(0, len(site), most)]


def by_weather(tallies: list[Tally], most: int = len(CAMERAS)) -> set[Alarm]:
    """The false alarms that the service would have told as weather of the whole site, of `most` cameras."""
    explained = set()
    for mine in in_sites_of(tallies, most):
        events = [(at, tally.task.camera, health) for tally in mine for at, health in tally.soft]
        alarms = [(alarm.confirmed, alarm) for tally in mine for alarm in tally.alarms]
        healths: dict[str, Health] = {}
        weather: SiteWeather | None = None
        rows = sorted(
            [*((at, camera, health) for at, camera, health in events), *((at, "", a) for at, a in alarms)], key=_order
        )
        for at, camera, one in rows:
            if isinstance(one, Health):
                healths[camera] = one
            weather = weather_now(weather, healths, at)
            if (
                isinstance(one, Alarm)
                and weather is not None
                and weather.explains(one.camera, Fault(one.fault), one.since)
            ):
                explained.add(one)
    return explained


def _taken_for_weather(tally: Tally, met: Met, weather: set[Alarm]) -> bool:
    """Whether all that was confirmed of a planted fault till its second look was told as weather of the site."""
    begins = met.planted.begins.replace(tzinfo=UTC)
    told = [one for one in tally.alarms if one.planted is not None and begins <= one.confirmed <= met.second_at]
    return bool(told) and all(one in weather for one in told)


def _order(row: tuple[datetime, str, object]) -> tuple[datetime, bool]:
    """Alarms after the healths of the same minutes: looks at the cameras of a site are spread over their interval."""
    at, _, one = row
    return (at + SPREAD, True) if isinstance(one, Alarm) else (at, False)


def told(tallies: list[Tally], most: int = len(CAMERAS)) -> dict[str, object]:
    """Everything counted, printed; the figures as an object. `most`: cameras of a site, see `in_sites_of`."""
    months = sum(tally.task.days for tally in tallies) / MONTH_DAYS
    looks = sum((tally.looks for tally in tallies), Counter[str]())
    single = sum((tally.single for tally in tallies), Counter[str]())
    false = [alarm for tally in tallies for alarm in tally.alarms if alarm.planted is None]
    weather = by_weather(tallies, most)
    explained = [alarm for alarm in false if alarm in weather]
    false = [alarm for alarm in false if alarm not in weather]
    largest = max(len(site) for site in in_sites_of(tallies, most))
    print(
        f"{len(tallies)} cameras in sites of {largest}, {months:.1f} camera-months,"
        f" {sum(looks.values())} clean looks (sequences)"
    )
    for light in ("day", "night"):
        share = single[f"any {light}"] / max(1, looks[light])
        confirmed = sum(alarm.night == (light == "night") for alarm in false)
        print(
            f"  {light}: single clean frames called bad {share:.2%}, confirmed {confirmed / max(1, looks[light]):.3%}"
        )
    for name, count in single.most_common():
        if count and not name.startswith("any"):
            print(f"    {name}: {count}")
    print(f"told as weather of the whole site, not as cameras' faults: {len(explained)}")
    print(f"false alarms: {len(false)} = {len(false) / months:.2f} per camera and month")
    for alarm in sorted(false, key=lambda one: one.since):
        light = "night" if alarm.night else "day"
        print(
            f"  s{alarm.site} {alarm.camera} {alarm.fault:13s} {alarm.confirmed:%m-%d %H:%M} {light:5s}"
            f" {alarm.measured:7.2f}  {alarm.around}  {alarm.picture}"
        )
    by_fault: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for tally in tallies:
        for one in tally.met:
            own = one.found and not _taken_for_weather(tally, one, weather)
            by_fault[one.planted.fault].append((own, own and one.right))
    print("planted: found with the second look (none of these told as weather), named right")
    for fault, seen in sorted(by_fault.items()):
        print(f"  {fault:13s} {sum(f for f, _ in seen)}/{len(seen)}  {sum(r for _, r in seen)}/{len(seen)}")
    every = [one for seen in by_fault.values() for one in seen]
    figures: dict[str, object] = {
        "camera_months": months,
        "false_per_camera_month": len(false) / months,
        "found": mean(f for f, _ in every) if every else None,
        "cpu_s": sum(tally.cpu_s for tally in tallies),
    }
    print(json.dumps(figures))
    return figures


def _arriving(tallies: Iterable[Tally], of: int) -> Iterator[Tally]:
    """The tallies, each with a line on standard error as it comes."""
    for number, tally in enumerate(tallies, start=1):
        false = [alarm.fault for alarm in tally.alarms if alarm.planted is None]
        missed = [one.planted.fault for one in tally.met if not one.found]
        looks, task = sum(tally.looks.values()), tally.task
        line = (
            f"{number}/{of} site {task.site} {task.camera}: {looks} clean looks, unexplained {false}, missed {missed}"
        )
        print(line, file=sys.stderr, flush=True)
        yield tally


def main() -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=75.0)
    parser.add_argument("--sites", type=int, default=3)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-min", type=float, default=30.0)
    parser.add_argument("--also-in-sites-of", type=int, default=0, help="count once more, each site split so")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("longrun"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tasks = list(tasks_of(options))
    with get_context("spawn").Pool(options.workers) as pool:
        tallies = list(_arriving(pool.imap_unordered(replay, tasks), len(tasks)))
    told(tallies)
    if options.also_in_sites_of:
        print()
        told(tallies, options.also_in_sites_of)


if __name__ == "__main__":
    main()

"""Views of the demo site from places where no camera hangs, in all weathers, by day and by night: to learn from.

Nothing of it is looked at by `pictures_longrun.py`: other places, other seeds of the weather.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.sitefiles.reader import read_site
from cammon.virtual.render import Renderer
from cammon.virtual.weather import Mount, Weather
from cammon_coverage.model import Camera, Lens, Period, Pose, Scene
from cammon_probes.picture.frame import prepare

Picture = NDArray[np.uint8]
DEMO = Path(__file__).resolve().parent.parent / "config" / "demo-mine"
SIZES = ((640, 360), (704, 576), (352, 288), (960, 540))
GOOD_FRAMES, LATER_FRAMES = 8, 6
GOOD_DAYS, LATER_DAYS = 10.0, 4.0
_WEATHER_SEED = 900_000
_LEAST_CONTRAST, _LEAST_EDGES = 50.0, 2.8
"""A wall right before the lens is no view."""


@dataclass(frozen=True)
class History:
    """What one place showed in one light: good frames, oldest first, and healthy frames of the days after."""

    place: str
    good: tuple[Picture, ...]
    later: tuple[Picture, ...]


def histories(first: int, places: int, seed: int = 1) -> Iterator[History]:
    """The histories of so many places, from the number `first` on, each by day and by night."""
    site = read_site(DEMO).site
    assert site is not None
    number = first
    found = 0
    while found < places:
        view = _View(site.scene, number, seed)
        number += 1
        if view.shows_something():
            found += 1
            yield from (view.history(period) for period in Period)


class _View:
    """One place with its lens, its stream and its weather."""

    def __init__(self, scene: Scene, number: int, seed: int) -> None:
        self._rng = np.random.default_rng([seed, number])
        self._name = f"place {number}"
        self._camera = self._somewhere(scene.cameras)
        self._size = SIZES[int(self._rng.integers(len(SIZES)))]
        self._quality = int(self._rng.integers(60, 93))
        self._weather = Weather(_WEATHER_SEED + 1000 * seed + number)
        self._mount = Mount(
            int(self._rng.integers(1 << 30)),
            self._camera.pose.azimuth_deg,
            self._camera.lens.hfov_deg,
            sway_px=float(self._rng.choice([0.0, 0.3, 1.0])),
            open_to_rain=0.0,
        )
        self._renderer = Renderer(replace(scene, cameras=(self._camera,)), limit_bytes=1 << 27, keep_s=float("inf"))
        self._start = datetime(2027, int(self._rng.integers(1, 13)), int(self._rng.integers(1, 14)))  # noqa: DTZ001

    def _somewhere(self, cameras: tuple[Camera, ...]) -> Camera:
        near = cameras[int(self._rng.integers(len(cameras)))]
        pose = Pose(
            near.pose.x + float(self._rng.normal(0, 15)),
            near.pose.y + float(self._rng.normal(0, 15)),
            float(self._rng.uniform(3, 10)),
            float(self._rng.uniform(0, 360)),
            float(self._rng.uniform(2, 28)),
        )
        lens = Lens(float(self._rng.uniform(35, 95)), 1920, 1080, night_range_m=float(self._rng.uniform(20, 60)))
        return Camera(self._name, pose, lens, self._name)

    def shows_something(self) -> bool:
        """Whether there is more to see than a wall."""
        noon = prepare(self._frame(self._start.replace(hour=12), Period.DAY))
        return noon.contrast > _LEAST_CONTRAST and noon.edges > _LEAST_EDGES

    def history(self, period: Period) -> History:
        """Good frames of some days, and healthy ones of the days after, in whatever weather."""
        good = [self._frame(at, period) for at in self._instants(0.0, GOOD_DAYS, GOOD_FRAMES, period)]
        later = self._instants(GOOD_DAYS, GOOD_DAYS + LATER_DAYS, LATER_FRAMES, period)
        return History(self._name, tuple(good), tuple(self._frame(at, period) for at in later))

    def _instants(self, from_day: float, to_day: float, number: int, period: Period) -> list[datetime]:
        found: list[datetime] = []
        while len(found) < number:
            at = self._start + timedelta(days=float(self._rng.uniform(from_day, to_day)))
            if (self._weather.sun(at)[0] > 0) == (period is Period.DAY):
                found.append(at)
        return sorted(found)

    def _frame(self, at: datetime, period: Period) -> Picture:
        seed = int(self._rng.integers(1 << 30))
        around = self._weather.around(at, self._mount, night=period is Period.NIGHT, seed=seed)
        picture = self._renderer.frame(
            self._name,
            *self._size,
            at,
            float(self._rng.uniform(0, 1e6)),
            period,
            seed=seed,
            around=replace(around, truck=0.0),
        )
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)

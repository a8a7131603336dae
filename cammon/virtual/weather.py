"""The weather of a virtual site over many days, and what a camera has around it at an instant. Seeded, without a clock.

A day is drawn from its season and its date alone, so that any instant can be asked for in any order.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import asin, atan2, cos, degrees, exp, pi, radians, sin

import numpy as np

from cammon.virtual.render.surroundings import Surroundings

SNOW_LASTS_DAYS = 2.5
DROPS_LAST_H = 0.7
CLIMATE = {
    "winter": {"clear": 0.42, "overcast": 0.28, "snow": 0.14, "fog": 0.12, "dust": 0.04},
    "spring": {"clear": 0.45, "overcast": 0.2, "rain": 0.12, "fog": 0.05, "dust": 0.18},
    "summer": {"clear": 0.5, "overcast": 0.15, "rain": 0.29, "fog": 0.04, "dust": 0.02},
    "autumn": {"clear": 0.45, "overcast": 0.22, "rain": 0.18, "fog": 0.12, "dust": 0.03},
}
"""Share of the days of each kind, for an inland site of the north."""
_SEASONS = ("winter", "spring", "summer", "autumn")


@dataclass(frozen=True, slots=True)
class Mount:
    """What weather does to one camera: where it looks, how far its pole sways, how open its glass is to rain.

    `night_below`: share of daylight at which it switches to night, back at twice of it.
    """

    seed: int
    azimuth_deg: float = 0.0
    hfov_deg: float = 60.0
    sway_px: float = 0.6
    open_to_rain: float = 0.5
    night_below: float = 0.02


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its kind, when its weather begins and ends (hours), how strong it is (0 to 1), how windy."""

    kind: str
    begins_h: float
    ends_h: float
    strength: float
    wind: float

    def strength_at(self, hour: float, edge_h: float = 0.6) -> float:
        """How strong the weather is at an hour: it comes and goes within `edge_h`."""
        inside = min(hour - self.begins_h, self.ends_h - hour)
        return self.strength * float(np.clip(inside / edge_h, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather of a site: a seed and a latitude."""

    seed: int
    latitude_deg: float = 39.6

    def day(self, on: date) -> Day:
        """What a day is like."""
        return _day(self.seed, on)

    def sun(self, at: datetime) -> tuple[float, float]:
        """Elevation and azimuth (clockwise from north) of the sun in degrees; `at` is the local solar time."""
        days = at.timetuple().tm_yday + (at.hour + at.minute / 60) / 24
        declination = radians(-23.44 * cos(2 * pi * (days + 10) / 365.25))
        turn = 2 * pi * ((at.hour + at.minute / 60 + at.second / 3600) - 12) / 24
        latitude = radians(self.latitude_deg)
        height = asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(turn))
        east = -cos(declination) * sin(turn)
        north = cos(latitude) * sin(declination) - sin(latitude) * cos(declination) * cos(turn)
        return degrees(height), degrees(atan2(east, north)) % 360

    def daylight(self, at: datetime) -> float:
        """Share of full daylight, 1 at noon to less than a thousandth by night; clouds and storms take some of it."""
        day, hour = self.day(at.date()), _hour(at)
        clouded = 0.45 if day.kind in ("overcast", "rain", "snow") else 1.0
        clouded *= 1.0 - 0.4 * day.strength_at(hour) * (day.kind in ("rain", "dust", "snow"))
        return float(clouded * exp(min(0.0, (self.sun(at)[0] - 10.0) / 3.0)))

    def snow_cover(self, at: datetime) -> float:
        """How much snow lies, from what fell in the last days and how warm it has been since."""
        lies = 0.0
        for back in range(int(SNOW_LASTS_DAYS) + 2):
            on = at.date() - timedelta(days=back)
            day = self.day(on)
            if day.kind == "snow":
                since_h = _hour(at) + 24 * back - day.ends_h
                melted = max(0.0, since_h) / (24 * SNOW_LASTS_DAYS)
                fallen = np.clip((_hour(at) + 24 * back - day.begins_h) / 3.0, 0.0, 1.0)
                lies = max(lies, day.strength * float(fallen) * (1.0 - melted))
        return lies

    def wet_since_h(self, at: datetime) -> float:
        """Hours since the last rain ended: 0 while it rains, a hundred when it has been dry for long."""
        since = 100.0
        for back in range(2):
            day = self.day(at.date() - timedelta(days=back))
            hour = _hour(at) + 24 * back
            if day.kind == "rain" and hour >= day.begins_h:
                since = min(since, max(0.0, hour - day.ends_h))
        return since

    def around(self, at: datetime, mount: Mount, *, night: bool, seed: int) -> Surroundings:
        """What a camera has around it at a local instant; `seed` draws what passes by chance."""
        rng = np.random.default_rng([self.seed, mount.seed, seed])
        day, hour = self.day(at.date()), _hour(at)
        strength, height = day.strength_at(hour), self.sun(at)[0]
        raining = strength if day.kind == "rain" else 0.0
        wet_h = self.wet_since_h(at)
        visibility, dusty = self._visibility(day, hour, rng, night=night)
        around = Surroundings(
            daylight=1.0 if night else self.daylight(at),
            warmth=_warmth(height, clear=day.kind == "clear"),
            visibility_m=visibility,
            dusty=dusty,
            snow_cover=self.snow_cover(at),
            wet=float(np.clip(1.0 - wet_h / 3.0, 0.0, 1.0)),
            rain=raining,
            snow=strength if day.kind == "snow" else 0.0,
            drops=mount.open_to_rain * float(np.clip(1.0 - wet_h / DROPS_LAST_H, 0.0, 1.0)),
            drops_seed=int(hour * 4) + 100 * at.timetuple().tm_yday + mount.seed,
            shade=0.9 if day.kind in ("clear", "dust") and height > 2 else 0.15,
            shade_hour=hour,
            place_seed=mount.seed,
            glare=self._glare(at, mount, clear=day.kind == "clear"),
            sway_px=_swayed(mount, day.wind, rng),
        )
        return self._passing(around, at, rng, night=night)

    def _visibility(self, day: Day, hour: float, rng: np.random.Generator, *, night: bool) -> tuple[float, float]:
        strength = day.strength_at(hour)
        if day.kind == "fog" and strength > 0:
            return 60.0 / strength**2, 0.0
        if day.kind == "dust" and strength > 0:
            return 130.0 / strength**2, 1.0
        if day.kind in ("rain", "snow") and strength > 0:
            return 500.0 / strength, 0.0
        # A lorry on a dry road: gone with the next look.
        if not night and day.kind == "clear" and rng.random() < 0.006:
            return float(rng.uniform(60, 300)), 1.0
        return float("inf"), 0.0

    def _passing(self, around: Surroundings, at: datetime, rng: np.random.Generator, *, night: bool) -> Surroundings:
        """Headlights and insects by night, a lorry before the lens by day."""
        chance = rng.random()
        if not night:
            return replace(around, truck=float(rng.uniform(0.08, 0.4))) if chance < 0.008 else around
        if chance < 0.04:
            return replace(around, headlights=int(rng.integers(1, 3)))
        warm = 4 <= at.month <= 10
        return replace(around, insects=int(rng.integers(1, 5))) if warm and chance < 0.16 else around

    def _glare(self, at: datetime, mount: Mount, *, clear: bool) -> float:
        height, azimuth = self.sun(at)
        if not clear or not 0.5 < height < 15.0:
            return 0.0
        aside = abs((azimuth - mount.azimuth_deg + 180) % 360 - 180)
        return 0.85 * float(np.clip((mount.hfov_deg / 2 + 12 - aside) / 12, 0.0, 1.0))


@lru_cache(maxsize=4096)
def _day(seed: int, on: date) -> Day:
    rng = np.random.default_rng([seed, on.toordinal()])
    kinds = CLIMATE[_SEASONS[on.month % 12 // 3]]
    kind = str(rng.choice(list(kinds), p=list(kinds.values())))
    begins = float(rng.uniform(0, 18))
    lasts = float(rng.uniform(1.5, 9.0))
    if kind == "fog":
        begins, lasts = float(rng.uniform(2, 6)), float(rng.uniform(2, 6))
    if kind == "dust":
        begins, lasts = float(rng.uniform(9, 14)), float(rng.uniform(1, 5))
    return Day(kind, begins, begins + lasts, float(rng.uniform(0.25, 1.0)), float(rng.gamma(2.0, 0.25)))


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60 + at.second / 3600


def _warmth(sun_deg: float, *, clear: bool) -> float:
    """The colour of the light by the height of the sun: orange before it sets in a clear sky, then blue."""
    if sun_deg < -1:
        return -0.7
    return 0.8 * float(np.clip((8 - sun_deg) / 8, 0, 1)) if clear else 0.0


def _swayed(mount: Mount, wind: float, rng: np.random.Generator) -> tuple[float, float]:
    across, along = mount.sway_px * wind * rng.standard_normal(2)
    return float(across), float(0.4 * along)

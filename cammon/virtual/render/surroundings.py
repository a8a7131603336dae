"""Weather, light and passing things over a rendered picture: none of them a fault, all of them in real pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.grain import cloud
from cammon.virtual.render.stills import Still
from cammon_coverage.model import Period
from cammon_probes.model import Frame

Field = NDArray[np.float32]
Generator = np.random.Generator
FOG_COLOUR = (205.0, 203.0, 200.0)
DUST_COLOUR = (120.0, 158.0, 184.0)
MOST_GAIN = 25.0
"""How far an automatic exposure makes up for missing daylight."""
SMALL_PX = 160
"""Slow fields are made this wide and enlarged."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around a camera at one moment. The defaults are a clear noon with nothing in the way.

    `daylight`: share of full daylight; `warmth`: -1 blue dusk to 1 orange sun. `visibility_m`: fog or dust, `dusty` its
    colour (0 fog, 1 dust). `snow_cover`, `wet`: of the ground. `rain`, `snow`: what falls. `drops`: drops on the glass,
    where `drops_seed` put them. `shade`: strength of moving shadows, at `shade_hour` of the day, `place_seed` of the
    camera. `glare`: low sun in the lens. `insects`, `headlights`, `truck`: how many, and the share that a truck hides.
    `sway_px`: shift of the picture by wind.
    """

    daylight: float = 1.0
    warmth: float = 0.0
    visibility_m: float = float("inf")
    dusty: float = 0.0
    snow_cover: float = 0.0
    wet: float = 0.0
    rain: float = 0.0
    snow: float = 0.0
    drops: float = 0.0
    drops_seed: int = 0
    shade: float = 0.0
    shade_hour: float = 12.0
    place_seed: int = 0
    glare: float = 0.0
    insects: int = 0
    headlights: int = 0
    truck: float = 0.0
    sway_px: tuple[float, float] = (0.0, 0.0)

    @property
    def gain(self) -> float:
        """By how much the automatic exposure turns the sensor up."""
        return min(MOST_GAIN, float(max(self.daylight, 1e-3) ** -0.9))


CLEAR_NOON = Surroundings()


def surround(picture: Frame, still: Still, around: Surroundings, period: Period, rng: Generator) -> Frame:
    """The picture of a scene as its surroundings let it through to the lens."""
    for effect, applies in _EFFECTS:
        if applies(around, period):
            picture = effect(picture, still, around, rng)
    return picture


def _mixed(picture: Frame, over: tuple[float, float, float] | Frame, share: Field) -> Frame:
    """`share` (height x width, 0 to 1) of the picture becomes `over`."""
    if isinstance(over, tuple):
        over = np.full_like(picture, np.round(over).astype(np.uint8))
    share = np.ascontiguousarray(share, dtype=np.float32)
    return np.asarray(cv2.blendLinear(over, picture, share, np.float32(1.0) - share), dtype=np.uint8)


def _is_gray(picture: Frame) -> bool:
    """Whether the scene is lit by infrared."""
    return bool(picture[::8, ::8].std(axis=2).mean() < 0.5)


def _scaled(picture: Frame, factor: Field) -> Frame:
    return np.asarray(cv2.multiply(picture, cv2.merge([factor] * 3), dtype=cv2.CV_8U), dtype=np.uint8)


def _shade(picture: Frame, still: Still, around: Surroundings, _rng: Generator) -> Frame:
    height, width = picture.shape[:2]
    field = _shadows(around.place_seed, int(around.shade_hour * 2))
    edge = np.clip(0.5 + 4.0 * np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)), 0, 1)
    edge[still.inverse_depth == 0] = 0.0
    return _scaled(picture, (1.0 - around.shade * 0.45 * edge).astype(np.float32))


@lru_cache(maxsize=64)
def _shadows(seed: int, half_hour: int) -> Field:
    """Shadows of a place: the same things throw them all day, their edges wander and lean with the sun."""
    wide = cloud(SMALL_PX * 3, 90, SMALL_PX / 4, np.random.default_rng([seed, 61]), octaves=3)
    start = round(SMALL_PX + (half_hour - 24) * SMALL_PX / 40)
    return np.ascontiguousarray(wide[:, max(0, start) : max(0, start) + SMALL_PX])


def _wet(picture: Frame, still: Still, around: Surroundings, _rng: Generator) -> Frame:
    factor = np.where(still.ground, np.float32(1.0 - 0.35 * around.wet), np.float32(1.0)).astype(np.float32)
    return _scaled(picture, cv2.blur(factor, (5, 5)).astype(np.float32))


def _snow_cover(picture: Frame, still: Still, around: Surroundings, _rng: Generator) -> Frame:
    height, width = picture.shape[:2]
    drifts = _slow(around.place_seed, width, height)
    lies = np.clip(around.snow_cover * 1.6 - 0.6 + 0.25 * drifts, 0.0, 0.92) * still.ground
    if _is_gray(picture):  # by infrared it is as bright as the beam makes it
        return _scaled(picture, (1.0 + 0.8 * cv2.blur(lies.astype(np.float32), (5, 5))).astype(np.float32))
    level = float(min(235.0, 1.15 * np.percentile(picture[::4, ::4], 95)))
    return _mixed(picture, (level, level * 0.98, level * 0.97), cv2.blur(lies.astype(np.float32), (5, 5)))


@lru_cache(maxsize=16)
def _slow(seed: int, width: int, height: int) -> Field:
    return cloud(width, height, width / 8, np.random.default_rng([seed, 67]))


def _haze(picture: Frame, still: Still, around: Surroundings, rng: Generator) -> Frame:
    """Koschmieder's law: what is seen of a thing falls to 2 % at the visibility; the sky is lost altogether."""
    inverse = np.maximum(still.inverse_depth.astype(np.float32), 1e-4)
    share = 1.0 - np.exp(np.float32(-3.9 / around.visibility_m) / inverse)
    height, width = picture.shape[:2]
    puffs = cv2.resize(cloud(SMALL_PX, 90, 60.0, rng, octaves=2), (width, height), interpolation=cv2.INTER_CUBIC)
    share = np.clip(share * (1.0 + 0.08 * puffs), 0.0, 0.97)
    level = 1.0 if around.daylight > 0.3 else 0.75
    colour = [level * ((1 - around.dusty) * f + around.dusty * d) for f, d in zip(FOG_COLOUR, DUST_COLOUR, strict=True)]
    if _is_gray(picture):  # by infrared fog is lit by the camera's own lamp
        gray = 0.55 * sum(colour) / 3
        colour = [gray] * 3
    return _mixed(picture, (colour[0], colour[1], colour[2]), share.astype(np.float32))


def _truck(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    """A lorry that passes before the lens: a box of one colour with wheels and a window."""
    height, width = picture.shape[:2]
    size = (round(width * min(0.8, around.truck * 1.8)), round(height * 0.55))
    left = int(rng.integers(-size[0] // 3, max(1, width - size[0] // 2)))
    top = int(rng.integers(round(height * 0.3), round(height * 0.5)))
    colour = tuple(int(value) for value in rng.integers(30, 190, 3))
    if _is_gray(picture):
        colour = (colour[0],) * 3
    picture = picture.copy()
    cv2.rectangle(picture, (left, top), (left + size[0], top + size[1]), colour, -1, cv2.LINE_AA)
    cab = (left + round(size[0] * 0.05), top + round(size[1] * 0.1))
    cv2.rectangle(picture, cab, (cab[0] + size[0] // 5, cab[1] + size[1] // 4), (40, 36, 32), -1)
    for share in (0.2, 0.75):
        wheel = (left + round(size[0] * share), top + size[1])
        cv2.circle(picture, wheel, max(4, size[1] // 6), (25, 25, 26), -1, cv2.LINE_AA)
    return picture


def _daylight(picture: Frame, _still: Still, around: Surroundings, _rng: Generator) -> Frame:
    """Less light after the automatic exposure has done what it can; its colour."""
    level = around.daylight * around.gain
    tint = np.array([1.0 - 0.22 * around.warmth, 1.0 - 0.04 * abs(around.warmth), 1.0 + 0.16 * around.warmth])
    return np.asarray(cv2.transform(picture, np.diag(level * tint)), dtype=np.uint8)


def _glare(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    """The low sun shines into the lens: a veil that is brightest at its place; its disc is clipped."""
    height, width = picture.shape[:2]
    place = np.random.default_rng([around.place_seed, 71]).uniform([0.15, 0.02], [0.85, 0.3])
    centre = place + 0.01 * rng.standard_normal(2)
    halo = _halo(width, height, centre, 0.22)
    veil = around.glare * halo + np.float32(0.25 * around.glare)
    shone = _mixed(picture, (200.0, 226.0, 246.0), np.minimum(veil, 0.98).astype(np.float32))
    shone[halo > 1.0 - 0.1 * around.glare] = 255
    return shone


def _halo(width: int, height: int, centre: NDArray[np.float64], radius: float) -> Field:
    """Light that falls off from a point: 1 there, a half at `radius` (of the width)."""
    columns = (np.arange(width, dtype=np.float32) / width - np.float32(centre[0])) ** 2
    rows = ((np.arange(height, dtype=np.float32) / height - np.float32(centre[1])) * np.float32(height / width)) ** 2
    return np.asarray(1.0 / (1.0 + (columns[None, :] + rows[:, None]) / np.float32(radius**2)) ** 2, dtype=np.float32)


def _headlights(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    height, width = picture.shape[:2]
    share = np.zeros((height, width), np.float32)
    for _ in range(around.headlights):
        middle, apart = rng.uniform([0.1, 0.35], [0.9, 0.75]), rng.uniform(0.03, 0.1)
        for side in (-apart, apart):
            share += 1.2 * _halo(width, height, middle + np.array([side, 0.0]), float(rng.uniform(0.02, 0.06)))
    return _mixed(picture, (250.0, 252.0, 254.0), np.minimum(share, 1.0))


def _rain(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    return _streaks(picture, round(420 * around.rain), rng, slant=0.12, length=0.05, grey=200, strength=0.35)


def _streaks(
    picture: Frame, number: int, rng: Generator, *, slant: float, length: float, grey: int, strength: float
) -> Frame:
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    starts = rng.uniform([0, -0.1], [1, 1], (number, 2)) * [width, height]
    lengths = height * length * rng.uniform(0.4, 1.4, number)
    ends = starts + np.column_stack([slant * lengths, lengths])
    lines = np.stack([starts, ends], axis=1).round().astype(np.int32)
    cv2.polylines(layer, list(lines), False, 255, 1, cv2.LINE_AA)
    return _mixed(picture, (grey, grey, grey), layer.astype(np.float32) * np.float32(strength / 255))


def _snowfall(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    for radius_share, number in ((0.0016, 260), (0.004, 50), (0.012, 5)):
        for x, y in rng.uniform(0, 1, (round(number * around.snow), 2)) * [width, height]:
            cv2.circle(layer, (int(x), int(y)), max(1, round(width * radius_share)), 230, -1, cv2.LINE_AA)
    soft = cv2.blur(layer, (3, 5)).astype(np.float32)
    return _mixed(picture, (236.0, 236.0, 236.0), soft * np.float32(0.8 / 255))


def _insects(picture: Frame, _still: Still, around: Surroundings, rng: Generator) -> Frame:
    """Moths in the infrared beam: bright, out of focus, drawn out by their flight."""
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    for _ in range(around.insects):
        start = rng.uniform(0, 1, 2) * [width, height]
        path = start + np.cumsum(rng.normal(0, 0.012 * width, (5, 2)), axis=0)
        thick = max(2, round(width * rng.uniform(0.004, 0.03)))
        cv2.polylines(layer, [path.round().astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    size = max(3, round(width * 0.008)) | 1
    return _mixed(
        picture, (235.0, 235.0, 235.0), cv2.blur(layer, (size, size)).astype(np.float32) * np.float32(1 / 255)
    )


def _drops(picture: Frame, _still: Still, around: Surroundings, _rng: Generator) -> Frame:
    """Drops on the glass: each shows the scene small, upside down and soft, with a bright lower rim."""
    height, width = picture.shape[:2]
    places = np.random.default_rng([around.drops_seed, 73])
    soft = cv2.flip(cv2.blur(picture, (max(3, width // 24),) * 2), -1)
    layer = np.zeros((height, width), np.uint8)
    for _ in range(round(26 * around.drops)):
        x, y = places.uniform(0, 1, 2) * [width, height]
        radius = width * float(places.uniform(0.006, 0.028))
        axes = (max(2, round(radius)), max(2, round(radius * places.uniform(1.0, 1.6))))
        cv2.ellipse(layer, (int(x), int(y)), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    share = cv2.blur(layer, (5, 5)).astype(np.float32) * np.float32(0.85 / 255)
    return _mixed(picture, np.asarray(soft, dtype=np.uint8), share)


def _sway(picture: Frame, _still: Still, around: Surroundings, _rng: Generator) -> Frame:
    height, width = picture.shape[:2]
    shift = np.array([[1, 0, around.sway_px[0]], [0, 1, around.sway_px[1]]], np.float32)
    # Means of neighbours would soften the picture by how far between two pixels it comes to lie, which no lens does.
    moved = cv2.warpAffine(picture, shift, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, dtype=np.uint8)


Effect = Callable[[Frame, Still, Surroundings, Generator], Frame]
Applies = Callable[[Surroundings, Period], bool]
_EFFECTS: tuple[tuple[Effect, Applies], ...] = (
    (_shade, lambda around, period: around.shade > 0 and period is Period.DAY),
    (_wet, lambda around, _: around.wet > 0),
    (_snow_cover, lambda around, _: around.snow_cover > 0),
    (_truck, lambda around, _: around.truck > 0),
    (_sway, lambda around, _: around.sway_px != (0.0, 0.0)),
    (_haze, lambda around, _: np.isfinite(around.visibility_m)),
    (_headlights, lambda around, _: around.headlights > 0),
    (_rain, lambda around, _: around.rain > 0),
    (_snowfall, lambda around, _: around.snow > 0),
    (_daylight, lambda around, period: period is Period.DAY and (around.daylight < 1 or around.warmth != 0)),
    (_glare, lambda around, period: around.glare > 0 and period is Period.DAY),
    (_insects, lambda around, _: around.insects > 0),
    (_drops, lambda around, _: around.drops > 0),
)
"""From far to near: the scene, the air before it, the light, the glass."""

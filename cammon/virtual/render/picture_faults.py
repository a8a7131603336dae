"""What can go wrong with a picture, as pure functions on pictures. One entry in PICTURE_FAULTS adds one.

Names are those of the faults that the picture checks find. `frozen` is not here: it is a server that repeats a frame.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.eye import PoseShift
from cammon.virtual.render.grain import add_grain, cloud
from cammon_probes.model import Frame

Parameters = Mapping[str, float]
Change = Callable[[Frame, Parameters, np.random.Generator], Frame]
REFERENCE_WIDTH_PX = 1920.0
"""Lengths in pixels are given for a picture this wide and scale with the stream."""


class Stage(IntEnum):
    """Where on the way from scene to stream a fault sits; applied in this order."""

    POSE = 0
    """before anything is drawn"""
    LENS = 1
    """before sensor noise"""
    SENSOR = 2
    """before the clock is written"""
    STREAM = 3
    """over everything"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that sets how strong a fault is, with the range that makes sense."""

    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PictureFault:
    """One fault: its stage, its parameters and what it does to a picture (nothing for a change of pose)."""

    stage: Stage
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    change: Change = lambda picture, _parameters, _rng: picture


def resolve(name: str, given: Parameters) -> dict[str, float]:
    """All parameters of a fault, the given ones over the defaults. ValueError: unknown name, or value out of range."""
    if name not in PICTURE_FAULTS:
        raise ValueError(f"no picture fault {name!r}; there are {', '.join(sorted(PICTURE_FAULTS))}")
    known = PICTURE_FAULTS[name].parameters
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"{name} has no parameter {key!r}; it has {', '.join(known) or 'none'}")
        if not known[key].low <= value <= known[key].high:
            raise ValueError(f"{name}.{key} = {value} lies outside {known[key].low} to {known[key].high}")
    return {key: float(given.get(key, parameter.default)) for key, parameter in known.items()}


def apply_faults(picture: Frame, faults: Mapping[str, Parameters], stage: Stage, rng: np.random.Generator) -> Frame:
    """The picture after the faults of one stage. Parameters must be resolved."""
    for name, parameters in faults.items():
        fault = PICTURE_FAULTS[name]
        if fault.stage is stage:
            picture = fault.change(picture, parameters, rng)
    return picture


def shift_of(faults: Mapping[str, Parameters]) -> PoseShift | None:
    """The turn of a camera that was moved; None when it was not."""
    moved = faults.get("moved")
    return None if moved is None else PoseShift(**moved)


def black(picture: Frame, parameters: Parameters, rng: np.random.Generator) -> Frame:
    """A sensor that sends no light: `level` grey levels of dark current."""
    return add_grain(np.full_like(picture, round(parameters["level"])), 0.8, rng)


def blur(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """A lens out of focus: two box filters give a soft spot of `radius_px` at a cost that does not grow with it."""
    size = max(1, round(2 * parameters["radius_px"] * picture.shape[1] / REFERENCE_WIDTH_PX))
    once = cv2.blur(picture, (size, size), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.blur(once, (size, size), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def covered(picture: Frame, parameters: Parameters, rng: np.random.Generator) -> Frame:
    """A cloth or a hand over the lens: dark, almost even, out of focus, a little light leaking in at one side."""
    height_px, width_px = picture.shape[:2]
    cloth = _cloth(width_px, height_px, parameters["brightness"], parameters["texture"], int(parameters["seed"]))
    return add_grain(cloth, 1.0, rng)


def partial(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """Something in front of part of the lens: `kind` 0 a blob (mud), 1 a branch, 2 a hanging sheet."""
    height_px, width_px = picture.shape[:2]
    alpha = hidden_mask(width_px, height_px, parameters["share"], int(parameters["kind"]), int(parameters["seed"]))
    cover = _cover(width_px, height_px, int(parameters["kind"]), int(parameters["seed"]))
    return np.asarray(cv2.blendLinear(cover, picture, alpha, np.float32(1.0) - alpha), dtype=np.uint8)


def colour_cast(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """One hue over everything, as with a stuck infrared filter (`hue_deg` 320: magenta) or a wrong white balance."""
    turn = np.radians(parameters["hue_deg"] - np.array([240.0, 120.0, 0.0]))
    gains = 1.0 + parameters["strength"] * np.cos(turn)
    matrix = np.column_stack([np.diag(gains), 18.0 * parameters["strength"] * np.cos(turn)])
    return np.asarray(cv2.transform(picture, matrix), dtype=np.uint8)


def noise(picture: Frame, parameters: Parameters, rng: np.random.Generator) -> Frame:
    """A sensor at its last gain: noise of `sigma` grey levels."""
    return add_grain(picture, parameters["sigma"], rng)


def underexposed(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """Too little light reaches the sensor: everything times `gain`."""
    return np.asarray(cv2.convertScaleAbs(picture, alpha=parameters["gain"]), dtype=np.uint8)


def overexposed(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """Too much light: everything times `gain`, plus flare."""
    return np.asarray(cv2.convertScaleAbs(picture, alpha=parameters["gain"], beta=40), dtype=np.uint8)


def low_contrast(picture: Frame, parameters: Parameters, _rng: np.random.Generator) -> Frame:
    """Fog or dust: `share` of the light comes from the haze instead of the scene."""
    share = parameters["share"]
    return np.asarray(cv2.convertScaleAbs(picture, alpha=1.0 - share, beta=165.0 * share), dtype=np.uint8)


def stripes(picture: Frame, parameters: Parameters, rng: np.random.Generator) -> Frame:
    """Mains hum or a bad cable: bright bands that wander, `period_px` apart, `strength` grey levels strong."""
    rows = np.arange(picture.shape[0]) * (REFERENCE_WIDTH_PX / picture.shape[1])
    wave = parameters["strength"] * np.sin(2 * np.pi * (rows / parameters["period_px"] + rng.random()))
    bands = np.repeat(np.rint(wave).astype(np.int16)[:, None, None], picture.shape[1], axis=1)
    return np.asarray(cv2.add(picture, np.repeat(bands, 3, axis=2), dtype=cv2.CV_8U), dtype=np.uint8)


def signal_loss(picture: Frame, _parameters: Parameters, rng: np.random.Generator) -> Frame:
    """What a recorder sends for a channel without signal: a blue screen with words, the last row stirred by a level."""
    screen = np.empty_like(picture)
    screen[:] = (178, 32, 16)
    scale = picture.shape[0] / 360.0
    place = (int(picture.shape[1] / 2 - 95 * scale), int(picture.shape[0] / 2))
    cv2.putText(
        screen, "NO SIGNAL", place, cv2.FONT_HERSHEY_SIMPLEX, 1.1 * scale, (235, 235, 235), max(1, round(2 * scale))
    )
    screen[-1, :, 0] += rng.integers(0, 2, picture.shape[1], dtype=np.uint8)
    return screen


def corrupted(picture: Frame, parameters: Parameters, rng: np.random.Generator) -> Frame:
    """A damaged stream: `share` of the rows of 16-pixel blocks are displaced, smeared or wrongly coloured."""
    broken = picture.copy()
    for row in range(0, picture.shape[0] - 15, 16):
        if rng.random() >= parameters["share"]:
            continue
        start = int(rng.integers(0, picture.shape[1] // 16)) * 16
        band = broken[row : row + 16, start:]
        band[:] = np.roll(band, int(rng.integers(1, 40)) * 16, axis=1)
        if rng.random() < 0.5:
            band[:] = band[:, :1]
        band[..., int(rng.integers(0, 3))] ^= np.uint8(0x60)
    return broken


@lru_cache(maxsize=4)
def _cloth(width_px: int, height_px: int, brightness: float, texture: float, seed: int) -> Frame:
    rng = np.random.default_rng([seed, 7])
    folds = cloud(width_px, height_px, width_px / 3.0, rng, octaves=2)
    leak = np.linspace(-1.0, 1.0, width_px, dtype=np.float32)[None, :] ** 3 * (1.0 if rng.random() < 0.5 else -1.0)
    light = brightness + texture * (0.6 * folds + 0.8 * leak)
    cloth = light[..., None] * np.array([0.86, 0.95, 1.12], np.float32)
    return np.clip(cloth, 0, 255).astype(np.uint8)


@lru_cache(maxsize=4)
def hidden_mask(width_px: int, height_px: int, share: float, kind: int, seed: int) -> NDArray[np.float32]:
    """How much of each pixel (0 to 1) a partial cover hides; about `share` of the picture in all."""
    rng = np.random.default_rng([seed, kind, 3])
    small_h, small_w = 180, 320
    rows, columns = np.mgrid[0:small_h, 0:small_w].astype(np.float32)
    rough = cloud(small_w, small_h, 40.0, rng)
    if kind == 1:
        field_ = _branch(small_w, small_h, rng) + 2.0 * rough
    elif kind == 2:
        side = rng.choice([-1.0, 1.0])
        field_ = side * columns + 0.35 * rows + 9.0 * rough
    else:
        centre = rng.uniform([0.15, 0.3], [0.85, 0.9]) * [small_w, small_h]
        field_ = -np.hypot(columns - centre[0], rows - centre[1]) + 12.0 * rough
    level = np.quantile(field_, 1.0 - share)
    soft = np.clip(0.5 + (field_ - level) / 6.0, 0.0, 1.0).astype(np.float32)
    large = np.asarray(cv2.resize(soft, (width_px, height_px), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.clip(large, 0.0, 1.0)


def _branch(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Minus the distance to a twig with leaves that reaches in from a corner of the picture."""
    ink = np.full((height, width), 255, np.uint8)
    foot = np.array([0.0 if rng.random() < 0.5 else width, 0.0])
    tip = np.array([width * rng.uniform(0.45, 0.6), height * rng.uniform(0.6, 0.8)])
    for share in np.linspace(0.05, 1.0, 14):
        joint = foot + (tip - foot) * share
        cv2.line(ink, _pixel(foot), _pixel(joint), 0, 3)
        for _ in range(5):
            end = joint + rng.normal(0.0, 26.0, 2)
            cv2.line(ink, _pixel(joint), _pixel(end), 0, 1)
            size = (int(rng.integers(5, 11)), int(rng.integers(2, 5)))
            cv2.ellipse(ink, _pixel(end), size, float(rng.uniform(0, 180)), 0, 360, 0, -1)
    return -np.asarray(cv2.distanceTransform(ink, cv2.DIST_L2, 3), np.float32)


def _pixel(place: NDArray[np.float64]) -> tuple[int, int]:
    return int(place[0]), int(place[1])


@lru_cache(maxsize=4)
def _cover(width_px: int, height_px: int, kind: int, seed: int) -> Frame:
    """The stuff that hides: brown mud, dark leaves or a pale sheet, out of focus."""
    rng = np.random.default_rng([seed, kind, 5])
    colour = np.array([(38, 52, 66), (28, 44, 34), (150, 158, 160)][kind], np.float32)
    shade = 1.0 + 0.16 * cloud(width_px, height_px, width_px / 6.0, rng)
    cover: Frame = np.clip(shade[..., None] * colour, 0, 255).astype(np.uint8)
    return cover


_SEED = Parameter(0, 0, 2**31)

PICTURE_FAULTS: Mapping[str, PictureFault] = MappingProxyType(
    {
        "moved": PictureFault(
            Stage.POSE,
            {
                "pan_deg": Parameter(15, -180, 180),
                "tilt_deg": Parameter(4, -90, 90),
                "roll_deg": Parameter(0, -180, 180),
                "zoom": Parameter(1, 0.25, 4),
            },
        ),
        "blur": PictureFault(Stage.LENS, {"radius_px": Parameter(14, 0, 200)}, blur),
        "covered": PictureFault(
            Stage.LENS, {"brightness": Parameter(26, 0, 255), "texture": Parameter(5, 0, 40), "seed": _SEED}, covered
        ),
        "partial": PictureFault(
            Stage.LENS, {"share": Parameter(0.35, 0.01, 0.99), "kind": Parameter(0, 0, 2), "seed": _SEED}, partial
        ),
        "low_contrast": PictureFault(Stage.LENS, {"share": Parameter(0.85, 0, 1)}, low_contrast),
        "underexposed": PictureFault(Stage.SENSOR, {"gain": Parameter(0.12, 0, 1)}, underexposed),
        "overexposed": PictureFault(Stage.SENSOR, {"gain": Parameter(2.2, 1, 20)}, overexposed),
        "colour_cast": PictureFault(
            Stage.SENSOR, {"strength": Parameter(0.45, 0, 1), "hue_deg": Parameter(320, 0, 360)}, colour_cast
        ),
        "noise": PictureFault(Stage.SENSOR, {"sigma": Parameter(32, 0, 60)}, noise),
        "stripes": PictureFault(
            Stage.SENSOR, {"strength": Parameter(45, 0, 120), "period_px": Parameter(120, 8, 2000)}, stripes
        ),
        "black": PictureFault(Stage.SENSOR, {"level": Parameter(3, 0, 20)}, black),
        "signal_loss": PictureFault(Stage.STREAM, {}, signal_loss),
        "corrupted": PictureFault(Stage.STREAM, {"share": Parameter(0.4, 0, 1)}, corrupted),
    }
)

"""A person in a picture: a figure of rounded limbs in working clothes and a helmet, hidden by what stands before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.crowd import Person
from cammon.virtual.render.layout import SUN
from cammon.virtual.render.light import HAZE_DAY, HAZE_M, NightSight
from cammon.virtual.render.stills import Still
from cammon.virtual.render.terrain import Terrain
from cammon_coverage.model import Period
from cammon_probes.model import Frame

HEIGHT_M = 1.75
FARTHEST_M = 350.0
SMALLEST_PX = 1.5
LAP_M = 0.4
"""How much nearer than a figure the ground or a wall may be before it hides it: half a step."""
_SHIFT = 4
_COVERALLS = ((150, 84, 40), (52, 96, 196), (70, 72, 76), (60, 84, 62), (120, 70, 44))
_HELMETS = ((60, 205, 235), (228, 230, 232), (48, 52, 205), (190, 120, 40))
_SKIN = (120, 150, 190)
_BOOTS = (34, 34, 36)
_BAND = (190, 235, 225)

Colour = tuple[float, float, float]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """A capsule between two points (metres: forward, left, up), its radius and colour. `shiny` reflects infrared."""

    ends: Points
    radius_m: float
    colour: Colour
    shiny: bool = False


def limbs_of(person: Person) -> list[Limb]:
    """The limbs of a person in the person's own axes, at this moment of the stride."""
    rng = np.random.default_rng([person.look, 9])
    clothes: Colour = _COVERALLS[int(rng.integers(len(_COVERALLS)))]
    helmet: Colour = _HELMETS[int(rng.integers(len(_HELMETS)))]
    swing = 0.30 * np.sin(person.stride * np.pi) if person.walking else 0.05
    trousers: Colour = tuple(0.8 * part for part in clothes)  # type: ignore[assignment]
    limbs = []
    for side, sign in ((0.11, 1.0), (-0.11, -1.0)):
        knee, foot = 0.5 * sign * swing, sign * swing
        lift = max(0.0, -sign * float(np.cos(person.stride * np.pi))) * 0.08 if person.walking else 0.0
        limbs.append(_limb((0, side, 0.88), (knee + 0.03, side, 0.48), 0.085, trousers))
        limbs.append(_limb((knee + 0.03, side, 0.48), (foot, side, 0.1 + lift), 0.065, trousers))
        limbs.append(_limb((foot, side, 0.05 + lift), (foot + 0.15, side, 0.05 + lift), 0.05, _BOOTS))
        limbs.append(_limb((0, 2.1 * side, 1.38), (-0.4 * sign * swing, 2.4 * side, 1.08), 0.055, clothes))
        limbs.append(
            _limb((-0.4 * sign * swing, 2.4 * side, 1.08), (0.05 - sign * swing, 2.3 * side, 0.84), 0.048, clothes)
        )
    limbs.append(_limb((0, 0.06, 0.92), (0, 0.10, 1.38), 0.11, clothes))
    limbs.append(_limb((0, -0.06, 0.92), (0, -0.10, 1.38), 0.11, clothes))
    limbs.append(_limb((0, 0, 0.94), (0, 0, 1.36), 0.145, clothes))
    limbs.append(Limb(np.array([(0.0, -0.17, 1.16), (0.0, 0.17, 1.16)]), 0.03, _BAND, shiny=True))
    limbs.append(_limb((0.02, 0, 1.5), (0.03, 0, 1.6), 0.095, _SKIN))
    limbs.append(_limb((-0.01, 0, 1.65), (0.04, 0, 1.65), 0.108, helmet))
    return limbs


def _limb(start: tuple[float, float, float], end: tuple[float, float, float], radius_m: float, colour: Colour) -> Limb:
    return Limb(np.array([start, end], np.float64), radius_m, colour)


def draw_people(picture: Frame, still: Still, people: Sequence[Person], period: Period, terrain: Terrain) -> None:
    """Draw people into the picture, the farthest first, where nothing of the still hides them."""
    if not people:
        return
    feet = np.array([(person.x, person.y, 0.0) for person in people])
    _, depth, inside = still.eye.project(np.concatenate([feet, feet + np.array([0.0, 0.0, HEIGHT_M])]))
    nearest = depth.reshape(2, -1).min(axis=0)
    large = still.eye.fu * HEIGHT_M > SMALLEST_PX * nearest
    drawn = inside.reshape(2, -1).any(axis=0) & (nearest > 0.4) & (nearest < FARTHEST_M) & large
    for index in np.argsort(-nearest, kind="stable"):
        if drawn[index]:
            draw_person(picture, still, people[index], period, terrain)


def draw_person(picture: Frame, still: Still, person: Person, period: Period, terrain: Terrain) -> None:
    """Draw a person who is before the lens into the picture."""
    if period is Period.DAY:
        _draw_shadow(picture, still, person)
    limbs = limbs_of(person)
    ends, at_m, _ = still.eye.project(_placed(person, limbs))
    if not np.isfinite(ends).all():
        return
    radii = np.repeat([limb.radius_m for limb in limbs], 2) * still.eye.fu / np.maximum(at_m, 0.2)
    window = _window(picture, ends, radii)
    if window is None:
        return
    rows, columns = window
    gain = _gain(still, person, period, terrain)
    figure, cover = _drawn(limbs, ends - (columns.start, rows.start), at_m, radii, window, still, gain)
    nearest = np.float16(1.0 / max(float(at_m.mean()) - LAP_M, 0.1))
    cover[still.inverse_depth[rows, columns] > nearest] = 0
    _blend(picture[rows, columns], figure, cover)


def _placed(person: Person, limbs: list[Limb]) -> Points:
    """Ends of all limbs (2n x 3) on the site."""
    cosine, sine = np.cos(person.heading_rad), np.sin(person.heading_rad)
    own = np.concatenate([limb.ends for limb in limbs])
    x = person.x + own[:, 0] * cosine - own[:, 1] * sine
    y = person.y + own[:, 0] * sine + own[:, 1] * cosine
    return np.column_stack([x, y, own[:, 2]])


def _window(picture: Frame, ends: Points, radii: Points) -> tuple[slice, slice] | None:
    reach = float(radii.max()) + 2
    left, top = (int(part) for part in np.floor(ends.min(axis=0) - reach))
    right, bottom = (int(part) for part in np.ceil(ends.max(axis=0) + reach))
    columns = slice(max(0, left), min(picture.shape[1], right))
    rows = slice(max(0, top), min(picture.shape[0], bottom))
    return (rows, columns) if columns.start < columns.stop and rows.start < rows.stop else None


def _drawn(
    limbs: list[Limb],
    ends: Points,
    at_m: Points,
    radii: Points,
    window: tuple[slice, slice],
    still: Still,
    gain: tuple[NDArray[np.float64], NDArray[np.float64], bool],
) -> tuple[Frame, NDArray[np.uint8]]:
    """The figure on a canvas of the window's size, and how much of each pixel it covers."""
    shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)
    canvas, cover = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    nearness = at_m.reshape(-1, 2).mean(axis=1) - [0.14 if limb.shiny else 0.0 for limb in limbs]  # worn over the coat
    order = np.argsort(-nearness, kind="stable")
    sunward = still.eye.pixels_of(
        np.array([[0.0, 0.0, 1.0], [float(SUN @ still.eye.right), float(SUN @ still.eye.down), 1.0]])
    )
    side = np.sign(sunward[1, 0] - sunward[0, 0]) or 1.0
    for number in order:
        limb, (start, end) = limbs[int(number)], ends[2 * number : 2 * number + 2]
        radius = float(radii[2 * number : 2 * number + 2].mean())
        scale, offset, infrared = gain
        colour = np.array(limb.colour) * (2.2 if limb.shiny and infrared else 1.0)
        if infrared:
            colour = np.full(3, float(colour @ (0.2, 0.4, 0.4)))
        for shade, share, shift in _shades(radius):
            tone = _toned(colour * shade * scale + offset)
            place = np.array([side * shift * radius, -0.15 * shift * radius])
            _capsule(canvas, start + place, end + place, radius * share, tone)
        _capsule(cover, start, end, radius, np.array([255.0]))
    return canvas, cover


def _toned(light: Points) -> Points:
    """Grey levels with the same soft shoulder as the still picture."""
    bright = np.maximum(light - 170.0, 0.0)
    toned: Points = np.clip(light - bright * bright / (bright + 60.0), 0.0, 240.0)
    return toned


def _shades(radius: float) -> list[tuple[float, float, float]]:
    """Light, width and sideways place of the bands that make a limb look round; one when it is too fine for more."""
    steps = int(np.clip(radius / 3, 0, 8))
    if not steps:
        return [(0.95, 1.0, 0.0)]
    return [(0.68 + 0.48 * part, 1.0 - 0.75 * part, 0.45 * part) for part in np.linspace(0.0, 1.0, steps + 1)]


def _capsule(target: NDArray[np.uint8], start: Points, end: Points, radius: float, tone: Points) -> None:
    """A line with round ends; finer than a pixel it is drawn as wide as one."""
    first, last = (tuple(int(part) for part in np.rint(point * 2**_SHIFT)) for point in (start, end))
    colour = tuple(float(part) for part in tone)
    cv2.line(target, first, last, colour, max(1, round(2 * radius)), cv2.LINE_AA, _SHIFT)
    if radius > 1.0:
        for point in (first, last):
            cv2.circle(target, point, round(radius * 2**_SHIFT), colour, -1, cv2.LINE_AA, _SHIFT)


def _gain(
    still: Still, person: Person, period: Period, terrain: Terrain
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Factor and offset (BGR) from reflectance times 255 to grey levels at a person, and whether it is infrared."""
    away = still.eye.position - (person.x, person.y, 1.0)
    slant = float(np.linalg.norm(away))
    if period is Period.DAY:
        haze = 1 - float(np.exp(-slant / HAZE_M))
        return np.full(3, 0.95 * (1 - haze)), HAZE_DAY.astype(np.float64) * haze, False
    sight = NightSight.of(still.eye)
    lamps = np.array([terrain.lamp_light(person.x, person.y)], np.float32)
    beam = sight.beam(np.array([slant], np.float32), np.array([0.3], np.float32))
    return sight.light(beam, lamps)[0].astype(np.float64) * (still.exposure / 255), np.zeros(3), sight.infrared


def _draw_shadow(picture: Frame, still: Still, person: Person) -> None:
    """A long dark ellipse on the ground away from the sun."""
    away = -SUN[:2] / SUN[2]
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    along, across = away / np.hypot(*away), np.array([-away[1], away[0]]) / np.hypot(*away)
    length = HEIGHT_M * float(np.hypot(*away)) / 2
    middle = np.array([person.x, person.y]) + along * length
    plan = middle + np.outer(length * np.cos(turn), along) + np.outer(0.24 * np.sin(turn), across)
    pixels, depth, _ = still.eye.project(np.column_stack([plan, np.zeros(len(turn))]))
    if not np.isfinite(pixels).all() or depth.min() < 0.4:
        return
    window = _window(picture, pixels, np.ones(1))
    if window is None:
        return
    rows, columns = window
    cover = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    cv2.fillPoly(
        cover, [np.rint((pixels - (columns.start, rows.start)) * 2**_SHIFT).astype(np.int32)], 120, cv2.LINE_AA, _SHIFT
    )
    cover[still.inverse_depth[rows, columns] > 1.0 / max(float(depth.min()) - LAP_M, 0.1)] = 0
    cover[still.inverse_depth[rows, columns] < 1.0 / (float(depth.max()) * 1.05 + LAP_M)] = 0
    ground = picture[rows, columns]
    _blend(ground, (ground * np.float32(0.35)).astype(np.uint8), cover)


def _blend(window: Frame, figure: Frame, cover: NDArray[np.uint8]) -> None:
    share = cover[..., None].astype(np.uint16)
    mixed = (figure * share + window * (255 - share) + 127) // 255
    window[:] = mixed.astype(np.uint8)

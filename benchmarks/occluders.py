"""What may hang before a lens, drawn over a picture: sheets, splashes, strands, drops, smears. For training only."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Rng = np.random.Generator
Drawn = tuple[Floats, Mask]

_NOMINAL_WIDTH_PX = 640


def occluded(picture: Picture, others: Sequence[Picture], rng: Rng) -> tuple[Picture, Mask]:
    """A picture (BGR) with a part hidden, through JPEG again, and where: `others` lend their colours and textures."""
    kinds: tuple[Callable[[Floats, Sequence[Picture], Rng], Drawn], ...] = (sheet, splashes, strands, drops, smear)
    draw = kinds[int(rng.choice(len(kinds), p=(0.3, 0.12, 0.22, 0.24, 0.12)))]
    drawn, mask = draw(picture.astype(np.float32), others, rng)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 95))]
    _, data = cv2.imencode(".jpg", np.clip(drawn, 0, 255).astype(np.uint8), quality)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8), mask


def sheet(picture: Floats, others: Sequence[Picture], rng: Rng) -> Drawn:
    """Something large and out of focus: a sheet, a leaf, a hand."""
    return _covered(picture, _region(picture.shape[:2], rng), others, rng)


def splashes(picture: Floats, others: Sequence[Picture], rng: Rng) -> Drawn:
    """Mud, snow, paint in patches."""
    height, width = picture.shape[:2]
    unit = width / _NOMINAL_WIDTH_PX
    mask = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(3, 25)):
        middle = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        axes = (int(rng.uniform(12, 70) * unit), int(rng.uniform(12, 70) * unit))
        cv2.ellipse(mask, middle, axes, rng.uniform(0, 180), 0, 360, (1.0,), -1)
    return _covered(picture, mask, others, rng)


def strands(picture: Floats, _others: Sequence[Picture], rng: Rng) -> Drawn:
    """Hairs, threads, twigs: through one another, out of one point, or around it."""
    height, width = picture.shape[:2]
    unit = width / _NOMINAL_WIDTH_PX
    mask = np.zeros((height, width), np.float32)
    style, middle = rng.integers(3), rng.uniform(0, 1, 2) * (width, height)
    reach, thickness = rng.uniform(0.25, 0.9) * width, rng.uniform(1.5, 8) * unit
    for _ in range(rng.integers(15, 70)):
        begin, end = _strand(int(style), middle, reach, width, rng)
        thick = max(1, int(thickness * rng.uniform(0.5, 1.4)))
        cv2.line(mask, (int(begin[0]), int(begin[1])), (int(end[0]), int(end[1])), (1.0,), thick, cv2.LINE_AA)
    cover = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 3) * unit) * rng.uniform(0.35, 1)
    tone = rng.uniform(190, 255) if rng.random() < 0.65 else rng.uniform(0, 70)
    colour = (tone + rng.normal(0, 6, 3)).astype(np.float32)
    return picture * (1 - cover[..., None]) + colour * cover[..., None], cover > 0.2


def _strand(style: int, middle: Floats, reach: float, width: int, rng: Rng) -> tuple[Floats, Floats]:
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    if style == 0:
        begin = middle + rng.uniform(-reach, reach, 2)
        return begin, begin + rng.uniform(0.1, 0.8) * width * along
    if style == 1:
        return middle, middle + reach * along
    radius = rng.uniform(0.05, 1) * reach
    return middle + radius * along, middle + radius * np.array([np.cos(angle + 0.6), np.sin(angle + 0.6)])


def drops(picture: Floats, _others: Sequence[Picture], rng: Rng) -> Drawn:
    """Drops on the glass: each shows the scene small and upside down, with a rim."""
    height, width = picture.shape[:2]
    unit = width / _NOMINAL_WIDTH_PX
    y, x = np.mgrid[:height, :width].astype(np.float32)
    from_x, from_y, mask, shade = x.copy(), y.copy(), np.zeros_like(x), np.zeros_like(x)
    for _ in range(rng.integers(20, 170)):
        centre_x, centre_y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 17) * unit
        dx, dy = x - centre_x, (y - centre_y) * rng.uniform(0.8, 1.3)
        box = np.s_[
            max(0, int(centre_y - 1.4 * radius)) : int(centre_y + 1.4 * radius) + 1,
            max(0, int(centre_x - 1.4 * radius)) : int(centre_x + 1.4 * radius) + 1,
        ]
        away = np.hypot(dx[box], dy[box]) / radius
        inside, shrink = away < 1, -rng.uniform(1, 4)
        from_x[box][inside] = (centre_x + shrink * dx[box])[inside]
        from_y[box][inside] = (centre_y + shrink * dy[box])[inside]
        mask[box][inside] = 1
        rim = -60 * rng.uniform(0, 1) * (away > 0.8)
        shade[box][inside] = (-dy[box] / radius * rng.uniform(-10, 50) + rim)[inside]
    seen = cv2.remap(picture, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 2.5) * unit + 0.1) + shade[..., None] + rng.uniform(-10, 25)
    cover = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.4, 1.6) * unit + 0.1) * rng.uniform(0.7, 1)
    drawn = picture * (1 - cover[..., None]) + seen * cover[..., None]
    return drawn, (np.abs(drawn - picture).mean(axis=2) > 8) & (mask > 0)


def smear(picture: Floats, _others: Sequence[Picture], rng: Rng) -> Drawn:
    """Grease or condensation: a part out of focus and paler."""
    unit = picture.shape[1] / _NOMINAL_WIDTH_PX
    cover = cv2.GaussianBlur(_region(picture.shape[:2], rng), (0, 0), rng.uniform(3, 20) * unit)
    blurred = cv2.GaussianBlur(picture, (0, 0), rng.uniform(4, 14) * unit)
    pale = blurred * rng.uniform(0.6, 0.95) + rng.uniform(0, 60)
    return picture * (1 - cover[..., None]) + pale * cover[..., None], cover > 0.4


def _region(shape: tuple[int, ...], rng: Rng) -> Floats:
    """1 in a part of the picture: in from a side, around a place, or anywhere."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / width, y / height
    knots = rng.normal(0, 1, (int(rng.integers(3, 7)), int(rng.integers(3, 7)))).astype(np.float32)
    waves = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    kind = rng.integers(3)
    if kind == 0:
        angle = rng.uniform(0, 2 * np.pi)
        height_map = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.08 * waves
    elif kind == 1:
        middle_x, middle_y = rng.uniform(0, 1, 2)
        away = np.hypot((x - middle_x) * rng.uniform(0.6, 1.6), (y - middle_y) * rng.uniform(0.6, 1.6))
        height_map = 0.07 * waves - away
    else:
        height_map = waves
    return np.asarray(height_map > np.quantile(height_map, 1 - rng.uniform(0.08, 0.6)), dtype=np.float32)


def _covered(picture: Floats, mask: Floats, others: Sequence[Picture], rng: Rng) -> Drawn:
    unit = picture.shape[1] / _NOMINAL_WIDTH_PX
    cover = cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 16) * unit) * rng.uniform(0.75, 1)
    drawn = picture * (1 - cover[..., None]) + _texture(picture.shape[:2], others, rng) * cover[..., None]
    return drawn, cover > 0.4


def _texture(shape: tuple[int, ...], others: Sequence[Picture], rng: Rng) -> Floats:
    height, width = shape
    if others and rng.random() < 0.5:
        other = cv2.resize(others[int(rng.integers(len(others)))], (width, height))
        near = cv2.GaussianBlur(other, (0, 0), rng.uniform(1, 14)).astype(np.float32)
        return np.clip((near - near.mean()) * rng.uniform(0.3, 1.3) + rng.uniform(15, 235), 0, 255)
    texture = np.zeros((height, width, 3), np.float32)
    for knots in (4, 9, 20):
        grain = rng.normal(0, 1, (knots, knots, 3)) + rng.normal(0, 1, (knots, knots, 1))
        texture += cv2.resize(grain.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC) * rng.uniform(
            0, 22
        )
    return np.clip(texture + rng.uniform(10, 240) + rng.normal(0, 20, 3), 0, 255).astype(np.float32)

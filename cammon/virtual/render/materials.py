"""What the buildings are made of: a wall style and a muted colour for each obstacle, from its name and its id."""

import zlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from cammon_coverage.model import Obstacle


class Style(IntEnum):
    """A kind of wall or roof; each has tiles in the texture atlas."""

    SHEET = 0
    PLASTER = 1
    PANELS = 2
    FRAME = 3
    SILO = 4
    TANK = 5
    GALLERY = 6
    ROOF_SHEET = 7
    ROOF_FLAT = 8


@dataclass(frozen=True, slots=True)
class Material:
    """Style and colour (BGR reflectance, 0 to 1) of an obstacle's walls and roof."""

    wall: Style
    wall_colour: tuple[float, float, float]
    roof: Style
    roof_colour: tuple[float, float, float]


_WORDS: tuple[tuple[Style, tuple[str, ...]], ...] = (
    (Style.GALLERY, ("gallery", "conveyor", "栈桥", "皮带", "胶带", "走廊")),
    (Style.SILO, ("silo", "bunker", "筒仓", "煤仓", "cooling", "chimney", "烟囱")),
    (Style.TANK, ("tank", "罐", "gas drainage", "瓦斯")),
    (Style.PLASTER, ("office", "dorm", "room", "canteen", "楼", "室", "宿舍", "财务", "食堂", "gatehouse", "门卫")),
    (Style.FRAME, ("plant", "hoist", "shaft", "washing", "提升", "井", "洗煤", "选煤", "厂房", "headframe")),
    (Style.PANELS, ("substation", "fan", "变电", "风机", "magazine", "民爆", "炸药", "workshop", "车间")),
    (Style.SHEET, ("shed", "store", "warehouse", "loading", "棚", "库", "装车")),
)
_COLOURS: dict[Style, tuple[tuple[float, float, float], ...]] = {
    Style.SHEET: ((0.55, 0.50, 0.44), (0.62, 0.52, 0.38), (0.50, 0.55, 0.52), (0.46, 0.48, 0.58)),
    Style.PLASTER: ((0.62, 0.70, 0.74), (0.52, 0.60, 0.70), (0.44, 0.50, 0.64), (0.66, 0.68, 0.68)),
    Style.PANELS: ((0.56, 0.58, 0.58), (0.50, 0.54, 0.57), (0.58, 0.62, 0.66)),
    Style.FRAME: ((0.60, 0.56, 0.50), (0.52, 0.56, 0.60), (0.58, 0.54, 0.46)),
    Style.SILO: ((0.56, 0.59, 0.61), (0.50, 0.53, 0.55)),
    Style.TANK: ((0.76, 0.77, 0.76), (0.68, 0.70, 0.68)),
    Style.GALLERY: ((0.62, 0.50, 0.36), (0.58, 0.55, 0.48)),
    Style.ROOF_SHEET: ((0.46, 0.42, 0.38), (0.50, 0.42, 0.34), (0.34, 0.36, 0.46)),
    Style.ROOF_FLAT: ((0.34, 0.35, 0.36), (0.42, 0.44, 0.45)),
}
_FLAT_ROOFED = frozenset({Style.PLASTER, Style.PANELS, Style.SILO, Style.TANK})


def material_of(obstacle: Obstacle) -> Material:
    """The material of an obstacle: the same each time for the same id and name."""
    rng = np.random.default_rng(zlib.crc32(obstacle.id.encode()))
    wall = _style(f"{obstacle.name} {obstacle.id}".lower(), rng)
    roof = Style.ROOF_FLAT if wall in _FLAT_ROOFED else Style.ROOF_SHEET
    return Material(wall, _colour(wall, rng), roof, _colour(roof, rng))


def _style(words: str, rng: np.random.Generator) -> Style:
    for style, signs in _WORDS:
        if any(sign in words for sign in signs):
            return style
    return Style(int(rng.choice([Style.SHEET, Style.PLASTER, Style.PANELS, Style.FRAME])))


def _colour(style: Style, rng: np.random.Generator) -> tuple[float, float, float]:
    choices = _COLOURS[style]
    base = np.array(choices[int(rng.integers(len(choices)))])
    blue, green, red = np.clip(base * rng.uniform(0.92, 1.08) + rng.normal(0, 0.012, 3), 0.05, 0.95)
    return float(blue), float(green), float(red)

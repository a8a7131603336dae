"""Where a camera looks, in the words of ledgers: 东南, SE, 由西向东, or the code of GB/T 28181."""

from cammon.sitefiles.cells import plain

POINTS = {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0}
POINTS |= {
    "南东": 135.0,
    "北东": 45.0,
    "南西": 225.0,
    "北西": 315.0,
    "正北": 0.0,
    "正东": 90.0,
    "正南": 180.0,
    "正西": 270.0,
}
POINTS |= {"n": 0.0, "ne": 45.0, "e": 90.0, "se": 135.0, "s": 180.0, "sw": 225.0, "w": 270.0, "nw": 315.0}
CODES = {"1": 90.0, "2": 270.0, "3": 180.0, "4": 0.0, "5": 135.0, "6": 45.0, "7": 225.0, "8": 315.0}
"""DirectionType of GB/T 28181: 1 E, 2 W, 3 S, 4 N, 5 SE, 6 NE, 7 SW, 8 NW."""


def bearing_of(text: str, *, coded: bool) -> float | None:
    """Degrees clockwise from north of a compass word, None for what is none. `coded`: single digits are codes.

    从西向东 looks east: the second point counts.
    """
    bare = plain(text).lower().replace(" ", "")
    if coded and bare.partition("-")[0] in CODES:
        return CODES[bare.partition("-")[0]]
    bare = bare.partition("(")[0]
    for mark in ("朝向", "方向", "方位", "面向", "朝", "偏", "侧", "面"):
        bare = bare.replace(mark, "")
    for mark in ("向", "到", "至", "往"):
        head, found, tail = bare.rpartition(mark)
        if found and tail in POINTS and head:
            return POINTS[tail]
        bare = bare if not found else head + tail
    return POINTS.get(bare)

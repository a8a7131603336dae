"""The coordinate systems in which Chinese ledgers and maps come: WGS84, CGCS2000 and its zones, GCJ-02, BD-09.

GCJ-02 (火星坐标: Amap, Tencent, most phones) is WGS84 plus a published offset of 100 to 700 m that changes with the
place; BD-09 (Baidu) is GCJ-02 plus another one. Both have no exact inverse; it is found by iteration to 1e-10 degrees.
CGCS2000 and WGS84 differ by centimetres and count as the same.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from cammon.sitefiles.frame import LOCAL, UnknownFrame, horizontal_system

Coordinates = NDArray[np.float64]
"""n x 2: longitude and latitude in degrees, or x and y of a grid."""

WGS84, GCJ02, BD09 = "wgs84", "gcj02", "bd09"
NAMES = {
    **dict.fromkeys(("wgs84", "wgs1984", "84", "84坐标", "84坐标系", "gps", "地球坐标", "地球坐标系"), WGS84),
    **dict.fromkeys(("cgcs2000", "2000", "国家2000", "2000坐标系", "国家2000坐标系", "大地2000"), WGS84),
    **dict.fromkeys(("gcj02", "gcj", "火星", "火星坐标", "火星坐标系", "高德", "高德坐标", "腾讯", "国测局"), GCJ02),
    **dict.fromkeys(("bd09", "bd09ll", "bd", "百度", "百度坐标", "百度坐标系"), BD09),
}
EPSG = re.compile(r"(?:epsg)?:?(\d{4,6})")

KRASSOVSKY_AXIS_M = 6378245.0
KRASSOVSKY_E2 = 0.00669342162296594323
CHINA = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south, north: outside of this box the two systems are WGS84 itself."""
BAIDU_TURN = math.pi * 3000.0 / 180.0
BAIDU_SHIFT_DEG = (0.0065, 0.006)
SETTLED_DEG = 1e-10
MOST_ROUNDS = 30


def system_named(text: str) -> str:
    """`wgs84`, `gcj02`, `bd09` or `EPSG:nnnn`, however people write it. Raises UnknownFrame."""
    bare = re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text)).lower()
    if bare in NAMES:
        return NAMES[bare]
    found = EPSG.fullmatch(bare)
    if not found:
        raise UnknownFrame(text)
    name = f"EPSG:{found[1]}"
    horizontal_system(name)
    return name


def gcj02_of(lonlat: Coordinates) -> Coordinates:
    """WGS84 as GCJ-02, degrees (n x 2)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north_m += _waves(y, 20.0, 40.0, 3.0) + _slow(y, 160.0, 12.0, 320.0, 30.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east_m += _waves(x, 20.0, 40.0, 3.0) + _slow(x, 150.0, 12.0, 300.0, 30.0)
    return np.where(_in_china(lonlat)[:, None], lonlat + _degrees(lonlat[:, 1], east_m, north_m), lonlat)


def _waves(along: NDArray[np.float64], first: float, second: float, slow: float) -> NDArray[np.float64]:
    waves = first * np.sin(along * np.pi) + second * np.sin(along / slow * np.pi)
    return np.asarray(waves * 2.0 / 3.0, dtype=np.float64)


def _slow(
    along: NDArray[np.float64], first: float, first_period: float, second: float, second_period: float
) -> NDArray[np.float64]:
    waves = first * np.sin(along / first_period * np.pi) + second * np.sin(along * np.pi / second_period)
    return np.asarray(waves * 2.0 / 3.0, dtype=np.float64)


def _degrees(latitude: NDArray[np.float64], east_m: NDArray[np.float64], north_m: NDArray[np.float64]) -> Coordinates:
    """Metres on Krassovsky's ellipsoid as degrees of longitude and latitude."""
    angle = np.radians(latitude)
    magic = 1.0 - KRASSOVSKY_E2 * np.sin(angle) ** 2
    root = np.sqrt(magic)
    north = np.degrees(north_m * magic * root / (KRASSOVSKY_AXIS_M * (1.0 - KRASSOVSKY_E2)))
    east = np.degrees(east_m * root / (KRASSOVSKY_AXIS_M * np.cos(angle)))
    return np.column_stack([east, north])


def _in_china(lonlat: Coordinates) -> NDArray[np.bool_]:
    west, east, south, north = CHINA
    x, y = lonlat[:, 0], lonlat[:, 1]
    return np.asarray((west <= x) & (x <= east) & (south <= y) & (y <= north))


def bd09_of(lonlat: Coordinates) -> Coordinates:
    """WGS84 as BD-09, degrees (n x 2)."""
    gcj = gcj02_of(lonlat)
    x, y = gcj[:, 0], gcj[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BAIDU_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BAIDU_TURN)
    shifted = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + BAIDU_SHIFT_DEG
    return np.where(_in_china(lonlat)[:, None], shifted, lonlat)


def wgs84_of(system: str, xy: Coordinates) -> Coordinates:
    """Coordinates of a named system as WGS84 degrees; inf where the system does not reach. Raises UnknownFrame."""
    if system == WGS84:
        return xy
    if system in OFFSETS:
        return _inverse(OFFSETS[system], xy)
    return _transformed(system, "EPSG:4326", xy)


OFFSETS: dict[str, Callable[[Coordinates], Coordinates]] = {GCJ02: gcj02_of, BD09: bd09_of}


def _inverse(forward: Callable[[Coordinates], Coordinates], wanted: Coordinates) -> Coordinates:
    """The point that `forward` moves to `wanted`. The offset changes slowly, so each round gains three digits."""
    found = wanted.astype(np.float64)
    for _ in range(MOST_ROUNDS):
        step = wanted - forward(found)
        found = found + step
        if not (np.abs(step) > SETTLED_DEG).any():
            break
    return found


def converted(xy: Coordinates, source: str, target: str) -> Coordinates:
    """Coordinates of one system (n x 2) in another; either is a name or an EPSG code, the target never an offset one.

    inf where they cannot be converted. Raises UnknownFrame for a name that is none, and for `local`.
    """
    if source == target:
        return xy
    if LOCAL in (source, target):
        raise UnknownFrame(LOCAL)
    if source in OFFSETS or source == WGS84:
        return _transformed("EPSG:4326", target, wgs84_of(source, xy))
    return _transformed(source, target, xy)


def _transformed(source: str, target: str, xy: Coordinates) -> Coordinates:
    pair = _transformer(source, "EPSG:4326" if target == WGS84 else target).transform(xy[:, 0], xy[:, 1])
    return np.column_stack(pair).astype(np.float64)


@lru_cache(maxsize=256)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(horizontal_system(source), horizontal_system(target), always_xy=True)


def zones_for(x: float, y: float) -> tuple[str, ...]:
    """The CGCS2000 Gauss-Krueger systems in which a point of the grid may stand, x being the easting.

    An easting of eight digits begins with the number of its zone (38 512 345 is zone 38); one of six digits does not
    say its zone, and stands for all of them.
    """
    if not 1.5e6 <= y <= 6.2e6:
        return ()
    zone, rest = divmod(x, 1e6)
    if not 1e5 <= rest <= 9e5:
        return ()
    if 13 <= zone <= 23:
        return (f"EPSG:{4491 + int(zone) - 13}",)
    if 25 <= zone <= 45:
        return (f"EPSG:{4513 + int(zone) - 25}",)
    return tuple(f"EPSG:{code}" for code in (*range(4534, 4555), *range(4502, 4513))) if zone == 0 else ()

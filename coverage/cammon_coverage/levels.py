"""The purposes of a view as pixel densities: the class tables of both editions of IEC 62676-4."""

import math
from collections.abc import Mapping
from types import MappingProxyType

LEVELS_2014: Mapping[str, float] = MappingProxyType(
    {
        "monitor": 12.5,
        "detect": 25.0,
        "observe": 62.5,
        "recognise": 125.0,
        "identify": 250.0,
        "inspect": 1000.0,
    }
)
"""IEC 62676-4:2014, px/m."""

LEVELS_2025: Mapping[str, float] = MappingProxyType(
    {
        "overview": 20.0,
        "outline": 40.0,
        "discern": 80.0,
        "perceive": 125.0,
        "characterise": 250.0,
        "validate": 500.0,
        "scrutinise": 1500.0,
    }
)
"""IEC 62676-4:2025, px/m."""

LEVELS: Mapping[str, float] = MappingProxyType({**LEVELS_2014, **LEVELS_2025})


def level_px_per_m(value: str | float) -> float:
    """The density, px/m, that a class name of either edition or a plain number asks for.

    Names are read without regard to case and outer blanks. ValueError names what would be allowed.
    """
    if isinstance(value, str):
        name = value.strip().lower()
        if name in LEVELS:
            return LEVELS[name]
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not (math.isfinite(number) and number > 0):
        raise ValueError(f"level {value!r} is neither a number of px/m above 0 nor one of {', '.join(LEVELS)}")
    return number

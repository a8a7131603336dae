"""How much one look at a picture proves: whether its fault is faint, and whether it is still the same."""

from cammon_probes.model import Fault

Mask = tuple[tuple[bool, ...], ...]
"""What is hidden, by rows of cells."""
LESSENING_FAULTS = frozenset(
    {
        Fault.BLUR,
        Fault.LOW_CONTRAST,
        Fault.COLOUR_CAST,
        Fault.PARTIAL,
        Fault.UNDEREXPOSED,
        Fault.OVEREXPOSED,
        Fault.NOISE,
        Fault.STRIPES,
    }
)
"""What leaves a camera most of its sight where it is faint, and what light and weather do to pictures as well."""
FAINT_BELOW = 0.6
"""Score below which one of these is faint: just above the threshold."""
SPREAD_OVER, SPREAD_FAINT_BELOW = 0.55, 0.9
"""Share of the picture over which what hides it is spread, and the score below which that is faint: what hangs before
a lens hides its part for sure and leaves the rest; rain on the glass and long shadows take a little of everything."""
SAME_PART = 0.6
"""Of two hidden parts together so much is hidden in both looks when it is the same thing that hides them."""


def is_faint(fault: Fault, score: float, hidden: Mask | None) -> bool:
    """Whether so little is wrong that it may be the light or the weather, and hardly matters till it is surely not."""
    if fault not in LESSENING_FAULTS:
        return False
    spread = hidden is not None and _share(hidden) > SPREAD_OVER
    return score < (SPREAD_FAINT_BELOW if spread else FAINT_BELOW)


def same_part(before: Mask | None, now: Mask | None) -> bool:
    """Whether the same part of the picture is hidden as before: what hides another one passes by."""
    if before is None or now is None:
        return True
    pairs = [(one, other) for rows in zip(before, now, strict=False) for one, other in zip(*rows, strict=False)]
    either = sum(one or other for one, other in pairs)
    return sum(one and other for one, other in pairs) >= SAME_PART * either


def _share(hidden: Mask) -> float:
    return sum(map(sum, hidden)) / max(1, sum(map(len, hidden)))

"""What of a camera's sight an answer depends on: equal marks, equal answer."""

import numpy as np

from cammon_coverage.model import Sight

Mark = tuple[str, str | None, float, int | None, bytes | None]
"""What of a camera's sight an answer depends on."""

Marks = tuple[tuple[str, Mark], ...]
"""The marks of the cameras that see a place by design."""


def mark_of(sight: Sight) -> Mark:
    """Equal for sights that lead to equal answers."""
    hidden = None if sight.hidden is None else np.packbits(sight.hidden).tobytes() + repr(sight.hidden.shape).encode()
    return (sight.state, sight.cause, sight.density_divisor, sight.width_px, hidden)

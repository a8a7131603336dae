"""From a measured number to a score: 0 surely healthy, 0.5 at the threshold, 1 surely faulty."""


def rising(measured: float, threshold: float, sure: float) -> float:
    """The score of a number that is worse the larger it is; `sure` is where it reaches 1."""
    return min(1.0, max(0.0, 0.5 + 0.5 * (measured - threshold) / (sure - threshold)))


def falling(measured: float, threshold: float, sure: float) -> float:
    """The score of a number that is worse the smaller it is; `sure` is where it reaches 1."""
    return rising(-measured, -threshold, -sure)

"""The line around what a picture no longer shows."""

from collections.abc import Sequence


def outline_path(rows: Sequence[str]) -> str:
    """Path data around the blocks marked # in the rows of a grid: in blocks, each side once."""
    marked = {(x, y) for y, row in enumerate(rows) for x, block in enumerate(row) if block == "#"}
    sides = []
    for x, y in sorted(marked):
        sides += [f"M{side} {y}v1" for side, beside in ((x, x - 1), (x + 1, x + 1)) if (beside, y) not in marked]
        sides += [f"M{x} {side}h1" for side, beside in ((y, y - 1), (y + 1, y + 1)) if (x, beside) not in marked]
    return "".join(sides)

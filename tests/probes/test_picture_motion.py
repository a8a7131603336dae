"""What moves from one picture of a look to the next is not frozen; what does not move may be."""

import numpy as np
import pytest
from streams import drawn

from cammon_probes.model import Fault, Finding
from cammon_probes.picture.frozen import Frozen
from cammon_probes.picture.motion import change_within, moving

YARD = drawn(320, 192)
FOUND = (
    Finding(Fault.BLACK, 0.1, 90.0, "gray level", bad=False),
    Finding(Fault.FROZEN, 0.9, 0.0, "gray levels", bad=True),
)


def shifted(pixels: int) -> np.ndarray:
    return np.roll(YARD, pixels, axis=1)


def clock(picture: np.ndarray) -> np.ndarray:
    ticking = picture.copy()
    ticking[:16, :64] = 255 - ticking[:16, :64]
    return ticking


@pytest.mark.parametrize(
    ("later", "frozen"),
    [
        ([YARD], True),
        ([clock(YARD)], True),
        ([YARD, shifted(12)], False),
        ([shifted(12), YARD], False),
        ([], True),
        ([YARD[:96]], True),
    ],
    ids=["a copy", "only its clock runs", "moves late", "moves early", "one picture", "of another size"],
)
def test_frozen_is_taken_back_where_a_picture_moves(later, frozen):
    found = moving(FOUND, change_within(YARD, later), Frozen())
    assert [finding.bad for finding in found] == [False, frozen]
    assert found[0] is FOUND[0]


def test_the_change_is_that_of_the_picture_that_differs_most():
    near, far = (change_within(YARD, [shifted(by)]) for by in (1, 12))
    assert change_within(YARD, [YARD]) == 0.0
    assert change_within(YARD, []) is None
    assert change_within(YARD, [shifted(1), shifted(12)]) == max(near, far)

"""Every refusal has a sentence in both languages, made of the parameters that it brings."""

import re

import pytest
from clicked import TRUE_LENS, TRUE_POSE, exact_clicks, moved

from cammon.calibration.words import REFUSED, refusal
from cammon_coverage.calibration import Refusal, RefusalCode
from cammon_coverage.calibration_solve import calibrate

HAN = re.compile(r"[\u4e00-\u9fff]")
FEW = exact_clicks(count=4)


@pytest.mark.parametrize("code", list(RefusalCode), ids=str)
def test_both_languages(code):
    english, chinese = REFUSED[code]
    assert not HAN.search(english)
    assert HAN.search(chinese)


@pytest.mark.parametrize(
    "clicks",
    [FEW[:2], FEW[:1] * 5, [*FEW[:3], moved(FEW[3], x=80.0, y=-90.0)], [moved(FEW[0], u=9e9), *FEW[1:]]],
    ids=["few", "one place", "wrong one", "outside"],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_can_be_said(clicks, language):
    found = calibrate(clicks, TRUE_POSE, TRUE_LENS)
    assert isinstance(found, Refusal)
    assert "{" not in refusal(found, language)

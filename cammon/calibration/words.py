"""What calibration answers, in words of both languages."""

# ruff: noqa: E501 a sentence is easier to read, and to translate, on one line

from collections.abc import Mapping, Sequence

from cammon_coverage.calibration import Calibration, Click, Refusal, RefusalCode
from cammon_coverage.model import Camera

REFUSED: Mapping[RefusalCode, tuple[str, str]] = {
    RefusalCode.BAD_VALUE: ("cannot be calculated with: {what}", "无法计算：{what}"),
    RefusalCode.OUTSIDE_PICTURE: (
        "click {click} at {u:.0f}, {v:.0f} is not in the picture of {width_px}x{height_px}; give pixels of that picture",
        "第 {click} 个点 {u:.0f}, {v:.0f} 不在 {width_px}x{height_px} 的图像内；请给出该图像的像素",
    ),
    RefusalCode.TOO_FEW_CLICKS: (
        "{clicks} clicks are too few; give {fewest} or more, better 6, all over the picture",
        "只有 {clicks} 个点，太少；请给 {fewest} 个以上，最好 6 个，并分布在整个画面",
    ),
    RefusalCode.TOO_FEW_PLACES: (
        "the clicks show only {places} different places; give {fewest} or more that lie apart in the picture and on the map",
        "这些点只对应 {places} 个不同位置；请给 {fewest} 个以上在画面和地图上都分开的点",
    ),
    RefusalCode.TOO_FEW_GOOD_CLICKS: (
        "only {good} clicks agree, {fewest} are needed; doubtful: click {doubtful}. Look at those again, or click more places",
        "只有 {good} 个点相互吻合，至少需要 {fewest} 个；可疑的是第 {doubtful} 个点。请重新核对，或再多点几处",
    ),
    RefusalCode.CLICKS_DISAGREE: (
        "no pose fits the clicks (chi-square {chi_square:.0f} at {degrees_of_freedom} degrees of freedom); most doubtful: click {doubtful}. Look at the clicks, the camera's position and height, or state larger deviations",
        "没有与这些点吻合的位姿（卡方 {chi_square:.0f}，自由度 {degrees_of_freedom}）；最可疑的是第 {doubtful} 个点。请核对各点、摄像机位置和高度，或给出更大的偏差",
    ),
    RefusalCode.NOT_DETERMINED: (
        "the clicks do not determine {parameter} (deviation {deviation:.0f}); click places that lie farther apart, or correct the ledger first",
        "这些点不足以确定 {parameter}（标准差 {deviation:.0f}）；请点选相距更远的位置，或先更正台账",
    ),
}
NAMES: Mapping[str, tuple[str, str]] = {
    "azimuth_deg": ("azimuth", "方位角"),
    "tilt_deg": ("tilt", "俯角"),
    "roll_deg": ("roll", "横滚角"),
    "hfov_deg": ("angle of view", "水平视场角"),
}
"""The values that are told and written; the position only helps to find them."""


def refusal(found: Refusal, language: str) -> str:
    """Why there is no answer."""
    return REFUSED[found.code][language == "zh"].format_map(dict(found.params))


def value_of(camera: Camera, name: str) -> float:
    """One of NAMES."""
    return camera.lens.hfov_deg if name == "hfov_deg" else float(getattr(camera.pose, name))


def told(before: Camera, after: Camera, clicks: Sequence[Click], answer: Calibration, language: str) -> str:
    """The poses side by side with the interval, then every click with its residual."""
    chinese = language == "zh"
    head = ("", "台账", "标定", "95 % 区间") if chinese else ("", "ledger", "calibrated", "95 % interval")
    lines = [f"{before.id}", f"{head[0]:16}{head[1]:>10}{head[2]:>12}   {head[3]}"]
    for name, both in NAMES.items():
        low, high = answer.intervals[name]
        figures = f"{value_of(before, name):10.2f}{value_of(after, name):12.2f}   {low:.2f} .. {high:.2f}"
        lines.append(f"{both[chinese]:16}{figures}")
    if answer.prior_off:
        lines.append(
            "台账的朝向与这些点相矛盾，未采用"
            if chinese
            else "the ledger's aim contradicts the clicks and was not used"
        )
    lines.append("")
    lines += [_click_line(number, click, answer, chinese) for number, click in enumerate(clicks)]
    return "\n".join(lines)


def _click_line(number: int, click: Click, answer: Calibration, chinese: bool) -> str:
    result = answer.clicks[number]
    if result.residual_px is None:
        off = "在镜头后面" if chinese else "behind the lens"
    else:
        u, v = result.residual_px
        expected = "预期" if chinese else "expected"
        off = f"{u:+7.1f} {v:+7.1f} px ({expected} {result.expected_px:.0f})"
    doubt = ("  <- 可疑，请核对" if chinese else "  <- doubtful, look again") if result.doubtful else ""
    return f"  {number + 1:2}  {off}  {click.label}{doubt}"

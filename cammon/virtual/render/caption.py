"""The clock and the name that a camera writes into its own picture. ASCII only: the font has no more."""

from datetime import datetime

import cv2

from cammon_probes.model import Frame

FONT = cv2.FONT_HERSHEY_SIMPLEX
WHITE, BLACK = (240, 240, 240), (10, 10, 10)


def write_caption(picture: Frame, name: str, at: datetime) -> None:
    """Write the clock at the top left and the name at the bottom right, into the picture itself."""
    scale = picture.shape[0] / 360.0 * 0.42
    left, line = round(24 * scale), round(40 * scale)
    clock = at.strftime("%Y-%m-%d %a %H:%M:%S")
    _write(picture, clock, (left, line), scale)
    text = printable(name)
    (width_px, _), _ = cv2.getTextSize(text, FONT, scale, _thickness(scale))
    _write(picture, text, (picture.shape[1] - left - width_px, picture.shape[0] - round(20 * scale)), scale)


def printable(name: str) -> str:
    """The part of a name that the font can write."""
    return " ".join("".join(sign for sign in name if " " <= sign <= "~").split())


def _write(picture: Frame, text: str, place: tuple[int, int], scale: float) -> None:
    thickness, edge = _thickness(scale), max(1, round(1.2 * scale))
    for across, down in ((-edge, -edge), (edge, -edge), (-edge, edge), (edge, edge)):
        cv2.putText(picture, text, (place[0] + across, place[1] + down), FONT, scale, BLACK, thickness, cv2.LINE_AA)
    cv2.putText(picture, text, place, FONT, scale, WHITE, thickness, cv2.LINE_AA)


def _thickness(scale: float) -> int:
    return max(1, round(1.6 * scale))

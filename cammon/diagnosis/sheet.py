"""A judged picture beside the good one that it was compared with: what is hidden outlined, a turn shown by an arrow.

As SVG with the pictures inside, whose words are text in the reader's language and fonts; or as PNG, whose captions are
plain Latin letters, since no font for Chinese comes with cammon.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon_probes.model import Frame, PoseChange

PANEL_PX = 640
GAP_PX = 16
LINE_PX = 22
NARROW_PX, WIDE_PX = 9, 15
"""What a letter takes at most on average, and what a Chinese character takes."""
RED = (48, 48, 224)
INK, PAPER = (40, 40, 40), (246, 246, 246)
FONT = cv2.FONT_HERSHEY_SIMPLEX
USUAL_HFOV_DEG = 60.0
"""For an arrow where nobody knows the angle of view: its direction is right, its length a guess."""
JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture with its title."""

    frame: Frame
    title: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown. `hidden`: grid of picture blocks; `hfov_deg` turns degrees into pixels."""

    now: Panel
    reference: Panel | None
    lines: Sequence[str]
    hidden: NDArray[np.bool_] | None = None
    moved: PoseChange | None = None
    hfov_deg: float | None = None

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Now, and what it is compared with."""
        return (self.now,) if self.reference is None else (self.now, self.reference)

    @property
    def height_px(self) -> int:
        """Height of the panels, all of the same width."""
        height, width = self.now.frame.shape[:2]
        return max(1, round(int(height) * PANEL_PX / int(width)))

    @property
    def width_px(self) -> int:
        """Of the whole sheet."""
        return len(self.panels) * (PANEL_PX + GAP_PX) + GAP_PX

    @property
    def text(self) -> list[str]:
        """The lines, broken where they would leave the sheet."""
        return [part for line in self.lines for part in broken(_printable(line), self.width_px - 2 * GAP_PX)]


def broken(line: str, width_px: int) -> list[str]:
    """A line in as many as it takes; between words, or after any Chinese character."""
    parts, taken = [""], 0
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", line):
        wide = sum(WIDE_PX if letter > "\u2e7f" else NARROW_PX for letter in word)
        if taken and taken + wide > width_px:
            parts.append("")
            taken = 0
        parts[-1] += word
        taken += wide
    return [part.rstrip() for part in parts]


def outline(hidden: NDArray[np.bool_]) -> Iterator[tuple[float, float, float, float]]:
    """The sides (x0, y0, x1, y1, shares of the picture) between hidden blocks and the rest or the picture's edge."""
    rows, columns = hidden.shape
    padded = np.pad(hidden, 1)
    for row, column in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):
        yield column / columns, row / rows, column / columns, (row + 1) / rows
    for row, column in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        yield column / columns, row / rows, (column + 1) / columns, row / rows


def arrow(moved: PoseChange, hfov_deg: float | None, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """From where the middle of the good picture is now to the middle of this one (shares of width and height)."""
    height, width = shape
    degrees = hfov_deg or USUAL_HFOV_DEG
    across = moved.pan_deg / degrees
    along = moved.tilt_deg / degrees * width / height
    return float(np.clip(0.5 - across, 0.02, 0.98)), float(np.clip(0.5 - along, 0.02, 0.98)), 0.5, 0.5


def as_svg(sheet: Sheet) -> str:
    """The sheet as an SVG document that stands by itself."""
    width, lines = sheet.width_px, sheet.text
    top = GAP_PX + LINE_PX
    height = top + sheet.height_px + GAP_PX + LINE_PX * (len(lines) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<rect width="{width}" height="{height}" fill="#f6f6f6"/>',
        '<g font-family="sans-serif" font-size="15" fill="#282828">',
    ]
    for number, panel in enumerate(sheet.panels):
        left = GAP_PX + number * (PANEL_PX + GAP_PX)
        parts.append(f'<text x="{left}" y="{GAP_PX + 10}" font-weight="bold">{escape(_printable(panel.title))}</text>')
        parts.append(_image(panel.frame, left, top, sheet.height_px))
    for number, line in enumerate(lines):
        y = top + sheet.height_px + LINE_PX * (number + 1) + 6
        parts.append(f'<text x="{GAP_PX}" y="{y}">{escape(line)}</text>')
    parts += ["</g>", _marks(sheet, GAP_PX, top), "</svg>"]
    return "\n".join(parts) + "\n"


def _image(frame: Frame, left: int, top: int, height: int) -> str:
    _, data = cv2.imencode(".jpg", _fitted(frame, height), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    href = quoteattr("data:image/jpeg;base64," + b64encode(data.tobytes()).decode())
    return f'<image x="{left}" y="{top}" width="{PANEL_PX}" height="{height}" href={href}/>'


def _marks(sheet: Sheet, left: int, top: int) -> str:
    """Outline and arrow over the first panel, a light line under a red one so that both dark and bright show it."""
    tall = sheet.height_px
    path = "".join(
        f"M{left + a * PANEL_PX:.1f} {top + b * tall:.1f}L{left + c * PANEL_PX:.1f} {top + d * tall:.1f}"
        for a, b, c, d in _lines_of(sheet)
    )
    if not path:
        return ""
    return "".join(
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"/>'
        for colour, width in (("#ffffff", 5), ("#e03030", 2.5))
    )


def _lines_of(sheet: Sheet) -> list[tuple[float, float, float, float]]:
    lines = [] if sheet.hidden is None else list(outline(sheet.hidden))
    if sheet.moved is not None:
        lines += _arrow_lines(arrow(sheet.moved, sheet.hfov_deg, sheet.now.frame.shape[:2]))
    return lines


def _arrow_lines(shaft: tuple[float, float, float, float]) -> list[tuple[float, float, float, float]]:
    """The shaft and two barbs."""
    x0, y0, x1, y1 = shaft
    angle = np.arctan2(y1 - y0, x1 - x0)
    barbs = [(x1, y1, x1 - 0.035 * np.cos(angle + turn), y1 - 0.035 * np.sin(angle + turn)) for turn in (0.5, -0.5)]
    return [shaft, *((float(a), float(b), float(c), float(d)) for a, b, c, d in barbs)]


def as_png(sheet: Sheet) -> bytes:
    """The sheet as a PNG; its words have to be Latin, everything else becomes a question mark."""
    width, lines = sheet.width_px, sheet.text
    top = GAP_PX + LINE_PX
    height = top + sheet.height_px + GAP_PX + LINE_PX * (len(lines) + 1)
    paper = np.empty((height, width, 3), np.uint8)
    paper[:] = PAPER
    for number, panel in enumerate(sheet.panels):
        left = GAP_PX + number * (PANEL_PX + GAP_PX)
        _write(paper, panel.title, left, GAP_PX + 10)
        paper[top : top + sheet.height_px, left : left + PANEL_PX] = _fitted(panel.frame, sheet.height_px)
    for number, line in enumerate(lines):
        _write(paper, line, GAP_PX, top + sheet.height_px + LINE_PX * (number + 1) + 6)
    for colour, thick in (((255, 255, 255), 5), (RED, 2)):
        for a, b, c, d in _lines_of(sheet):
            ends = [(GAP_PX + round(x * PANEL_PX), top + round(y * sheet.height_px)) for x, y in ((a, b), (c, d))]
            cv2.line(paper, ends[0], ends[1], colour, thick, cv2.LINE_AA)
    _, data = cv2.imencode(".png", paper)
    return data.tobytes()


def _fitted(frame: Frame, height: int) -> Frame:
    return np.asarray(cv2.resize(frame, (PANEL_PX, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _write(paper: Frame, text: str, x: int, y: int) -> None:
    latin = text.replace("°", " deg").replace("–", "-").encode("ascii", "replace").decode()
    cv2.putText(paper, _printable(latin), (x, y), FONT, 0.5, INK, 1, cv2.LINE_AA)


def _printable(text: str) -> str:
    """Names come from ledgers and cameras: no control characters, which XML does not allow either."""
    return "".join(letter if letter.isprintable() else " " for letter in text)

"""Reading a file of clicks: a CSV with the columns u, v, x, y, z and, if wanted, label."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cammon.problem import UserError
from cammon.sitefiles import cells
from cammon.sitefiles.bytes import read_text
from cammon.sitefiles.cells import Reader, number
from cammon.sitefiles.csvfile import csv_rows
from cammon.sitefiles.faults import Faults
from cammon.sitefiles.frame import MapFrame
from cammon.sitefiles.limits import MEGABYTE
from cammon.sitefiles.rows import good_rows
from cammon.sitefiles.table import Schema, table_of
from cammon.sitefiles.words import sentence
from cammon_coverage.calibration import FEWEST_CLICKS, Click
from cammon_coverage.calibration_solve import in_picture
from cammon_coverage.model import Lens

MOST_BYTES = MEGABYTE
MOST_CLICKS = 100
FARTHEST_M = 5000.0
"""Nobody clicks on what is farther from the camera than this: such a row is in other coordinates."""
NUMBERS = ("u", "v", "x", "y", "z")
READERS: Mapping[str, Reader[Any]] = {
    "u": number("u"),
    "v": number("v"),
    "x": number("x"),
    "y": number("y"),
    "z": number("z", -1000.0, 1000.0),
    "label": cells.line,
}
ALIASES = {
    "u": ("px", "像素x", "图像x"),
    "v": ("py", "像素y", "图像y"),
    "x": ("东坐标", "经度", "easting", "longitude"),
    "y": ("北坐标", "纬度", "northing", "latitude"),
    "z": ("高度", "height_m"),
    "label": ("名称", "说明", "标注"),
}
SCHEMA = Schema(ALIASES, required=NUMBERS)


def read_pairs(
    path: Path, frame: MapFrame, lens: Lens, size: tuple[int, int], near: tuple[float, float]
) -> list[Click]:
    """The clicks of a file, in pixels of the ledger's resolution and local metres.

    `size`: of the picture that was clicked, which may be smaller than the ledger's resolution. `near`: the camera, in
    local metres. Raises UserError with a line for each fault.
    """
    faults = Faults()
    own = faults.of(path.name)
    text = read_text(_content(path), own)
    table = None if text is None else table_of(csv_rows(text, own, SCHEMA.names()), SCHEMA, own)
    rows = [] if table is None else list(good_rows(table, READERS, NUMBERS, own))
    if faults.problems and any(problem.code not in IGNORED for problem in faults.problems):
        raise UserError(*(sentence(one, "en") for one in faults.problems if one.code not in IGNORED))
    if not FEWEST_CLICKS <= len(rows) <= MOST_CLICKS:
        raise UserError(f"{path.name}: {len(rows)} clicks; give {FEWEST_CLICKS} to {MOST_CLICKS}, better 6 or more")
    places = frame.to_local(np.array([(values["x"], values["y"]) for _, values in rows]))
    clicks: list[Click] = []
    lines: list[str] = []
    for (row, values), (x, y) in zip(rows, places.tolist(), strict=True):
        u, v = values["u"] * lens.width_px / size[0], values["v"] * lens.height_px / size[1]
        clicks.append(Click(u, v, x, y, values["z"], values.get("label", "")))
        if not in_picture(lens, u, v):
            lines.append(
                f'{path.name} {row.where} u, v "{values["u"]:g}, {values["v"]:g}": not in the picture of '
                f"{size[0]}x{size[1]}; give pixels in it, or say with --size of which picture they are"
            )
        if not np.hypot(x - near[0], y - near[1]) <= FARTHEST_M:
            lines.append(
                f'{path.name} {row.where} x, y "{values["x"]:g}, {values["y"]:g}": more than {FARTHEST_M:g} m from the '
                f"camera; give the map's own coordinates ({frame.crs})"
            )
    if lines:
        raise UserError(*lines)
    return clicks


IGNORED = frozenset({"unknown_columns", "misspelt_column"})


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path}: larger than {MOST_BYTES // MEGABYTE} MB; give a CSV with one click a row")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give a CSV with the columns u,v,x,y,z") from error

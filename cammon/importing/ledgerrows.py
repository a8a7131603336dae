"""The rows of other ledgers as rows of cameras.csv: each cell read, what cannot be read left out and said."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from cammon.importing.bearings import bearing_of
from cammon.importing.headers import Header
from cammon.importing.ledgerbook import Sheet
from cammon.importing.model import Notes
from cammon.sitefiles.address import Address
from cammon.sitefiles.cells import NUMBER, check_cell, plain
from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.ledger_columns import READERS

LOGIN = re.compile(r"(?<=://)[^/@\s]*@")
LOST_DIGITS = re.compile(r"\d(\.\d+)?[eE]\+\d+")
DEGREES = re.compile(
    r"[NSEW东西南北经纬]*\s*(\d{1,3})[°度d]\s*(?:(\d{1,2}(?:\.\d+)?)['′’分])?\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)(?:[\"″”秒]|['′’]{2}))?\s*[NSEW]?"
)
"""Degrees, minutes and seconds. Normalising a cell turns the double prime into two single ones."""
FOOTERS = frozenset({"合计", "总计", "小计", "备注", "说明", "填表人", "填报人", "审核人", "制表人", "total"})
GONE = ("拆除", "报废", "停用", "拆机")
KIND_CODES = {"1": "球机", "2": "半球", "3": "固定枪机", "4": "遥控枪机", "5": "卡口枪机"}
CODEC_CODES = {"1": "mpeg4", "2": "h264", "4": "h265"}
SIZE_CODES = {"5": "720p", "6": "1080p"}
CODED = {"kind": KIND_CODES, "codec": CODEC_CODES, "resolution": SIZE_CODES}
"""Codes of GB/T 28181 and of the 一机一档 template."""
STREAM_PORTS = frozenset({554, 8554, 10554})
WEB_PORTS = frozenset({80, 8080, 8899})


@dataclass(slots=True)
class Line:
    """One camera on its way: its place in the source and its values, under the columns of cameras.csv."""

    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """How a problem names this row."""
        return f"row {self.row}"


def read_rows(sheet: Sheet, header: Header, notes: Notes) -> Iterator[Line]:
    """The rows below the header that have an id."""
    _say_header(header, notes)
    for number, cells in sheet.rows.items():
        if number <= header.row:
            continue
        line = Line(sheet.name, number)
        cells = {at: cell for at, cell in cells.items() if header.meanings.get(at) not in (None, "number")}
        if cells and _take(line, cells, header, notes):
            yield line


def _say_header(header: Header, notes: Notes) -> None:
    where = f"row {header.row}"
    for at, title in header.titles.items():
        meaning = header.meanings[at]
        if meaning == "secret":
            notes.dropped("secret_column", where, title)
        elif meaning == "user":
            notes.dropped("user_column", where, title)
    unknown = [title for at, title in header.titles.items() if header.meanings[at] == ""]
    if unknown:
        notes.dropped("unknown_columns", where, value=", ".join(unknown))


def _take(line: Line, cells: Mapping[int, str], header: Header, notes: Notes) -> bool:
    """Fill a line from its cells; False for a row that is no camera."""
    for at, text in cells.items():
        if any(word in text for word in GONE) and header.meanings[at] == "state":
            notes.dropped("removed_camera", line.where, header.titles[at], text)
            return False
    for at, text in cells.items():
        _cell(line, header.meanings[at], header.titles[at], text, header.factors.get(at, 1.0), notes)
    if line.values.get("id", "").rstrip(":：") in FOOTERS or "id" not in line.values:
        shown = ", ".join(list(cells.values())[:3])
        notes.dropped("row_without_id", line.where, value=shown)
        return False
    return True


def _cell(line: Line, meaning: str, title: str, text: str, factor: float, notes: Notes) -> None:
    if meaning == "notes:":
        _add_note(line, title, text)
    elif meaning == "pair":
        _pair(line, title, text, notes)
    elif meaning == "port_number":
        _port(line, title, text, notes)
    elif meaning in READERS:
        _column(line, meaning, title, text, factor, notes)


def _add_note(line: Line, title: str, text: str) -> None:
    said = f"{title}：{' '.join(text.split())}"
    line.values["notes"] = "；".join(part for part in (line.values.get("notes", ""), said) if part)


def _column(line: Line, column: str, title: str, text: str, factor: float, notes: Notes) -> None:
    """One cell by the reader of its column."""
    if column == "id" and LOST_DIGITS.fullmatch(text.strip()):
        notes.dropped("id_lost_digits", line.where, title, text)
        return
    if factor != 1.0 and NUMBER.fullmatch(plain(text)):
        text = f"{float(plain(text)) * factor:.10g}"
    try:
        check_cell(text)
        value = _read(line, column, title, text, notes)
    except Wrong as wrong:
        params = {"expects": column, **wrong.params}
        notes.dropped(wrong.code, line.where, title, "" if "password" in wrong.code else text, **params)
        return
    if column == "notes":
        _add_note(line, title, str(value))
    elif isinstance(value, Address):
        line.values["address"] = _host(value)
        if value.path and value.path != "/":
            line.values.setdefault("rtsp_path", value.path)
    else:
        line.values[column] = value


def _read(line: Line, column: str, title: str, text: str, notes: Notes) -> Any:
    bare = plain(text)
    if column == "azimuth_deg":
        coded = "方位角" not in title and "azimuth" not in title.lower()
        bearing = bearing_of(text, coded=coded)
        if bearing is not None:
            line.values["pose_grade"] = "declared"
            return bearing
    if column in ("x", "y") and (found := DEGREES.fullmatch(bare)):
        return float(found[1]) + float(found[2] or 0) / 60.0 + float(found[3] or 0) / 3600.0
    if column in CODED and bare.partition("-")[0] in CODED[column]:
        bare = CODED[column][bare.partition("-")[0]]
    if column in ("address", "rtsp_path", "sub_path") and LOGIN.search(bare):
        notes.dropped("login_in_address", line.where, title)
        bare = LOGIN.sub("", bare)
    return READERS[column](bare if column != "id" else text)


def _host(at: Address) -> str:
    host = f"[{at.host}]" if ":" in at.host else at.host
    return f"{host}:{at.port}" if at.port else host


def _pair(line: Line, title: str, text: str, notes: Notes) -> None:
    """Both coordinates in one cell; in degrees the larger one is the longitude here."""
    parts = [part for part in re.split(r"[,，;；\s]+", plain(text)) if part]
    if len(parts) != 2:
        notes.dropped("not_a_pair", line.where, title, text)
        return
    for column, part in zip(("x", "y"), parts, strict=True):
        _column(line, column, title, part, 1.0, notes)
    x, y = line.values.get("x"), line.values.get("y")
    if x is not None and y is not None and 0 < x < 60 < 70 < y < 140:
        line.values["x"], line.values["y"] = y, x


def _port(line: Line, title: str, text: str, notes: Notes) -> None:
    """端口 is a port of the stream, of the web page, of the maker's own protocol, or of a switch."""
    bare = plain(text)
    if not bare.isdigit():
        line.values["port"] = " ".join(text.split())
    elif int(bare) in STREAM_PORTS:
        line.values.setdefault("rtsp_port", int(bare))
    elif int(bare) in WEB_PORTS:
        line.values.setdefault("onvif_port", int(bare))
    else:
        notes.dropped("port_of_no_use", line.where, title, text)


def as_cell(value: object) -> str:
    """A value as cameras.csv writes it."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "x".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)

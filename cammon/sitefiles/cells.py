"""Reading one cell: text in, value out, or Wrong with a code. An empty cell is None everywhere."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from cammon.sitefiles.faults import Wrong
from cammon.sitefiles.limits import MAX_CELL_CHARACTERS

Value = TypeVar("Value")
Reader = Callable[[str], Value]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
UNITS = ("°", "度", "m", "米", "元", "¥", "年", "天", "fps", "帧")
SIZE = re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})")
NAMED_SIZES = {
    "720p": (1280, 720),
    "960p": (1280, 960),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "2160p": (3840, 2160),
    **dict.fromkeys(("2mp", "200万", "200万像素"), (1920, 1080)),
}
"""Only names that every maker uses for one size: 4K, 4MP and 5MP each mean several."""
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)(?:[ T]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?)?")
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
EARLIEST_YEAR, LATEST_YEAR = 1980, 2100
EXCEL_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
MAC = re.compile(r"[0-9a-f]{12}")
LOGIN_IN_PATH = re.compile(r"://[^/]*@|(password|passwd|pwd)=[^&]", re.IGNORECASE)
YES, NO = frozenset({"1", "true", "yes", "y", "是", "有"}), frozenset({"0", "false", "no", "n", "否", "无"})


def plain(text: str) -> str:
    """Full-width digits, signs and spaces as the plain ones, trimmed."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip() if not text.isascii() else text.strip()


def check_cell(text: str) -> None:
    """Raise Wrong for what no cell may hold."""
    if len(text) > MAX_CELL_CHARACTERS:
        raise Wrong("cell_too_long", characters=len(text), limit=MAX_CELL_CHARACTERS)
    if not text.isprintable() and any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n" for char in text
    ):
        raise Wrong("control_character")
    if text.startswith("=") and len(text) > 1:
        raise Wrong("formula")
    if text in EXCEL_ERRORS:
        raise Wrong("spreadsheet_error")


def number(expects: str, low: float = -math.inf, high: float = math.inf, *, open_ends: bool = False) -> Reader[float]:
    """A reader of numbers from `low` to `high` (both left out with `open_ends`); `expects` names the remedy."""

    def read(text: str) -> float:
        value = _number(plain(text), expects)
        inside = low < value < high if open_ends else low <= value <= high
        if not inside:
            raise Wrong("out_of_range", expects=expects)
        return value

    return read


def _number(text: str, expects: str) -> float:
    bare = text
    for unit in UNITS:
        bare = bare.removesuffix(unit).removeprefix("¥")
    bare = bare.strip()
    if THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    if not NUMBER.fullmatch(bare):
        raise Wrong(
            "not_finite" if bare.lower().lstrip("+-") in {"nan", "inf", "infinity"} else "not_a_number", expects=expects
        )
    value = float(bare)
    if not math.isfinite(value):
        raise Wrong("not_finite", expects=expects)
    return value


def whole(expects: str, low: int, high: int) -> Reader[int]:
    """A reader of whole numbers."""
    read_number = number(expects, low, high)

    def read(text: str) -> int:
        value = read_number(text)
        if not value.is_integer():
            raise Wrong("not_whole", expects=expects)
        return int(value)

    return read


def resolution(text: str) -> tuple[int, int]:
    """Width and height in pixels. Only names that say exactly one size are taken (1080P is one, 4K is not)."""
    bare = plain(text).lower()
    if bare in NAMED_SIZES:
        return NAMED_SIZES[bare]
    found = SIZE.fullmatch(bare)
    if not found:
        raise Wrong("bad_resolution", expects="resolution")
    width, height = int(found[1]), int(found[2])
    if not (16 <= width <= 32768 and 16 <= height <= 32768):
        raise Wrong("out_of_range", expects="resolution")
    return width, height


def day(text: str) -> date:
    """A date as people and spreadsheets write it; a month alone is its first day."""
    bare = plain(text).replace(" 00:00:00", "")
    found = COMPACT_DAY.fullmatch(bare) or DAY.fullmatch(bare)
    if not found:
        raise Wrong("bad_date", expects="date")
    try:
        value = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError as error:
        raise Wrong("no_such_day", expects="date") from error
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise Wrong("out_of_range", expects="date")
    return value


def choice(expects: str, words: Mapping[str, Value]) -> Reader[Value]:
    """A reader of one of a few words, whatever their case."""

    def read(text: str) -> Value:
        bare = plain(text).lower()
        if bare not in words:
            raise Wrong("not_one_of", expects=expects)
        return words[bare]

    return read


def yes(text: str) -> bool:
    """Yes or no, in the ways that ledgers write it."""
    bare = plain(text).lower()
    if bare not in YES | NO:
        raise Wrong("not_one_of", expects="yes_no")
    return bare in YES


def line(text: str) -> str:
    """Free text on one line."""
    return " ".join(text.split())


def identifier(text: str) -> str:
    """An id: short, one line, as it is written (an id is never normalised: it must match in every file)."""
    bare = text.strip()
    if len(bare) > 100 or any(char in bare for char in "\r\n\t"):
        raise Wrong("bad_id", expects="id")
    return bare


def mac(text: str) -> str:
    """A MAC address as aa:bb:cc:dd:ee:ff."""
    bare = re.sub(r"[-:. ]", "", plain(text)).lower()
    if not MAC.fullmatch(bare):
        raise Wrong("bad_mac", expects="mac")
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))


def path(text: str) -> str:
    """A stream's path, beginning with a slash."""
    bare = text.strip()
    if LOGIN_IN_PATH.search(bare):
        raise Wrong("password_in_address", expects="rtsp_path")
    if "://" in bare or any(char.isspace() for char in bare):
        raise Wrong("bad_path", expects="rtsp_path")
    return bare if bare.startswith("/") else "/" + bare


def as_text(value: object) -> str:
    """A spreadsheet's value as the text that a CSV file of it would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)

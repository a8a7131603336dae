"""The list as table, JSON, CSV and workbook; names that would be formulas or steer a terminal stay text."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from upgrade_worlds import world

from cammon.upgrades import OpenFault, export, upgrade_list
from cammon_coverage.model import Sight, SightState
from cammon_probes.model import Fault

SINCE = datetime(2026, 2, 28, 22, 0, tzinfo=UTC)


@pytest.fixture
def listed():
    site, coverage = world(["A", "B"], {"P": (1, 1, {"A": [0], "B": [1]})})
    sights = {"A": Sight(SightState.BLIND, "black"), "B": Sight(SightState.BLIND, "covered")}
    faults = {"A": (OpenFault(Fault.BLACK, SINCE),), "B": (OpenFault(Fault.COVERED, SINCE),)}
    return site, upgrade_list(site, coverage, sights, faults, date(2026, 3, 1))


def renamed(listed, name):
    site, report = listed
    return site, replace(report, rows=tuple(replace(row, name=name) for row in report.rows))


def test_json_keeps_codes_and_every_field(listed):
    site, report = listed
    shape = json.loads(export.as_json(report, site, "zh"))
    assert shape["covered_now"] == 0.0
    assert shape["currency"] == "CNY"
    assert [row["rank"] for row in shape["rows"]] == [1, 2]
    last = shape["rows"][-1]
    assert last["cumulative"] == 1.0
    assert {(gain["place"], gain["period"]) for gain in last["gains"]} == {("P", "day"), ("P", "night")}
    assert last["together_with"] == [shape["rows"][0]["subject"]]
    assert {row["evidence"][0]["params"]["fault"] for row in shape["rows"]} == {"black", "covered"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_csv_has_one_line_a_row_and_the_mark_of_utf8(listed, language):
    site, report = listed
    data = export.as_csv(report, site, language)
    assert data.startswith(b"\xef\xbb\xbf")
    heading, *rows = csv.reader(StringIO(data.decode("utf-8-sig")))
    assert len(rows) == 2
    assert all(len(row) == len(heading) for row in rows)
    assert sum("Place P" in cell for row in rows for cell in row) == 1
    assert {"zh": "黑屏", "en": "black"}[language] in data.decode()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")'])
def test_no_cell_becomes_a_formula(listed, name):
    site, report = renamed(listed, name)
    text = export.as_csv(report, site, "en").decode("utf-8-sig")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in csv.reader(StringIO(text)) for cell in row)
    sheet = load_workbook(BytesIO(export.as_xlsx(report, site, "en"))).worksheets[0]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert not any(str(cell.value).startswith(("=", "+", "-", "@", "\t")) for row in sheet.iter_rows() for cell in row)


def test_workbook_holds_what_the_csv_holds(listed):
    site, report = listed
    book = load_workbook(BytesIO(export.as_xlsx(report, site, "zh")))
    sheet = book.worksheets[0]
    rows = list(csv.reader(StringIO(export.as_csv(report, site, "zh").decode("utf-8-sig"))))
    assert [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True, max_row=1)] == rows[:1]
    assert sheet.max_row == len(rows)
    assert [cell.value for cell in sheet["A"]][1:] == [1, 2]
    assert len(book.worksheets) == 1


def test_control_characters_reach_neither_a_terminal_nor_a_workbook(listed):
    site, report = renamed(listed, "\x1b]0;owned\x07 gate\u202e")
    table = export.as_table(report, site, "en").decode()
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert load_workbook(BytesIO(export.as_xlsx(report, site, "en"))).worksheets[0].max_row == 3


def test_table_lines_up_chinese_and_latin(listed):
    site, report = listed
    rows = (replace(report.rows[0], name="主井口"), replace(report.rows[1], name="Gate"))
    text = export.as_table(replace(report, rows=rows), site, "en").decode().splitlines()
    lines = [line for line in text[1:] if not line.startswith(" ")]
    ends = [sum(2 if ord(letter) > 0x2E80 else 1 for letter in line.split("CNY")[0]) for line in lines]
    assert ends[0] == ends[1]


def test_every_format_writes_an_empty_list():
    site, coverage = world(["A"], {"P": (1, 1, {"A": [0]})})
    report = upgrade_list(site, coverage, {}, {}, date(2026, 3, 1))
    for write in export.FORMATS.values():
        assert write(report, site, "zh")

"""Ledgers as they come: titles, merged cells, units, codes, passwords, mixed coordinate systems."""

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from conftest_import import feature, run
from pyproj import Transformer
from shapely.geometry import box, mapping

from cammon.importing.bearings import bearing_of
from cammon.importing.headers import meaning_of
from cammon.sitefiles import read_site
from cammon.sitefiles.datums import bd09_of, converted, gcj02_of

HEADER = ["设备编码", "设备名称", "摄像机类型", "安装地址", "经度", "纬度", "IP地址", "端口", "用户名", "密码"]
HEADER += ["安装时间", "管理单位", "联系方式", "监控方位", "安装高度(厘米)", "随便"]
ID = "340200000013200000{:02d}"
MIDDLE = np.array([113.1, 40.05])
LOW, HIGH = MIDDLE - np.array([0.004, 0.003]), MIDDLE + np.array([0.004, 0.003])


def row(number: int, x: float | str = 113.1, y: float | str = 40.05, **changed):
    cells = [ID.format(number), f"相机{number}", "3", "东门", x, y, f"10.0.0.{number}", 554, "admin", "s3cret"]
    cells += ["2021-05-03 00:00:00", "机电科", "000-0000", "东南", 600, "?"]
    for title, value in changed.items():
        cells[HEADER.index(title)] = value
    return cells


def book(path: Path, rows, header=HEADER, title: str = "摄像机一机一档台账") -> Path:
    workbook = openpyxl.Workbook()
    cover = workbook.active
    cover.title = "封面"
    cover.append(["填报单位"])
    sheet = workbook.create_sheet("台账")
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet.append(header)
    for cells in rows:
        sheet.append(cells)
    workbook.save(path)
    return path


def ledger(folder: Path) -> list[dict[str, str]]:
    with (folder / "cameras.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def site(make_folder):
    """A site in degrees with a boundary of about 680 by 660 m."""
    limits = mapping(box(*LOW, *HIGH))
    return make_folder("EPSG:4490", [feature("boundary", limits)])


def test_a_ledger_of_the_ministrys_template(tmp_path, site):
    path = book(tmp_path / "台账.xlsx", [row(1), row(2, 113.1005), ["合计", "2 台"]])
    done = run("cameras", path, "--into", site, "--json")
    assert (done.errors, done.report["written"]) == ((), {"camera": 2})
    first = next(camera for camera in ledger(site) if camera["id"] == ID.format(1))
    expected = {
        "name": "相机1",
        "kind": "fixed",
        "x": "113.1",
        "y": "40.05",
        "address": "10.0.0.1",
        "rtsp_port": "554",
        "installed_on": "2021-05-03",
        "owner": "机电科",
        "phone": "000-0000",
        "azimuth_deg": "135",
        "pose_grade": "declared",
        "lens_height_m": "6",
        "notes": "安装地址：东门",
    }
    assert {column: first[column] for column in expected} == expected
    assert "s3cret" not in (site / "cameras.csv").read_text("utf-8") + done.out
    codes = [note["code"] for note in done.report["notes"]]
    assert {"secret_column", "user_column", "unknown_columns", "sheet_without_cameras", "pose_not_whole"} <= set(codes)
    assert read_site(site).site is not None


def test_assumed_poses_are_declared_and_whole(tmp_path, site):
    path = book(tmp_path / "a.xlsx", [row(1)])
    run("cameras", path, "--into", site, "--assume", "tilt_deg=15,hfov_deg=60,resolution=1080p")
    reading = read_site(site)
    assert reading.problems == ()
    camera = reading.site.camera(ID.format(1))
    assert (camera.pose_grade, camera.pose.azimuth_deg, camera.pose.tilt_deg) == ("declared", 135.0, 15.0)
    assert len(reading.site.scene.cameras) == 1


def test_headers_in_two_rows_and_merged_cells(tmp_path, site):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["编号", "名称", "坐标", None, "区域"])
    sheet.append([None, None, "经度", "纬度", None])
    for area in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
        sheet.merge_cells(area)
    sheet.append(["A", "甲", "113°06′00″", "40°03′00″", "一区"])
    sheet.append(["B", "乙", 113.1005, 40.05, None])
    sheet.merge_cells("E3:E4")
    workbook.save(tmp_path / "a.xlsx")
    done = run("cameras", tmp_path / "a.xlsx", "--into", site, "--json")
    assert done.report["written"] == {"camera": 2}
    rows = {camera["id"]: camera for camera in ledger(site)}
    assert (rows["A"]["x"], rows["A"]["y"], rows["A"]["zone"], rows["B"]["zone"]) == ("113.1", "40.05", "一区", "一区")


def test_merging_fills_gaps_keeps_what_is_there_and_replaces_on_request(tmp_path, site):
    (site / "cameras.csv").write_text(f"编号,名称,凭据,自用\n{ID.format(1)},旧名,gate,x\nZ9,别的,,y\n", "utf-8")
    path = book(tmp_path / "a.xlsx", [row(1), row(2)])
    done = run("cameras", path, "--into", site, "--json")
    assert (done.report["written"], done.report["replaced"]) == ({"camera": 1}, {"camera": 1})
    rows = {camera["id"]: camera for camera in ledger(site)}
    assert list(rows) == [ID.format(1), "Z9", ID.format(2)]
    one = rows[ID.format(1)]
    assert (one["name"], one["credential"], one["自用"], one["owner"]) == ("旧名", "gate", "x", "机电科")
    run("cameras", path, "--into", site, "--replace")
    one = {camera["id"]: camera for camera in ledger(site)}[ID.format(1)]
    assert (one["name"], one["credential"], one["自用"]) == ("相机1", "gate", "x")


def spread(count: int) -> np.ndarray:
    return MIDDLE + np.random.default_rng(5).uniform(-1, 1, (count, 2)) * (0.0012, 0.001)


def mixed(tmp_path) -> tuple[Path, np.ndarray]:
    true = spread(30)
    said = true.copy()
    said[:8], said[8:12] = gcj02_of(true[:8]), bd09_of(true[8:12])
    return book(tmp_path / "a.xlsx", [row(n + 1, *map(float, xy)) for n, xy in enumerate(said)]), true


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4546"])
def test_mixed_systems_are_asked_about_and_converted_on_request(tmp_path, make_folder, crs):
    to_site = Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    corners = [to_site.transform(*corner) for corner in (LOW, HIGH)]
    site = make_folder(crs, [feature("boundary", mapping(box(*corners[0], *corners[1])))])
    path, true = mixed(tmp_path)
    before = (site / "cameras.csv").read_bytes()
    asked = run("cameras", path, "--into", site, "--language", "en")
    assert (asked.status, len(asked.errors)) == (2, 2)
    assert "rows 3, 4, 5, 6, 7, 8, 9, 10 lie about" in asked.errors[0]
    assert "read as gcj02; say --datum auto" in asked.errors[0]
    assert "read as bd09; say --datum auto" in asked.errors[1]
    assert (site / "cameras.csv").read_bytes() == before
    done = run("cameras", path, "--into", site, "--datum", "auto", "--json")
    assert [note["code"] for note in done.report["notes"]].count("position_converted") == 2
    rows = {camera["id"]: camera for camera in ledger(site)}
    placed = np.array([[float(rows[ID.format(n + 1)][axis]) for axis in "xy"] for n in range(30)])
    back = converted(placed, crs, "wgs84")
    assert np.abs(back - true).max() * 111_320 < 0.05


def test_a_whole_ledger_in_gcj02(tmp_path, site):
    true = spread(12)
    path = book(tmp_path / "a.xlsx", [row(n + 1, *map(float, xy)) for n, xy in enumerate(gcj02_of(true))])
    assert run("cameras", path, "--into", site).status == 2
    assert run("cameras", path, "--into", site, "--datum", "GCJ-02").status == 0
    rows = {camera["id"]: camera for camera in ledger(site)}
    placed = np.array([[float(rows[ID.format(n + 1)][axis]) for axis in "xy"] for n in range(12)])
    assert np.abs(placed - true).max() * 111_320 < 0.05


def test_a_column_of_systems_decides_row_by_row(tmp_path, site):
    header = [*HEADER[:-1], "坐标系"]
    gcj = gcj02_of(MIDDLE[None])[0]
    zone = converted(MIDDLE[None], "wgs84", "EPSG:4525")[0]
    rows = [[*row(1)[:-1], "WGS84"], [*row(2, *map(float, gcj))[:-1], "火星坐标"]]
    rows += [[*row(3, *map(float, zone))[:-1], "EPSG:4525"]]
    done = run("cameras", book(tmp_path / "a.xlsx", rows, header), "--into", site, "--json")
    assert done.report["written"] == {"camera": 3}
    placed = np.array([[float(camera["x"]), float(camera["y"])] for camera in ledger(site) if camera["x"]])
    assert np.abs(placed - MIDDLE).max() * 111_320 < 0.05


MISTAKES = {
    "password-in-address": ({"IP地址": "rtsp://a:s3cret@10.0.0.9/main"}, "login_in_address"),
    "id-cut-by-the-spreadsheet": ({"设备编码": "3.40200000013E+19"}, "id_lost_digits"),
    "no-id": ({"设备编码": None}, "row_without_id"),
    "longitude-in-words": ({"经度": "东门"}, "not_a_number"),
    "half-a-position": ({"纬度": None}, "half_a_position"),
    "port-of-the-maker": ({"端口": 37777}, "port_of_no_use"),
    "impossible-day": ({"安装时间": "2021-02-30"}, "no_such_day"),
    "bearing-unknown": ({"监控方位": "大门那边"}, "not_a_number"),
    "the-same-id-again": ({"设备编码": ID.format(2)}, "duplicate_id"),
}


@pytest.mark.parametrize(("changed", "code"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_costs_its_cell_and_is_said(tmp_path, site, changed, code):
    path = book(tmp_path / "a.xlsx", [row(2), row(1, **changed)])
    done = run("cameras", path, "--into", site, "--json", "--language", "en")
    assert done.status == 0
    said = [note for note in done.report["notes"] if note["code"] == code]
    assert [note["outcome"] for note in said] == ["dropped"]
    assert said[0]["where"] == "row 4"
    assert "s3cret" not in done.out + (site / "cameras.csv").read_text("utf-8")


REFUSED = {
    "no-ids": (["甲", "乙"], (), "a.xlsx --id-column: no column of ids is found; name it by --id-column (headers: ?)"),
    "bad-datum": (HEADER, ("--datum", "mars"), 'a.xlsx --datum "mars": not a coordinate system; give wgs84, cgcs2000, '
                  "gcj02, bd09, an EPSG code, auto or asis"),
    "no-sheet": (HEADER, ("--sheet", "X"), 'a.xlsx --sheet "X": there is no such sheet; there are: 封面, 台账'),
    "assume": (HEADER, ("--assume", "x=3"), 'a.xlsx --assume "x=3": cannot be assumed; write COLUMN=VALUE with one of '
               "lens_height_m, tilt_deg, hfov_deg, resolution, night_range_m, credential, tier, rtsp_path"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "options", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_one_line(tmp_path, site, header, options, line):
    path = book(tmp_path / "a.xlsx", [row(1)], header)
    done = run("cameras", path, "--into", site, *options, "--language", "en")
    assert (done.status, done.errors) == (2, (line,))


def test_old_workbooks_local_sites_and_workbook_ledgers(tmp_path, site, make_folder):
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(512))
    assert "save it as .xlsx" in run("cameras", old, "--into", site, "--language", "en").errors[0]
    local = make_folder("local", name="local")
    done = run("cameras", book(tmp_path / "a.xlsx", [row(1)]), "--into", local, "--json")
    assert "positions_have_no_place" in [note["code"] for note in done.report["notes"]]
    assert read_site(local).site is not None
    (local / "cameras.csv").rename(local / "cameras.xlsx")
    assert "is not written to" in run("cameras", tmp_path / "a.xlsx", "--into", local, "--language", "en").errors[0]


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("东南", 135),
        ("正北", 0),
        ("朝西", 270),
        ("由东向西", 270),
        ("5", 135),
        ("5-东南", 135),
        ("SW", 225),
        ("大门", None),
    ],
)
def test_bearings(text, degrees):
    assert bearing_of(text, coded=True) == degrees


@pytest.mark.parametrize(
    ("title", "meaning"),
    [("*设备编码", "id"), ("经度（°）", "x"), ("安装高度/m", "lens_height_m"), ("登录密码", "secret"),
     ("序号", "number"),
     ("设备厂商", "notes:"), ("国标编码", "id"), ("心情", "")],
)  # fmt: skip
def test_headers(title, meaning):
    assert meaning_of(title) == meaning

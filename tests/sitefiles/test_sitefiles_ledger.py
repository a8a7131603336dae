"""Real ledgers: Chinese headers, any encoding, spreadsheets, hundreds of rows of which some are bad."""

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from cammon.sitefiles import Severity, read_site, report
from cammon.sitefiles.model import CameraKind

NAME_ONLY = 'name = "新矿"\n'


def as_csv(rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def as_xlsx(rows, title: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    if title:
        book.active.append([title])
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def first_day(make_site, ledger: bytes | str):
    """A site of a ledger alone: no map, no poses, no other file."""
    return read_site(make_site(site=NAME_ONLY, cameras=ledger, map=None, declared=None, presets=None, catalog=None))


BROKEN = (
    ("ip", "10.0.0.999"),
    ("ip", "rtsp://admin:s3cret@10.1.1.1/"),
    ("安装日期", "2021年2月30日"),
    ("安装日期", "去年"),
    ("分辨率", "4K"),
    ("mac地址", "00-11-22"),
    ("编号", "C0001"),
    ("编号", ""),
    ("名称", "a\0b"),
    ("类型", "洗衣机"),
)


def ledger_row(n: int) -> dict[str, str]:
    return {
        "序号": str(n),
        "编号": f"C{n:04}",
        "名称": f"{n}号点位",
        "类型": "枪机",
        "ip": f"10.{n // 250}.0.{n % 250 + 1}",
        "mac地址": f"00:00:5e:00:{n // 256:02x}:{n % 256:02x}",
        "分辨率": "1080P",
        "安装日期": f"20{10 + n % 14}/{n % 12 + 1}/{n % 28 + 1}",
        "维护单位": "视频班",
        "联系电话": "000-0000-1",
    }


def ledger_of_800(broken: int) -> list[list[str]]:
    rows = [ledger_row(n) for n in range(1, 801)]
    for index in range(broken):
        column, value = BROKEN[index % len(BROKEN)]
        rows[13 * (index + 1) - 1][column] = value
    return [list(rows[0]), *(list(row.values()) for row in rows)]


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "xlsx"])
def test_first_day_800_rows_of_which_60_are_broken(form: str, make_site):
    rows = ledger_of_800(60)
    if form == "xlsx":
        rows = [[cell.replace("\0", "\t\x7f") for cell in row] for row in rows]
        folder = make_site(site=NAME_ONLY, cameras=None, map=None, declared=None, presets=None, catalog=None)
        (folder / "cameras.xlsx").write_bytes(as_xlsx(rows, "某矿视频监控一机一档"))
        reading = read_site(folder)
    else:
        reading = first_day(make_site, as_csv(rows).encode(form))
    assert len(reading.site.cameras) == 740
    assert len({problem.where for problem in reading.faults}) == len(reading.faults) == 60
    assert not any(problem.severity is Severity.FATAL for problem in reading.problems)
    for language in ("en", "zh"):
        lines = list(report(reading.problems, language))
        assert len(lines) == 61  # and the column 序号, which means nothing to cammon
        assert not [line for line in lines if "s3cret" in line]
        assert all(("; " in line) or ("；" in line) for line in lines), "every line ends in a remedy"
    assert reading.site.scene.cameras == ()
    assert reading.site.camera("C0002").installed_on == date(2012, 3, 3)


def test_rows_are_numbered_as_the_spreadsheet_shows_them(make_site):
    text = 'id,name,address\r\nA,"two\r\nlines",10.0.0.1\r\n\r\n,,\r\nB,b,nowhere!\r\n'
    reading = first_day(make_site, text)
    assert [problem.where for problem in reading.problems] == ["row 5"]
    assert [(camera.id, camera.name) for camera in reading.site.cameras] == [("A", "two lines")]


def test_a_quote_that_is_never_closed_costs_one_row(make_site):
    rows = "".join(f"C{n},camera {n},10.0.0.{n}\n" for n in range(1, 100))
    reading = first_day(make_site, "id,name,address\n" + rows.replace("camera 50", '"camera 50'))
    assert len(reading.site.cameras) == 98
    assert [(problem.where, problem.code) for problem in reading.problems] == [("row 51", "broken_quotes")]


def test_a_file_of_quotes_is_given_up(make_site):
    reading = first_day(make_site, "id,name\n" + 'C,"x" y\n' * 1000)
    assert reading.site is None
    assert len(reading.faults) == 21
    assert reading.faults[-1].code == "too_many_broken_quotes"


@pytest.mark.parametrize("separator", [",", ";", "\t", "，"], ids=["comma", "semicolon", "tab", "full-width"])
def test_separators(separator: str, make_site):
    text = "编号,名称,ip\nA,主井,10.0.0.1\n".replace(",", separator)
    assert first_day(make_site, text).site.camera("A").host == "10.0.0.1"


CHINESE_LEDGER = {
    "编号": "C1",
    "设备名称": "主井口",
    "设备型号": "NS-1",
    "类型": "枪机",
    "东坐标（m）": "１０",
    "北坐标（m）": "1,020.5",
    "安装高度(m)": "6米",
    "方位角 (°)": "45°",
    "俯角": "10",
    "水平视场角": "60度",
    "分辨率": "1920×1080",
    "夜视距离": "30",
    "交换机": "SW1",
    "端口": "3",
    "录像机": "NVR1",
    "供电": "P1",
    "ip地址": "10.0.0.1:8554",
    "主码流": "main",
    "子码流": "/sub",
    "onvif端口": "8080",
    "编码格式": "H.265",
    "帧率": "25",
    "序列号": "S1",
    "MAC地址": "00-1A-2B-3C-4D-5E",
    "位姿等级": "标定",
    "安装日期": "2021.5.3",
    "使用年限": "8年",
    "备注": "x",
}


def test_chinese_headers_with_title_and_units(make_site):
    rows = [["XX煤矿一机一档（2024年）"], list(CHINESE_LEDGER), list(CHINESE_LEDGER.values())]
    site = first_day(make_site, as_csv(rows)).site
    camera, pose = site.cameras[0], site.scene.cameras[0].pose
    assert (pose.x, pose.y, pose.height_m, pose.azimuth_deg, pose.tilt_deg) == (10.0, 1020.5, 6.0, 45.0, 10.0)
    assert (site.scene.cameras[0].lens.hfov_deg, site.scene.cameras[0].lens.width_px) == (60.0, 1920)
    assert (camera.host, camera.rtsp_port, camera.rtsp_path, camera.sub_path) == ("10.0.0.1", 8554, "/main", "/sub")
    assert (camera.expected.codec, camera.expected.rate_fps, camera.mac) == ("h265", 25.0, "00:1a:2b:3c:4d:5e")
    assert (camera.kind, camera.pose_grade, camera.installed_on) == (CameraKind.FIXED, "calibrated", date(2021, 5, 3))
    assert (camera.service_life_years, camera.port, camera.switch, camera.power) == (8.0, "3", "SW1", "P1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1920x1080", (1920, 1080)),
        ("1920×1080", (1920, 1080)),
        ("1920 * 1080", (1920, 1080)),
        ("１９２０×１０８０", (1920, 1080)),
        ("1080P", (1920, 1080)),
        ("720p", (1280, 720)),
        ("200万", (1920, 1080)),
        ("1080x1920", (1080, 1920)),
    ],
)
def test_sizes(text: str, expected: tuple[int, int], make_site):
    camera = first_day(make_site, f"id,resolution\nA,{text}\n").site.cameras[0]
    assert (camera.expected.width_px, camera.expected.height_px) == expected


@pytest.mark.parametrize(
    "text",
    ["2021-05-03", "2021/5/3", "2021年5月3日", "2021.05.03", "20210503", "２０２１-５-３", "2021-05-03 08:30:00"],
)
def test_dates(text: str, make_site):
    assert first_day(make_site, f"id,installed_on\nA,{text}\n").site.cameras[0].installed_on == date(2021, 5, 3)


@pytest.mark.parametrize(
    ("text", "host", "port", "path"),
    [
        ("10.0.0.1", "10.0.0.1", 554, "/"),
        ("Cam-7.mine.example", "cam-7.mine.example", 554, "/"),
        ("10.0.0.1:8554", "10.0.0.1", 8554, "/"),
        ("fd00::17", "fd00::17", 554, "/"),
        ("[fd00::17]:8554", "fd00::17", 8554, "/"),
        ("rtsp://10.0.0.1:8554/ch1/main?x=1", "10.0.0.1", 8554, "/ch1/main?x=1"),
        ("rtsps://10.0.0.1/ch1", "10.0.0.1", 322, "/ch1"),
        ("RTSPS://[fd00::1]:8322/ch1", "fd00::1", 8322, "/ch1"),
    ],
)
def test_addresses(text: str, host: str, port: int, path: str, make_site):
    camera = first_day(make_site, f"id,address\nA,{text}\n").site.cameras[0]
    assert (camera.host, camera.rtsp_port, camera.rtsp_path) == (host, port, path)


@pytest.mark.parametrize(
    "text",
    ["http://10.0.0.1/", "10.0.0.1:", "a b", "10.0.0", "-x.example", "[fd00::1", "rtsp://:1/", "file:///etc/passwd"],
)
def test_addresses_that_are_none(text: str, make_site):
    assert [problem.code for problem in first_day(make_site, f"id,address\nA,{text}\n").problems] == ["bad_address"]


@pytest.mark.parametrize("path", ["rtsp://u:s3cret@10.0.0.1/a", "/user=a&password=s3cret&ch=1"])
def test_login_in_a_path_is_refused_and_not_shown(path: str, make_site):
    reading = first_day(make_site, f"id,rtsp_path\nA,{path}\n")
    assert [problem.code for problem in reading.problems] == ["password_in_address"]
    assert "s3cret" not in repr(reading)


EXCEL_DAY = datetime(2021, 5, 3)  # noqa: DTZ001 a spreadsheet knows no time zone


def test_spreadsheet_with_dates_formulas_errors_and_blank_rows(make_site):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "name", "x", "installed_on", "onvif_port"])
    sheet.append(["A", "a", 1, EXCEL_DAY, 8080.0])
    sheet.append(["B", "b", "=C2+1", None, None])
    sheet.append(["C", "c", "#REF!", None, None])
    sheet.append([17, True, None, date(2022, 1, 2), None])
    for row in range(7, 400):
        sheet.cell(row, 1).number_format = "0.00"
    content = io.BytesIO()
    book.save(content)
    folder = make_site(site=NAME_ONLY, cameras=None, map=None, declared=None, presets=None, catalog=None)
    (folder / "cameras.xlsx").write_bytes(content.getvalue())
    reading = read_site(folder)
    assert [(p.where, p.column, p.code) for p in reading.problems] == [
        ("row 3", "x", "formula"),
        ("row 4", "x", "spreadsheet_error"),
    ]
    assert [(c.id, c.installed_on, c.onvif_port) for c in reading.site.cameras] == [
        ("A", date(2021, 5, 3), 8080),
        ("17", date(2022, 1, 2), None),
    ]


def zip_of(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_declaration(book: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "b">]>' + data
            new.writestr(member, data)
    return out.getvalue()


GOOD_BOOK = as_xlsx([["id"], ["A"]])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,name\nA,a\n", "not_a_workbook"),
        (b"PK\x03\x04 and nothing else", "not_a_workbook"),
        (zip_of(**{"xl/workbook.xml": b"<a"}), "not_a_workbook"),
        (GOOD_BOOK[: len(GOOD_BOOK) // 2], "not_a_workbook"),
        (with_declaration(GOOD_BOOK), "not_a_workbook"),
        (zip_of(**{f"xl/worksheets/sheet{n}.xml": bytes(100 * 1024 * 1024) for n in range(5)}), "workbook_too_large"),
    ],
    ids=["text", "stump", "broken-xml", "truncated", "entities", "zip-bomb"],
)
def test_workbooks_that_are_none(content: bytes, code: str, make_site):
    folder = make_site(cameras=None)
    (folder / "cameras.xlsx").write_bytes(content)
    reading = read_site(folder)
    assert reading.site is None
    assert code in [problem.code for problem in reading.problems]


def test_pose_needs_all_of_its_cells_and_size_may_come_from_the_catalog(make_site):
    header = "id,model,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution\n"
    rows = "A,M1,1,2,6,360,10,60,\nB,none,1,2,6,0,10,60,\nC,M1,1,2,,,,,1920x1080\n"
    reading = read_site(make_site(site=NAME_ONLY, cameras=header + rows, map=None, declared=None, presets=None))
    assert [(p.where, p.column, p.code) for p in reading.problems] == [("row 3", "resolution", "pose_incomplete")]
    assert [camera.id for camera in reading.site.cameras] == ["A", "B", "C"]
    assert [camera.pose is not None for camera in reading.site.cameras] == [True, False, False]
    (a,) = reading.site.scene.cameras
    assert (a.lens.width_px, a.lens.height_px, a.pose.azimuth_deg) == (1920, 1080, 0.0)
    # What coverage counts is what the stream has to be.
    assert [camera.expected.width_px for camera in reading.site.cameras] == [1920, None, 1920]


def row_of_10_000(n: int) -> str:
    address = f"10.{n // 65536}.{n // 256 % 256}.{n % 256 or 1}"
    return f"C{n},相机 {n},{n % 1000},{n // 10},6,{n % 360},10,90,2688x1520,{address},SW{n // 24},2019-01-15\n"


def test_ten_thousand_rows(make_site):
    header = "id,name,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,address,switch,installed_on\n"
    text = header + "".join(row_of_10_000(n) for n in range(10_000))
    site = read_site(make_site(site=NAME_ONLY, cameras=text, map=None, declared=None, presets=None)).site
    assert len(site.scene.cameras) == 10_000


def test_too_many_rows(make_site):
    reading = first_day(make_site, "id\n" + "".join(f"{n}\n" for n in range(60_000)))
    assert [(problem.code, problem.where) for problem in reading.faults] == [("too_many_rows", "row 50002")]

"""What was found on the network held against the ledger."""

import csv
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cammon.discovering import COLUMNS, Discovered, as_csv, compare
from cammon.sitefiles import read_site
from cammon.sitefiles.cells import check_cell
from cammon.sitefiles.ledger_columns import READERS
from cammon.sitefiles.model import LedgerCamera
from cammon_probes.model import DeviceFacts

MAC, OTHER_MAC = "02:00:00:00:00:01", "02-00-00-00-00-02"
NO_NAMES: dict[str, str] = {}


def camera(name, host=None, **about):
    return LedgerCamera(name, name, about.pop("device", name), 1, host=host, **about)


def found(host, port=80, *, mac=None, serial=None, **about):
    return Discovered(host, port, facts=DeviceFacts(mac=mac, serial=serial), **about)


def sorted_out(devices, cameras, facts=None, names=NO_NAMES):
    compared = compare(devices, cameras, facts or {}, names)
    moved = [(one.camera, one.by, one.ledger_host, one.found_host) for one in compared.moved]
    return [row["address"] for row in compared.new], moved, compared.known


@pytest.mark.parametrize(
    ("devices", "cameras", "expected"),
    [
        ([found("10.0.0.9")], [], (["10.0.0.9"], [], 0)),
        ([found("10.0.0.9")], [camera("A", "10.0.0.9")], ([], [], 1)),
        ([found("fd00::9")], [camera("A", "fd00:0::09")], ([], [], 1)),
        ([found("10.0.0.9", 81)], [camera("A", "10.0.0.9", onvif_port=80)], (["10.0.0.9"], [], 0)),
        ([found("10.0.0.9", mac=MAC)], [camera("A", "10.0.0.5", mac=MAC)],
         ([], [("A", "mac", "10.0.0.5", "10.0.0.9")], 0)),
        ([found("10.0.0.9", serial="sn 1")], [camera("A", "10.0.0.5", serial="SN 1")],
         ([], [("A", "serial", "10.0.0.5", "10.0.0.9")], 0)),
        ([found("10.0.0.9", serial="S", mac=OTHER_MAC)], [camera("A", "10.0.0.5", serial="S", mac=MAC)],
         (["10.0.0.9"], [], 0)),
        ([found("10.0.0.8", serial="123456"), found("10.0.0.9", serial="123456")],
         [camera("A", "10.0.0.5", serial="123456")], (["10.0.0.8", "10.0.0.9"], [], 0)),
        ([found("10.0.0.9", serial="123456")],
         [camera("A", "10.0.0.5", serial="123456"), camera("B", "10.0.0.6", serial="123456")], (["10.0.0.9"], [], 0)),
        ([found("10.0.0.5", serial="S"), found("10.0.0.9", serial="S")], [camera("A", "10.0.0.5", serial="S")],
         (["10.0.0.9"], [], 1)),
        ([found("10.0.0.5", serial="T"), found("10.0.0.9", serial="S")], [camera("A", "10.0.0.5", serial="S")],
         ([], [("A", "serial", "10.0.0.5", "10.0.0.9")], 1)),
        ([found("10.0.0.5"), found("10.0.0.9", serial="S")], [camera("A", "10.0.0.5", serial="S")],
         ([], [], 2)),
        ([found("10.0.0.5", mac=OTHER_MAC), found("10.0.0.9", mac=MAC)], [camera("A", "10.0.0.5", mac=MAC)],
         ([], [("A", "mac", "10.0.0.5", "10.0.0.9")], 1)),
        ([found("10.0.0.9", mac=MAC)], [camera("A", mac=MAC)], ([], [("A", "mac", "", "10.0.0.9")], 0)),
        ([found("10.0.0.9", mac=MAC)],
         [camera("N1", "10.0.0.9", device="N", mac=MAC), camera("N2", "10.0.0.9", device="N", mac=MAC)], ([], [], 1)),
    ],
    ids=[
        "new", "known", "known by another spelling", "another port of the address", "moved by MAC", "moved by serial",
        "one serial, two MACs", "a serial that two devices have", "a serial that two cameras have",
        "the same serial here and there", "another device at the old address",
        "somebody at the old address who does not say", "swapped", "no address in the ledger",
        "a recorder",
    ],
)  # fmt: skip
def test_new_moved_known(devices, cameras, expected):
    assert sorted_out(devices, cameras) == expected


def test_what_the_store_saw_counts_like_the_ledger():
    facts = {"A": DeviceFacts(mac=MAC.upper(), serial="S")}
    assert sorted_out([found("10.0.0.9", mac=MAC)], [camera("A", "10.0.0.5")], facts)[1] == [
        ("A", "mac", "10.0.0.5", "10.0.0.9")
    ]


def test_hosts_that_the_ledger_names():
    cameras = [camera("A", "shaft-cam.mine", mac=MAC)]
    assert sorted_out([found("10.0.0.9", mac=MAC)], cameras, names={"shaft-cam.mine": "10.0.0.9"}) == ([], [], 1)


HOSTILE = [
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "<script>alert(1)</script>", "\x1b[31mred\x1b[0m",
    "a\r\nCAM99,evil,rtsp://x", 'quote"d, comma', "\u202egnp", "名称", "x" * 5000, "#REF!", "", " ",
]  # fmt: skip


def row_of(text):
    facts = DeviceFacts(
        manufacturer=text, model=text, firmware=text, serial=text, mac=text,
        stream_uri_used=f"rtsp://10.0.0.9:8554/{text}", stream_uri=text,
    )  # fmt: skip
    return compare([Discovered("10.0.0.9", 8000, "https", "/onvif/x", 554, text, text, facts)], [], {}, {}).new


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_harmless_and_the_ledger_takes_the_row(text, tmp_path):
    check_cells(row_of(text))
    (tmp_path / "site.toml").write_text('name = "Found"\n', "utf-8")
    (tmp_path / "cameras.csv").write_text(as_csv(row_of(text)), "utf-8")
    reading = read_site(tmp_path)
    assert not reading.problems, reading.problems
    (taken,) = reading.site.cameras
    assert (taken.host, taken.rtsp_port, taken.onvif_port) == ("10.0.0.9", 8554, 8000)
    assert (taken.onvif_scheme, taken.onvif_path) == ("https", "/onvif/x")


@settings(deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_words_make_a_row_that_the_ledger_takes(text):
    check_cells(row_of(text))


def check_cells(rows):
    assert len(list(csv.reader(StringIO(as_csv(rows))))) == 2, "one heading, one row"
    for column, cell in rows[0].items():
        assert cell.isprintable()
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "＝"))
        assert len(cell) <= 301
        check_cell(cell)
        if cell:
            READERS[column](cell)


def test_a_row_whole():
    facts = DeviceFacts(
        "Drawn", "D-1", "1.0.3", "SN77", "02:00:00:00:00:01", stream_uri_used="rtsp://10.0.0.9/live?x=1"
    )
    (row,) = compare(
        [Discovered("10.0.0.9", 80, "http", "/onvif/device_service", name="Gate", facts=facts)], [], {}, {}
    ).new
    assert tuple(row) == COLUMNS
    assert {column: cell for column, cell in row.items() if cell} == {
        "id": "NEW-10-0-0-9", "name": "Gate", "model": "D-1", "address": "10.0.0.9", "rtsp_path": "/live?x=1",
        "onvif_port": "80", "serial": "SN77", "mac": "02:00:00:00:00:01", "notes": "Drawn 1.0.3",
    }  # fmt: skip


def test_ids_are_free_ones():
    rows = compare([found("10.0.0.9", 80), found("10.0.0.9", 81)], [camera("NEW-10-0-0-9")], {}, {}).new
    assert [row["id"] for row in rows] == ["NEW-10-0-0-9-2", "NEW-10-0-0-9-3"]


def test_a_login_in_a_stream_address_stays_out():
    facts = DeviceFacts(stream_uri_used="rtsp://10.0.0.9/user=admin&password=tlJwpbo6&channel=1")
    (row,) = compare([Discovered("10.0.0.9", 80, facts=facts)], [], {}, {}).new
    assert row["rtsp_path"] == ""

"""`cammon learn`: good pictures from a folder become what a camera is held against, times and all."""

from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files

import cv2
import numpy as np
import pytest
from batches import jpeg, scene
from click.testing import CliRunner

from cammon.cli import cammon
from cammon.diagnosis.goodfolder import GoodPicture, read_good_folder, spread, time_in
from cammon.problem import UserError
from cammon.sitefiles.reader import read_site
from cammon.store import pictures, references
from cammon.store.opening import open_store
from cammon.virtual.past import HOURS_OF, hours_before, write_past
from cammon_coverage.model import Period
from cammon_probes.model import Fault
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.reference import Reference, reference_from, seasoned
from cammon_probes.picture.registry import judge

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("2026-05-01T12-30", "2026-05-01T12:30:00"),
        ("2026-05-01 12.30.15", "2026-05-01T12:30:15"),
        ("CAM01_20260501123015", "2026-05-01T12:30:15"),
        ("192.168.1.64_01_20260501123015123_TIMING", "2026-05-01T12:30:15"),
        ("ch2_20260501_1230", "2026-05-01T12:30:00"),
        ("2026-13-01T12-30", None),
        ("2026-05-01", None),
        ("1020260501123015", None),
        ("主井口", None),
        ("2026-05-01T25-30", None),
    ],
)
def test_the_time_in_a_name(name, at):
    found = time_in(name)
    assert (None if found is None else found.isoformat()) == at


def test_of_many_pictures_those_are_taken_that_are_spread_over_the_day(tmp_path):
    many = [GoodPicture(tmp_path, NOON + timedelta(minutes=minute)) for minute in range(0, 60 * 24 * 3, 20)]
    some = spread(many, 24)
    assert sorted(one.at.hour for one in some) == list(range(24))
    assert [one.at for one in some] == sorted(one.at for one in some)
    assert spread(many[:5], 24) == tuple(many[:5])


def test_what_a_folder_holds_beside_pictures_is_said(tmp_path):
    for name in ("CAM01/2026-05-01T12-30.jpg", "CAM01/front.jpg", "CAM01/notes.txt", "CAM99/2026-05-01T12-30.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = read_good_folder(tmp_path, {"CAM01"}, UTC)
    assert [one.path.name for one in found.pictures["CAM01"]] == ["2026-05-01T12-30.jpg"]
    assert [("CAM99" in line, "front.jpg" in line) for line in found.asides] == [(True, False), (False, True)]
    with pytest.raises(UserError, match="a folder for each camera"):
        read_good_folder(tmp_path / "CAM99", {"CAM01"}, UTC)
    with pytest.raises(UserError, match="cannot be read"):
        read_good_folder(tmp_path / "nowhere", {"CAM01"}, UTC)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.toml").write_text('name = "Mine"\nid = "mine"\ntime_zone = "Asia/Shanghai"\n', "utf-8")
    (folder / "cameras.csv").write_text("id,address\nCAM01,127.0.0.1\nCAM02,127.0.0.2\n", "utf-8")
    with open_store(folder / "cammon.sqlite") as store, store.engine.begin() as connection:
        references.save(connection, "mine", "CAM01", reference_from([scene(seed=9)]), NOON)
        pictures.replace_newest(connection, "mine", "CAM01", NOON, jpeg(scene()))
    return folder


def looks(noise):
    """The same view at another time."""
    grain = np.random.default_rng(noise).normal(0, 1.5, (360, 640, 3))
    return np.clip(scene() + grain, 0, 255).astype(np.uint8)


def given(folder, camera, shown):
    """A folder of good pictures: (time, picture)."""
    (folder / camera).mkdir(parents=True, exist_ok=True)
    for at, picture in shown:
        (folder / camera / f"{at}.jpg").write_bytes(jpeg(picture))
    return folder


def learn(site, folder):
    return CliRunner().invoke(cammon, ["learn", str(site), str(folder), "--language", "en"])


def test_good_pictures_take_the_place_of_what_was_known(site, tmp_path):
    good = [(f"2026-04-30T{hour:02}-10", looks(hour)) for hour in (8, 10, 12, 14)]
    done = learn(site, given(tmp_path / "good", "CAM01", good))
    assert done.exit_code == 0, done.output
    assert done.stdout == "CAM01: 4 good pictures, 4 in colour and 0 by infrared\n"
    with open_store(site / "cammon.sqlite", writer=False) as store, store.reading() as connection:
        known = references.one(connection, "mine", "CAM01")
        assert [round(one.hour, 2) for one in known.sketches] == [8.17, 10.17, 12.17, 14.17]
        assert seasoned(known.sketches)
        assert sum(one.anchor for one in known.sketches) == 3
        assert references.accepted_by(connection, "mine", "CAM01")[1].endswith("(command line)")
        shown = pictures.good(connection, "mine", "CAM01")["day"]
        assert shown.at == datetime(2026, 4, 30, 6, 10, tzinfo=UTC)
    half = looks(20)
    half[:, :250] = 90
    assert judge(half, known).verdict is Fault.PARTIAL
    assert judge(looks(21), known).verdict is None


def test_what_is_no_good_picture_is_left_out_with_its_reason(site, tmp_path):
    good = [
        ("2026-04-30T08-10", looks(1)),
        ("2026-04-30T09-10", np.full((360, 640, 3), 2, np.uint8)),
        ("2026-04-30T10-10", cv2.GaussianBlur(looks(2), (0, 0), 5)),
        ("2026-04-30T11-10", cv2.resize(looks(3), (1280, 720))),
        ("2026-04-30T12-10", scene(seed=77)),
    ]
    folder = given(tmp_path / "good", "CAM01", good)
    (folder / "CAM01" / "2026-04-30T13-10.jpg").write_bytes(jpeg(looks(4))[:9000])
    done = learn(site, folder)
    assert done.exit_code == 0
    reasons = ("black", "blur", "it is 1280 x 720, and the camera is looked at in 640 x 360", "moved", "breaks off")
    for name, reason in zip(("09", "10", "11", "12", "13"), reasons, strict=True):
        line = next(line for line in done.stderr.splitlines() if f"T{name}-10" in line)
        assert reason in line.lower(), line
    assert "CAM01: 1 good pictures, 1 in colour and 0 by infrared" in done.stdout
    assert "once there are good pictures of 4 different hours" in done.stdout


def test_where_nothing_is_left_what_was_known_stays(site, tmp_path):
    folder = given(tmp_path / "good", "CAM01", [("2026-04-30T08-10", np.zeros((360, 640, 3), np.uint8))])
    done = learn(site, folder)
    assert done.exit_code == 1
    assert "what was known of it stays" in done.stdout
    with open_store(site / "cammon.sqlite", writer=False) as store, store.reading() as connection:
        assert len(references.one(connection, "mine", "CAM01").sketches) == 1
        assert references.accepted(connection, "mine") == {}


def test_the_past_of_a_virtual_camera_is_history_enough_for_hidden_parts(tmp_path):
    with as_file(files("cammon_config") / "demo-mine") as folder:
        demo = read_site(folder).site
    others = [one.id for one in demo.cameras if one.id != "CAM13"]
    hours = hours_before(demo, NOON)
    assert {period: len(some) for period, some in hours.items()} == HOURS_OF
    assert write_past(demo, tmp_path, NOON, others) == sum(HOURS_OF.values())
    good = read_good_folder(tmp_path, {"CAM13"}, demo.time_zone).pictures["CAM13"]
    assert [one.at.hour for one in good] == [at.hour for at in sorted((*hours[Period.DAY], *hours[Period.NIGHT]))]
    known = Reference()
    for one in good:
        known = known.with_good(prepare(cv2.imread(str(one.path))), one.at.hour)
    for infrared in (False, True):
        assert seasoned(tuple(one for one in known.sketches if one.infrared is infrared))

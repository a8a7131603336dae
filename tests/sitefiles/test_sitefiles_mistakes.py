"""Every mistake that people make in site files is named with file, place, column, value and remedy, all in one run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from mistakes import CASES, FATAL, WARNING, Case, c1, section, setting
from small_site import FILES, MAP

from cammon.sitefiles import read_site, report, sentence
from cammon.sitefiles.limits import MAX_BYTES


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_mistake_is_named_with_its_remedy(case: Case, make_site):
    reading = read_site(make_site(**{case.file.split(".")[0]: case.content}))
    found = [problem for problem in reading.problems if problem.code == case.code]
    assert [(p.file, p.where, p.column, p.value, p.severity) for p in found] == [
        (case.file, case.where, case.column, case.value, case.severity)
    ]
    assert case.remedy in sentence(found[0], "en")
    assert (reading.site is None) == any(problem.severity is FATAL for problem in reading.problems)
    assert bool(reading.faults) == (case.severity is not WARNING)
    assert "s3cret" not in "".join([*report(reading.problems, "en"), *report(reading.problems, "zh"), repr(reading)])
    assert all("\n" not in line and line.isprintable() for line in report(reading.problems, "zh"))


def test_mistakes_are_told_apart():
    assert len({case.id for case in CASES}) == len(CASES) >= 40


def test_small_site_has_no_mistake(make_site):
    reading = read_site(make_site())
    assert reading.problems == ()
    assert [camera.id for camera in reading.site.scene.cameras] == ["C1", "C2", "C3"]


def test_all_faults_of_all_files_in_one_run(make_site):
    cameras = c1("azimuth_deg", "north").replace("C2,煤场 Yard,M1,90,10,6,315", "C1,煤场 Yard,M1,90,10,6,400")
    place = MAP.replace('"recognise"', '"x"').replace('"level": 25', '"level": "y"').replace('"lit_area"', '"lamp"')
    reading = read_site(
        make_site(site=setting('crs = "moon"'), cameras=cameras, map=place, declared="place,camera\nK1,CX\n")
    )
    said = {(problem.file, problem.where, problem.code) for problem in reading.problems}
    assert said == {
        ("site.toml", "crs", "unknown_crs"),
        ("cameras.csv", "row 2", "not_a_number"),
        ("cameras.csv", "row 3", "out_of_range"),
        ("map.geojson", "feature 3 (K1)", "unknown_level"),
        ("map.geojson", "feature 4 (K2)", "unknown_level"),
        ("map.geojson", "feature 5 (L1)", "unknown_kind"),
        ("declared.csv", "row 2", "unknown_camera"),
    }
    assert reading.site is None


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("name", [*sorted(FILES), "masks.csv", "masks.xlsx"])
def test_200_megabytes_are_refused_unread(name: str, make_site, monkeypatch):
    folder = make_site()
    sparse(folder / name, 200 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", refuse_large(Path.read_bytes))
    reading = read_site(folder)
    assert reading.site is None
    (line,) = report([problem for problem in reading.problems if problem.code == "file_too_large"], "en")
    limit = MAX_BYTES[name] // 1024 // 1024
    assert line.startswith(f"{name}: 200 MB are too many (at most {limit} MB)")


def refuse_large(read: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    def reading(path: Path) -> bytes:
        assert path.stat().st_size < 1_000_000, "a file beyond its cap must not be read"
        return read(path)

    return reading


@pytest.mark.parametrize(
    ("name", "code"), [("site.toml", "file_missing"), ("cameras.csv", "ledger_missing")], ids=["settings", "ledger"]
)
def test_missing_file(name: str, code: str, make_site):
    folder = make_site()
    (folder / name).unlink()
    assert [(p.file, p.code) for p in read_site(folder).faults if p.code == code] == [(name, code)]


def test_missing_folder(tmp_path: Path):
    reading = read_site(tmp_path / "nowhere")
    assert [problem.code for problem in reading.problems] == ["no_site_folder"]
    assert reading.site is None


def test_folder_in_place_of_a_file(make_site):
    folder = make_site()
    (folder / "map.geojson").unlink()
    (folder / "map.geojson").mkdir()
    assert [problem.code for problem in read_site(folder).faults] == ["not_a_file"]


def test_pipe_in_place_of_a_file_does_not_block(make_site):
    folder = make_site()
    (folder / "declared.csv").unlink()
    os.mkfifo(folder / "declared.csv")
    assert [problem.code for problem in read_site(folder).faults] == ["not_a_file"]


def test_dangling_link(make_site):
    folder = make_site()
    (folder / "catalog.csv").unlink()
    (folder / "catalog.csv").symlink_to(folder / "elsewhere.csv")
    assert "file_missing" in [problem.code for problem in read_site(folder).faults]


def test_plan_that_is_no_picture(make_site):
    folder = make_site(site=section("[plan]\nbounds = [0, 0, 100, 100]"))
    assert [problem.code for problem in read_site(folder).faults] == ["plan_missing"]
    (folder / "plan.png").write_bytes(b"GIF89a")
    assert [problem.code for problem in read_site(folder).faults] == ["not_a_png"]
    (folder / "plan.png").write_bytes(b"\x89PNG\r\n\x1a\n....")
    site = read_site(folder).site
    assert (site.plan, site.plan_bounds) == (folder / "plan.png", (0.0, 0.0, 100.0, 100.0))

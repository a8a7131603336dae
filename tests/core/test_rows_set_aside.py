"""A row that is set aside is named, and everything else goes on: no page, table or list asks for what it described."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cammon.agreement import opinions_of
from cammon.clock import SystemClock
from cammon.coveragereport import as_object, table
from cammon.desk.desk import SiteDesk
from cammon.modelling import model_of
from cammon.service.present import answers_now, upgrades_for
from cammon.service.service import Service
from cammon.sitefiles import read_site
from cammon.store.opening import Store
from cammon_coverage.model import Period


def without_declared_camera(folder: Path) -> None:
    """CAM03 is declared, and calls its resolution 4K."""
    spoil(folder / "cameras.csv", lambda text: text.replace(*_resolution(text, "CAM03")))


def without_any_camera_of_a_place(folder: Path) -> None:
    spoil(folder / "cameras.csv", lambda text: text.replace(*_resolution(text, "CAM01")))


def without_declared_place(folder: Path) -> None:
    """The outline of K01 is none."""
    path = folder / "map.geojson"
    about = json.loads(path.read_text("utf-8"))
    (place,) = [one for one in about["features"] if one["properties"].get("id") == "K01"]
    place["geometry"]["coordinates"] = []
    path.write_text(json.dumps(about), "utf-8")


def without_presets_of_a_camera(folder: Path) -> None:
    (folder / "presets.csv").write_text(
        "camera,preset,azimuth_deg,tilt_deg,hfov_deg,home\nCAM03,gate,10,10,40,yes\nCAM03,yard,90,10,40,\n"
    )
    without_declared_camera(folder)


def spoil(path: Path, how: Callable[[str], str]) -> None:
    path.write_text(how(path.read_text("utf-8-sig")), "utf-8")


def _resolution(text: str, camera: str) -> tuple[str, str]:
    """The row of a camera, and the same with a size that is none."""
    row = next(line for line in text.splitlines() if line.startswith(camera + ","))
    size = next(cell for cell in row.split(",") if "x" in cell and cell.replace("x", "").isdecimal())
    return row, row.replace(size, "4K")


SPOILED = [
    without_declared_camera,
    without_any_camera_of_a_place,
    without_declared_place,
    without_presets_of_a_camera,
]


@pytest.mark.parametrize("how", SPOILED)
def test_everything_else_goes_on(how: Callable[[Path], None], repository: Path, store: Store, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(repository / "config" / "demo-mine", tmp_path / "site"))
    how(folder)
    reading = read_site(folder)
    assert len(reading.faults) == 1, "one fault, said once"
    site = reading.site
    assert site is not None
    cameras = {camera.id for camera in site.cameras}
    places = {place.id for place in site.scene.key_places}
    assert (len(cameras), len(places)) in ((23, 24), (24, 23))
    assert site.declared.keys() <= places
    assert {camera for those in site.declared.values() for camera in those} | site.presets.keys() <= cameras

    service = Service(site, store, SystemClock())
    service._recorder._answer([], force=True)
    desk = SiteDesk(service, store)
    assert len(desk.status().dark) == len(desk.places()) == len(places)
    assert all(desk.camera(camera) is not None for camera in cameras)
    assert desk.metrics()
    for language, where, expected in (("en", r"(row|feature) \d", "; "), ("zh", r"第 \d+ (行|个要素)", "；")):
        told = [one for one in desk.problems(language) if one.severity == "row"]
        assert [bool(re.match(where, one.where)) for one in told] == [True]
        assert expected in told[0].sentence
        assert told[0].file not in told[0].sentence
    model = model_of(site)
    answers = answers_now(site, model, {}, SystemClock().now())
    assert len(as_object(site, model, answers, Period.DAY)["key_places"]) == len(places)
    assert all(table(site, model, answers, Period.DAY, language) for language in ("en", "zh"))
    assert opinions_of(site, model).by_period
    assert upgrades_for(site, model, answers).rows

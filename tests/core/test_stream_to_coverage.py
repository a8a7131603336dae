"""What a stream and its picture say, through to the coverage that follows: real streams, one camera, one key place."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from cammon.clock import SystemClock
from cammon.coveragereport import as_object
from cammon.health import Health, step
from cammon.loginguard import LoginGuard
from cammon.modelling import model_of
from cammon.service.looks import Looker
from cammon.service.present import answers_now
from cammon.service.references import References
from cammon.sitefiles import read_site
from cammon.sitefiles.model import Site
from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec
from cammon_coverage.model import Period
from cammon_probes.model import Fault, Finding, ProbeKind

FAR_M = 30.0
LEDGER = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,address,rtsp_path,sub_path"
PLACE = {
    "type": "Feature",
    "properties": {"kind": "key_place", "id": "GATE", "name": "Gate", "level": 25},
    "geometry": {"type": "Point", "coordinates": [0.0, FAR_M]},
}


@dataclass(frozen=True)
class Softened:
    """A check that finds a given loss of resolution in whatever it is shown."""

    loss: float
    fault: ClassVar[Fault] = Fault.BLUR

    def __call__(self, *_: object) -> Finding:
        return Finding(self.fault, 1.0, 1.0, "", self.loss > 1.0, resolution_loss=self.loss)


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    """A camera with a main stream 1280 wide and a sub stream 640 wide."""
    with running_fleet([CameraSpec("CAM01", onvif_port=None, login=None)]) as running:
        yield running


@pytest.fixture
def site_with(fleet: RunningFleet, tmp_path: Path) -> Callable[[str], Site]:
    def made(resolution: str) -> Site:
        end = fleet.endpoint("CAM01")
        row = f"C1,0,0,4,0,10,60,{resolution},{end.host}:{end.rtsp_port},{end.rtsp_path},{end.sub_path}"
        (tmp_path / "site.toml").write_text('name = "x"\n[day]\nrule = "always"\n')
        (tmp_path / "cameras.csv").write_text(f"{LEDGER}\n{row}\n")
        (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [PLACE]}))
        reading = read_site(tmp_path)
        assert reading.site is not None, reading.problems
        return reading.site

    return made


def reported(site: Site, loss: float) -> dict[str, Any]:
    """What `cammon coverage --json` says of the place after two looks of each kind, by turns."""
    check = Softened(loss)
    looker = Looker(site, SystemClock(), LoginGuard(b"k"), References([]), lambda _camera: None, (check,))
    camera, health, now = site.camera("C1"), Health(), datetime.now(UTC)
    for number in range(2):
        for kind in (ProbeKind.LIVENESS, ProbeKind.PICTURE):
            due_at = now + timedelta(seconds=number)
            health, _ = step(health, looker.look(camera, kind, due_at).reading, site.probing(camera))
    model = model_of(site)
    answers = answers_now(site, model, {"C1": health}, datetime.now(UTC))
    (place,) = as_object(site, model, answers, Period.DAY)["key_places"]
    return {basis: place[basis]["day"] for basis in ("design", "effective")}


def density(answer: dict[str, Any]) -> float:
    (camera,) = answer["cameras"]
    found: float = camera["density_px_per_m"]
    return found


def test_a_main_stream_narrower_than_the_ledger_says_lowers_the_density(site_with: Callable[[str], Site]) -> None:
    told = reported(site_with("1536x864"), 1.0)
    assert (told["design"]["covered"], told["effective"]["covered"]) == (True, True)
    assert density(told["effective"]) == pytest.approx(density(told["design"]) * 1280 / 1536)
    told = reported(site_with("3840x2160"), 1.0)
    assert density(told["effective"]) == pytest.approx(density(told["design"]) * 1280 / 3840)


def test_a_place_that_needs_the_missing_pixels_is_dark_and_says_so(
    site_with: Callable[[str], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLACE["properties"], "level", 50)  # type: ignore[arg-type]
    told = reported(site_with("1920x1080"), 1.0)
    assert (told["design"]["covered"], told["effective"]["covered"]) == (True, False)
    assert told["effective"]["reasons"] == [
        {"code": "camera_faulty", "params": {"camera": "C1", "fault": "wrong_format"}}
    ]


def test_a_blur_of_the_sub_stream_counts_in_pixels_of_the_main_stream(site_with: Callable[[str], Site]) -> None:
    told = reported(site_with("1280x720"), 1.1)
    loss = np.sqrt(1 + 4 * (1.1**2 - 1))
    assert density(told["effective"]) == pytest.approx(density(told["design"]) / loss)
    lost = reported(site_with("1280x720"), 1.3)["effective"]
    assert lost["covered"] is False, "28 of 25 px/m would be left by the loss of the sub stream, 19 are"
    assert lost["reasons"][0]["params"] == {"camera": "C1", "fault": "blur"}

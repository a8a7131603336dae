"""A PTZ camera rests at its home preset; what its other presets show is reachable, never covered."""

from pathlib import Path

import pytest

from cammon.sitefiles import read_site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Period

LEDGER = "id,x,y,lens_height_m,azimuth_deg,tilt_deg,hfov_deg,resolution,kind\nP,0,0,4,0,10,60,1920x1080,ptz\n"
PLACES = {"NORTH": (0, 20), "EAST": (20, 0)}
FEATURE = (
    '{{"type":"Feature","properties":{{"kind":"key_place","id":"{0}","name":"{0}","level":25}},'
    '"geometry":{{"type":"Point","coordinates":[{1},{2}]}}}}'
)


def site_with(folder: Path, presets: str) -> Path:
    (folder / "site.toml").write_text('name = "PTZ"\n', "utf-8")
    (folder / "cameras.csv").write_text(LEDGER, "utf-8")
    features = ",".join(FEATURE.format(name, x, y) for name, (x, y) in PLACES.items())
    (folder / "map.geojson").write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', "utf-8")
    (folder / "presets.csv").write_text("camera,preset,azimuth_deg,tilt_deg,hfov_deg,home\n" + presets, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("presets", "covered", "reachable"),
    [
        ("P,east,90,10,60,\n", "NORTH", "EAST"),
        ("P,east,90,10,60,yes\nP,north,0,10,60,\n", "EAST", "NORTH"),
    ],
    ids=["home is the ledger's pose", "home is a preset"],
)
def test_only_home_covers(tmp_path: Path, presets: str, covered: str, reachable: str) -> None:
    reading = read_site(site_with(tmp_path, presets))
    assert reading.site is not None
    assert not reading.problems
    model = CoverageModel(reading.site.scene)
    answers = {one.place: one.covered for one in model.design(Period.DAY).places}
    assert answers == {covered: True, reachable: False}
    assert {one.place: [by.camera for by in one.by] for one in model.reachable(Period.DAY) if one.by} == {
        reachable: ["P"]
    }

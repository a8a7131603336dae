"""The sieve before the coverage, the lenses of a catalog, and that every code is documented and has words."""

import re
from dataclasses import replace
from datetime import date
from math import hypot

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from cammon.sitefiles.model import CatalogModel
from cammon.upgrades.lenses import aim_at, could_reach, offers, share_in_picture
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import (
    Camera,
    DensityModel,
    KeyPlace,
    Lens,
    LitArea,
    Period,
    Pose,
    Projection,
    Scene,
)
from cammon_web.words import code_sentence

TODAY = date(2026, 3, 1)
EYE = Pose(0, 0, 5, 0, 10)


@st.composite
def cases(draw):
    fisheye = draw(st.booleans())
    lens = Lens(
        draw(st.floats(100, 180) if fisheye else st.floats(15, 110)),
        draw(st.sampled_from([1280, 1920, 3840])),
        draw(st.sampled_from([720, 1080, 2160])),
        None,
        Projection.FISHEYE if fisheye else Projection.RECTILINEAR,
        draw(st.sampled_from([None, 10, 40])),
    )
    pose = replace(EYE, azimuth_deg=draw(st.floats(-50, 50)), tilt_deg=draw(st.floats(-5, 40)))
    x, y = draw(st.floats(-8, 8)), draw(st.floats(4, 40))
    place = KeyPlace("P", "P", box(x - 1, y - 1, x + 1, y + 1), draw(st.sampled_from([25.0, 62.5, 125.0])))
    lit = (LitArea("L", box(-50, 10, 50, 30)),) if draw(st.booleans()) else ()
    return pose, lens, place, lit, draw(st.sampled_from(DensityModel))


@given(cases(), st.sampled_from(Period))
@settings(max_examples=150, deadline=None)
def test_sieve_lets_every_lens_through_that_covers(case, period):
    pose, lens, place, lit, model = case
    scene = Scene((Camera("A", pose, lens, "A"),), (place,), lit_areas=lit, density_model=model)
    covered = CoverageModel(scene).verdicts(None, period)["P"]
    share = share_in_picture(pose, lens, aim_at(scene, place, period, place.geometry), model)
    nearest_m = hypot(*np.abs(np.array(place.geometry.centroid.coords[0])))
    if covered:
        assert share > 0
        assert could_reach(lens, model, nearest_m - 1.5, place.level_px_per_m)
    if share == 0:
        assert not covered


def test_share_of_points_by_hand():
    """Looking north from 5 m, 60 degrees wide: (0, 10) is in the picture, (0, -10) behind, (20, 10) beside it."""
    place = KeyPlace("P", "P", Point(0, 0), 25.0)
    aim = aim_at(Scene((), (place,)), place, Period.DAY, box(0, 0, 1, 1))
    aim = replace(
        aim, points=np.array([[0, 10], [0, -10], [20, 10], [1, 11]], dtype=float), needs_light=np.zeros(4, bool)
    )
    lens = Lens(60, 1920, 1920)
    assert share_in_picture(EYE, lens, aim, DensityModel.IEC_FLAT) == 0.5
    dark = replace(aim, needs_light=np.array([True, False, False, False]))
    assert share_in_picture(EYE, lens, dark, DensityModel.IEC_FLAT) == 0.25


@pytest.mark.parametrize(
    ("entry", "views"),
    [
        pytest.param(CatalogModel("m", "", 1920, 1080, 90, 90), [90], id="fixed lens"),
        pytest.param(CatalogModel("m", "", 1920, 1080, 40, 80), [60, 80, 70, 50, 40], id="zoom, the wanted view first"),
        pytest.param(CatalogModel("m", "", 1920, 1080, None, 90), [90], id="one end known"),
        pytest.param(CatalogModel("m", "", 1920, 1080), None, id="no lens known"),
        pytest.param(CatalogModel("m", "", None, None, 40, 80), None, id="no sensor known"),
        pytest.param(CatalogModel("m", "", 1920, 1080, 40, 80, end_of_life=TODAY), None, id="discontinued"),
    ],
)
def test_offers(entry, views):
    found = offers({"m": entry}, TODAY)
    if views is None:
        assert not found
        return
    (offer,) = found
    assert sorted(set(offer.views(60.0))) == sorted(views)
    assert offer.views(60.0)[0] == views[0]


def test_a_lens_as_wide_as_a_fisheye_is_one():
    (offer,) = offers({"m": CatalogModel("m", "", 2880, 2880, 180, 180)}, TODAY)
    assert offer.lens(90.0).projection is Projection.FISHEYE


def codes(repository):
    text = "".join(path.read_text("utf-8") for path in sorted((repository / "cammon" / "upgrades").glob("*.py")))
    found = set(re.findall(r'Evidence\(\s*"(\w+)"', text)) | set(
        re.findall(r'"(level_missed|too_dark|model_\w+)"', text)
    )
    assert len(found) > 8
    return sorted(found)


def test_every_evidence_is_documented(repository):
    page = (repository / "docs" / "upgrades.md").read_text("utf-8")
    assert not [code for code in codes(repository) if f"| `{code}` |" not in page]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_evidence_has_words(repository, language):
    wordless = [code for code in codes(repository) if code_sentence(code, PARAMS, language).startswith(code)]
    assert not wordless


PARAMS = {
    "fault": "black", "since": "2026-02-28T22:00:00+00:00", "kind": "switch", "id": "SW", "cameras": 3.0, "place": "P",
    "period": "day", "camera": "A", "density_px_per_m": 50.0, "level_px_per_m": 125.0, "night_range_m": 5.0,
    "model": "M", "hfov_deg": 60.0, "width_px": 1920.0, "installed_on": "2010-01-01", "age_years": 9.0,
    "life_years": 8.0, "date": "2026-01-01", "azimuth_deg": 1.0, "tilt_deg": 2.0, "height_m": 5.0,
}  # fmt: skip

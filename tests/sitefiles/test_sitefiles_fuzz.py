"""Whatever stands in the files, reading them gives a site or problems in words, never an exception."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_site import CAMERAS, FILES, MAP, SITE

from cammon.sitefiles import read_site, report

LIMITED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADER = CAMERAS.split("\n", 1)[0]
COLUMNS = HEADER.split(",")
CELL = st.one_of(
    st.text(max_size=20),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(
        ["", "=1", "#REF!", "nan", "1e400", "１２", '"', "4K", "0x0", "2021-13-01", "[::1", "a@b", "\0", "︎"]
    ),
)
NUMBER = st.one_of(st.integers(), st.floats(), st.integers(-200, 200))
SCALAR = st.one_of(st.none(), st.booleans(), NUMBER, st.text(max_size=10))
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def check(folder: Path, name: str, content: bytes) -> None:
    """Reads the small site with one file replaced; whatever is wrong can be said in both languages."""
    for other, text in FILES.items():
        (folder / other).write_bytes(text.encode())
    (folder / name).write_bytes(content)
    reading = read_site(folder)
    lines = [*report(reading.problems, "en"), *report(reading.problems, "zh")]
    assert len(lines) == 2 * len(reading.problems)
    assert all(line.isprintable() for line in lines)
    assert reading.site is not None or reading.faults


@LIMITED
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=len(COLUMNS)), max_size=5))
def test_cells(folder: Path, rows):
    text = "\n".join([HEADER, *(",".join(row) for row in rows)])
    check(folder, "cameras.csv", text.encode("utf-8", "surrogatepass"))


@LIMITED
@given(name=st.sampled_from(sorted(FILES)), content=st.binary(max_size=200))
def test_bytes(folder: Path, name: str, content: bytes):
    check(folder, name, content)


@LIMITED
@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 3000), junk=st.binary(min_size=1, max_size=4))
def test_bytes_put_into_a_good_file(folder: Path, name: str, at: int, junk: bytes):
    good = FILES[name].encode()
    at %= len(good)
    check(folder, name, good[:at] + junk + good[at + len(junk) :])


@LIMITED
@given(whole=ANYTHING)
def test_json(folder: Path, whole):
    check(folder, "map.geojson", json.dumps(whole).encode())


@LIMITED
@given(
    kind=st.sampled_from(["key_place", "obstacle", "lit_area", "mounting_place", "boundary"]),
    properties=st.dictionaries(
        st.sampled_from(["id", "level", "top_m", "base_m", "height_m", "z0_m", "priority", "hollow", "owner"]), ANYTHING
    ),
    shape=st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint"]),
    coordinates=st.one_of(
        ANYTHING,
        st.lists(NUMBER, min_size=2, max_size=3),
        st.lists(st.lists(NUMBER, min_size=2, max_size=2), max_size=6),
        st.lists(st.lists(st.lists(NUMBER, min_size=2, max_size=2), max_size=6), max_size=3),
    ),
)
def test_features(folder: Path, kind, properties, shape, coordinates):
    raw = json.loads(MAP)
    geometry = {"type": shape, "coordinates": coordinates}
    raw["features"].append({"type": "Feature", "properties": {**properties, "kind": kind}, "geometry": geometry})
    check(folder, "map.geojson", json.dumps(raw).encode())


@LIMITED
@given(
    key=st.sampled_from(["id", "crs", "latitude", "shift_starts", "day", "probing", "thresholds", "coverage", "plan"]),
    value=st.one_of(st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=3), st.booleans()),
)
def test_settings(folder: Path, key: str, value):
    toml = json.dumps(value, ensure_ascii=True) if not isinstance(value, str) else json.dumps(value)
    check(folder, "site.toml", SITE.replace("[credentials.gate]", f"{key} = {toml}\n[credentials.gate]", 1).encode())

"""Parts of points, lines and areas: measuring, joining, cutting."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from cammon_coverage.model import Target
from cammon_coverage.parts import AreaPart, LinePart, PointsPart, nothing_of, whole
from cammon_coverage.places import Ask, Tolerance
from tests.coverage.conftest import make_place

BENT = LineString([(0, 0), (10, 0), (10, 10)])
KINDS = [
    ("point", Point(1, 2), PointsPart, 1),
    ("two points", MultiPoint([(0, 0), (9, 9)]), PointsPart, 2),
    ("line", BENT, LinePart, 20),
    ("two lines", MultiLineString([[(0, 0), (3, 0)], [(5, 0), (9, 0)]]), LinePart, 7),
    ("area", box(0, 0, 4, 5), AreaPart, 20),
    ("two areas, a hole", MultiPolygon([box(0, 0, 4, 4).difference(box(1, 1, 2, 2)), box(9, 9, 10, 10)]), AreaPart, 16),
    ("a line of no length is a point", LineString([(1, 1), (1, 1)]), PointsPart, 1),
    ("an area of no breadth is its line", Polygon([(0, 0), (4, 0), (4, 0), (0, 0)]), LinePart, 8),
    ("a crossing area is its two lobes", Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), AreaPart, 2),
    ("nothing", Polygon(), PointsPart, 0),
]


@pytest.mark.parametrize(("geometry", "kind", "size"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_whole(geometry, kind, size):
    part = whole(geometry)
    assert isinstance(part, kind)
    assert part.size == pytest.approx(size)
    assert nothing_of(part).is_empty
    assert part.without(part).is_empty
    assert part.without(nothing_of(part)).size == pytest.approx(size)


def test_a_line_on_the_edge_of_the_seen_region_is_seen():
    line = whole(LineString([(0.1, 0.3), (7.7, 5.9)]))
    beside = Polygon([(0.1, 0.3), (7.7, 5.9), (20, -10)])
    assert line.within(beside).size == pytest.approx(line.size, abs=1e-5)


def test_stretches_of_a_bent_line():
    part = whole(BENT).within(box(4, -1, 11, 3))
    assert part.size == pytest.approx(9, abs=1e-5)
    assert part.shape().equals_exact(LineString([(4, 0), (10, 0), (10, 3)]), 1e-5)
    rest = whole(BENT).without(part)
    assert [piece.size for piece in rest.pieces()] == pytest.approx([7, 4], abs=1e-5)


def test_a_line_runs_through_several_parts_of_a_region():
    stripes = MultiPolygon([box(x, -1, x + 1, 1) for x in range(0, 10, 2)])
    assert whole(LineString([(0, 0), (10, 0)])).within(stripes).size == pytest.approx(5, abs=1e-4)


boxes = st.builds(lambda x, y, w, h: box(x, y, x + w, y + h), *[st.floats(-5, 15)] * 2, *[st.floats(0.01, 12)] * 2)
geometries = st.sampled_from([BENT, KINDS[1][1], KINDS[5][1], box(0, 0, 10, 10), LineString([(0, 3), (7, 9), (2, 1)])])


@settings(max_examples=200, deadline=None)
@given(geometries, boxes, boxes)
def test_parts_obey_the_laws_of_sets(geometry, one, other):
    every = whole(geometry)
    a, b = every.within(one), every.within(other)
    both, either = a.common(b), a.joined([b])
    assert both.size + either.size == pytest.approx(a.size + b.size, abs=1e-4)
    assert a.without(b).size == pytest.approx(a.size - both.size, abs=1e-4)
    assert every.without(either).size == pytest.approx(every.size - either.size, abs=1e-4)
    assert either.size == pytest.approx(every.within(one.union(other)).size, abs=1e-4)
    assert sum(piece.size for piece in either.pieces()) == pytest.approx(either.size, abs=1e-4)


RULES = Tolerance(share=0.001, hole_length_m=0.5, hole_area_m2=0.25)
COVERED = [
    ("all of it", box(0, 0, 100, 100), [], True),
    ("a small hole", box(0, 0, 100, 100), [box(5, 5, 5.4, 5.4)], True),
    ("a hole too large for itself", box(0, 0, 100, 100), [box(5, 5, 5.6, 5.6)], False),
    ("many small holes", box(0, 0, 100, 100), [box(x, 5, x + 0.4, 5.4) for x in range(90)], False),
    ("a line with a short gap", LineString([(0, 0), (1000, 0)]), [box(5, -1, 5.4, 1)], True),
    ("a line with a long gap", LineString([(0, 0), (1000, 0)]), [box(5, -1, 5.6, 1)], False),
    ("one point of two", MultiPoint([(0, 0), (50, 50)]), [box(-1, -1, 1, 1)], False),
]


@pytest.mark.parametrize(
    ("geometry", "holes", "covered"), [row[1:] for row in COVERED], ids=[row[0] for row in COVERED]
)
def test_when_a_place_counts_as_covered(geometry, holes, covered):
    ask = Ask.of(make_place("P", geometry, target=Target()))
    part = ask.all.within(box(-10, -10, 2000, 2000).difference(shapely.union_all(holes)))
    assert ask.covered_by(part, RULES) is covered


def test_an_empty_place_is_not_covered():
    ask = Ask.of(make_place("P", Polygon()))
    assert ask.covered_by(ask.all, RULES) is False
    assert ask.share(ask.all) == 0


@pytest.mark.parametrize("k", [1, 2, 3])
def test_seen_by_k_devices_is_what_counting_says(k):
    rng = np.random.default_rng(k)
    ask = Ask.of(make_place("P", box(0, 0, 10, 10), redundancy=k))
    regions = [
        box(*corner, *(corner + size))
        for corner, size in zip(rng.uniform(0, 8, (9, 2)), rng.uniform(2, 6, (9, 2)), strict=True)
    ]
    device = {str(number): f"D{number // 2}" for number in range(9)}
    part = ask.seen_by_devices({str(number): ask.all.within(region) for number, region in enumerate(regions)}, device)
    points = rng.uniform(0, 10, (2000, 2))
    seen = np.array([shapely.contains_xy(region, *points.T) for region in regions])
    per_device = np.array([seen[2 * d : 2 * d + 2].any(axis=0) for d in range(5)])
    assert (shapely.contains_xy(part.shape(), *points.T) == (per_device.sum(axis=0) >= k)).all()


def test_lines_apart_are_not_joined_across_the_gap():
    fence = MultiLineString([[(0, 0), (5, 0)], [(20, 0), (25, 0)]])
    everything = whole(fence)
    assert everything.size == 10
    assert everything.shape().equals(fence)
    assert len(everything.pieces()) == 2
    middle = everything.within(shapely.box(4, -1, 21, 1))
    assert middle.size == pytest.approx(2, abs=1e-5)
    rest = MultiLineString([[(0, 0), (4, 0)], [(21, 0), (25, 0)]])
    assert everything.without(middle).shape().equals_exact(rest, 1e-5)

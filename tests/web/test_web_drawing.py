"""Figures, the curve and the map as drawings."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cammon_coverage.model import Period
from cammon_web import figures
from cammon_web.curve import curve_of
from cammon_web.desk import MapView, RatioRow, Shape, ShapeKind, UpgradeRow
from cammon_web.drawing import standalone_svg
from cammon_web.exports import guarded
from cammon_web.mapdraw import bar_length, draw
from cammon_web.maplabels import Anchor, half_widths, place_labels, shortened
from tests.web.fake_desk import FakeDesk

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (0, "0 %"), (1, "100 %"), (0.9999, "99.9 %"), (17 / 18, "94.4 %"), (0.29, "29.0 %"), (0.0004, "0 %")],
)
def test_percent(share, shown):
    assert figures.percent(share) == shown


@given(st.floats(0, 1, exclude_max=True))
def test_only_the_whole_is_100_percent(share):
    assert share > 1 - 1e-11 or figures.percent(share) != "100 %"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (3, "3"),
        (62.5, "62.5"),
        (31.257, "31.3"),
        (1.25, "1.25"),
        (float("inf"), "–"),
        (float("nan"), "–"),
        (9.8, "9.8"),
        (5.001, "5"),
        (1234.5, "1234"),
        (-0.031, "-0.03"),
        (-0.0, "0"),
        (-0.0049, "0"),
        (1e9, "1000000000"),
    ],
)
def test_number(value, shown):
    assert figures.number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (-3, "0 s", "0 秒"),
        (59.9, "59 s", "59 秒"),
        (61, "1 min", "1 分钟"),
        (3600 + 59, "1 h 0 min", "1 小时 0 分"),
        (2 * 86400 + 3 * 3600, "2 d 3 h", "2 天 3 小时"),
    ],
)
def test_duration(seconds, english, chinese):
    assert figures.duration(seconds, "en") == english
    assert figures.duration(seconds, "zh") == chinese


def test_times_in_the_sites_zone():
    assert figures.short_time(NOON, NOON, SHANGHAI) == "12:00"
    assert figures.short_time(NOON - timedelta(hours=13), NOON, SHANGHAI) == "03-03 23:00"
    assert figures.short_time(NOON - timedelta(days=400), NOON, SHANGHAI) == "2025-01-28"
    assert figures.full_time(NOON, SHANGHAI) == "2026-03-04 12:00:00"
    assert figures.machine_time(NOON.astimezone(SHANGHAI)) == "2026-03-04T04:00:00Z"
    assert figures.age(NOON + timedelta(seconds=5), NOON, "en") == "just now"
    assert figures.age(NOON - timedelta(seconds=125), NOON, "en") == "2 min ago"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_formulas_are_guarded(cell):
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["东门 East gate", "C-1", 3.5, -2, ""])
def test_plain_cells_are_not(cell):
    assert guarded(cell) == cell


# -- the curve


def _row(cumulative: float) -> UpgradeRow:
    return UpgradeRow(1, "clean", "broken", "C-1", "", "", 1.0, "CNY", (), (), cumulative)


def _ratio(basis: str, weighted: float | None) -> RatioRow:
    return RatioRow(basis, Period.DAY, weighted, weighted, None, 0, 0)


def test_the_curve_starts_at_the_worse_light_and_never_leaves_its_frame():
    curve = curve_of(
        [_ratio("design", 0.1), _ratio("effective", 0.6), _ratio("effective", 0.4)], [_row(0.7), _row(1.0)]
    )
    assert [point.share for point in curve.points] == [0.4, 0.7, 1.0]
    xs, ys = [point.x for point in curve.points], [point.y for point in curve.points]
    assert xs == sorted(xs)
    assert ys == sorted(ys, reverse=True)
    assert all(0 <= value <= 100 for value in xs + ys)
    assert len(curve.lines) == 4


def test_no_curve_without_a_list():
    assert curve_of([_ratio("effective", 0.5)], []) is None


@pytest.mark.parametrize("ratios", [[], [_ratio("effective", None)]], ids=["none", "not known"])
def test_a_curve_of_which_the_beginning_is_not_known(ratios):
    curve = curve_of(ratios, [_row(0.5), _row(1.0)])
    assert [point.actions for point in curve.points] == [1, 2]
    assert len(curve.lines) == 2


# -- the map


def _view(*shapes: Shape, bounds=(0.0, 0.0, 100.0, 50.0)) -> MapView:
    return MapView(bounds, shapes, NOON, Period.DAY)


def _camera(name: str, x: float, y: float, state: str = "ok") -> Shape:
    return Shape(ShapeKind.CAMERA, name, name, (((x, y),),), False, state, 90.0)


def _shapes(drawing, kind: str):
    return dict(drawing.layers)[kind]


def test_north_is_up_and_the_corner_is_the_origin():
    drawing = draw(_view(_camera("a", 0, 0), _camera("b", 100, 50)), losses_only=False)
    a, b = sorted(_shapes(drawing, "camera"), key=lambda shape: shape.id)
    assert b.x - a.x == pytest.approx(100)
    assert a.y - b.y == pytest.approx(50)
    assert 0 < a.x < drawing.width
    assert 0 < b.y < drawing.height


def test_far_coordinates_do_not_reach_the_browser():
    far = (4.4e6, 5e5, 4.4e6 + 100, 5e5 + 50)
    drawing = draw(_view(_camera("a", 4.4e6 + 3, 5e5 + 7), bounds=far), losses_only=False)
    assert _shapes(drawing, "camera")[0].x < 200


def test_losses_and_the_worst_are_drawn_last():
    states = ["faulty", "ok", "suspect", "unknown"]
    cameras = [_camera(state, 10.0 * n, 5, state) for n, state in enumerate(states)]
    drawing = draw(_view(*cameras), losses_only=False)
    assert [shape.state for shape in _shapes(drawing, "camera")] == ["ok", "unknown", "suspect", "faulty"]
    assert [kind for kind, _ in drawing.layers][-3:] == ["lost", "blind", "camera"]


def test_holes_stay_holes():
    ring, hole = ((0, 0), (10, 0), (10, 10)), ((2, 1), (4, 1), (4, 2))
    drawing = draw(_view(Shape(ShapeKind.OBSTACLE, "o", "", (ring, hole))), losses_only=False)
    path = _shapes(drawing, "obstacle")[0].d
    assert path.count("M") == 2
    assert path.count("Z") == 2


def test_lines_stay_open():
    line = Shape(ShapeKind.PLACE, "p", "fence", (((0, 0), (50, 0)),), False, "covered")
    assert "Z" not in _shapes(draw(_view(line), losses_only=False), "place")[0].d


def test_a_site_of_one_point_can_be_drawn():
    drawing = draw(_view(_camera("a", 5, 5), bounds=(5, 5, 5, 5)), losses_only=True)
    assert drawing.width > 0
    assert drawing.height > 0


@given(st.floats(0.01, 1e6))
def test_the_scale_bar_is_round_and_fits(most):
    length = bar_length(most)
    assert length <= most * (1 + 1e-9)
    assert length > most / 2.51
    digits = f"{length:.0e}"[0]
    assert digits in "125"


def test_only_the_abnormal_is_named_on_the_map_of_losses():
    view = FakeDesk().map()
    named = {name.state for name in draw(view, losses_only=True).names}
    assert named <= {"dark", "partly", "faulty", "suspect", "unknown"}
    assert {name.state for name in draw(view, losses_only=False).names} >= {"ok", "dark", "standing"}


def test_every_lost_key_place_is_named():
    desk = FakeDesk()
    lost = {shape.name[:4] for shape in desk.map().shapes if shape.kind is ShapeKind.LOST}
    assert lost == {name.text[:4] for name in draw(desk.map(), losses_only=True).names if name.kind == "place"}


def test_a_name_gives_way_to_markers_and_names():
    one = Anchor("one", "摄像机", 50, 50, 0, 0, must=False)
    two = Anchor("two", "摄像机", 52, 50, 0, 0, must=False)
    labels = place_labels([one, two], [one.box, two.box], (300, 200), 30)
    assert labels["one"].anchor != labels["two"].anchor or labels["one"].dy != labels["two"].dy


def test_a_name_without_room_is_left_out_unless_it_must_stand():
    crowd = [(x, y, x + 10, y + 10) for x in range(0, 100, 10) for y in range(0, 100, 10)]
    one, two = (Anchor(must, "name", 50, 50, 0, 0, must) for must in (False, True))
    labels = place_labels([one, two], crowd, (100, 100), 30)
    assert list(labels) == [True]


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_shortened_name_is_not_wider(name, longest):
    assert half_widths(shortened(name, longest)) <= longest


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_as_a_file_is_svg_without_links_and_escapes_names(language):
    text = standalone_svg(FakeDesk(rename={"*": "<b>&\"'"}).map(), language)
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = {element.tag.split("}")[1] for element in root.iter()}
    assert "a" not in names
    assert "b" not in names
    assert "script" not in names
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")

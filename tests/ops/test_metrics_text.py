"""The metrics page against Prometheus's own parser: what is there, what is absent, what hostile names do."""

import math
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cammon.metrics import CameraState, MetricsSnapshot, PlaceState, ProbeCount, Ratios, render
from cammon.version import VERSION
from cammon_coverage.model import Basis, Period
from cammon_probes.model import Fault, ProbeKind

EFFECTIVE_DAY = (Basis.EFFECTIVE, Period.DAY)


def snapshot(**fields):
    return MetricsSnapshot(site="demo", looking=True, period=Period.DAY, **fields)


def samples(state):
    found = {}
    for family in text_string_to_metric_families(render(state).decode()):
        for sample in family.samples:
            labels = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "site"))
            assert (sample.name, labels) not in found, "the same series twice"
            found[sample.name, labels] = sample.value
            assert sample.name == "cammon_build_info" or sample.labels["site"] == "demo"
    return found


def value(state, metric, /, **labels):
    return samples(state).get((metric, tuple(sorted(labels.items()))))


FULL = snapshot(
    late_s=1.5,
    last_reading_at=1700000000.0,
    cameras=(
        CameraState("A", True, (), {ProbeKind.PICTURE: 1700000000.0}, 0.25, {"name": "主井口", "switch": "SW1"}),
        CameraState("B", False, (Fault.REFUSED, Fault.BLUR), info={"name": "Gate", "zone": "north"}, dirty_in_s=7200.0),
        CameraState("C", None),
    ),
    places=(PlaceState("P", "Magazine", 1, 125.0, {EFFECTIVE_DAY: False}, {EFFECTIVE_DAY: 0.5}),),
    ratios={EFFECTIVE_DAY: Ratios(0.75, 0.8, None), (Basis.DESIGN, Period.DAY): Ratios(1.0, 1.0, 0.9)},
    incidents={"camera": 2, "switch": 0},
    cameras_by_health={"ok": 1, "faulty": 1, "unknown": 1},
    probes={ProbeKind.PICTURE: ProbeCount(10, 2, 3.6)},
    site_problems=3,
    declared={("P", Period.DAY): {"declared_not_seen": 2}},
    declared_only={EFFECTIVE_DAY: 1, (Basis.EFFECTIVE, Period.NIGHT): None},
)


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("cammon_build_info", {"version": VERSION}, 1),
        ("cammon_looking", {}, 1),
        ("cammon_probe_lateness_seconds", {}, 1.5),
        ("cammon_last_reading_timestamp_seconds", {}, 1700000000),
        ("cammon_site_problems", {}, 3),
        ("cammon_period_now", {"period": "day"}, 1),
        ("cammon_period_now", {"period": "night"}, 0),
        ("cammon_camera_up", {"camera": "A"}, 1),
        ("cammon_camera_up", {"camera": "B"}, 0),
        ("cammon_camera_up", {"camera": "C"}, None),
        ("cammon_camera_fault", {"camera": "B", "fault": "blur"}, 1),
        ("cammon_camera_fault", {"camera": "B", "fault": "refused"}, 1),
        ("cammon_camera_fault", {"camera": "A", "fault": "blur"}, None),
        ("cammon_camera_info", {"camera": "A", "name": "主井口", "switch": "SW1", "zone": ""}, 1),
        ("cammon_camera_last_reading_timestamp_seconds", {"camera": "A", "kind": "picture"}, 1700000000),
        ("cammon_camera_clock_offset_seconds", {"camera": "A"}, 0.25),
        ("cammon_camera_clock_offset_seconds", {"camera": "B"}, None),
        ("cammon_camera_dirty_in_seconds", {"camera": "A"}, None),
        ("cammon_camera_dirty_in_seconds", {"camera": "B"}, 7200),
        ("cammon_cameras", {"health": "faulty"}, 1),
        ("cammon_key_place_info", {"place": "P", "name": "Magazine", "priority": "1", "level_px_per_m": "125"}, 1),
        ("cammon_key_place_covered", {"place": "P", "basis": "effective", "period": "day"}, 0),
        ("cammon_key_place_covered", {"place": "P", "basis": "effective", "period": "night"}, None),
        ("cammon_key_place_covered_ratio", {"place": "P", "basis": "effective", "period": "day"}, 0.5),
        ("cammon_coverage_ratio", {"basis": "effective", "period": "day"}, 0.75),
        ("cammon_coverage_weighted_ratio", {"basis": "effective", "period": "day"}, 0.8),
        ("cammon_coverage_area_ratio", {"basis": "effective", "period": "day"}, None),
        (
            "cammon_key_place_declared_cameras",
            {"place": "P", "period": "day", "agreement": "declared_not_seen"},
            2,
        ),
        ("cammon_declared_only_places", {"basis": "effective", "period": "day"}, 1),
        ("cammon_declared_only_places", {"basis": "effective", "period": "night"}, None),
        ("cammon_incidents_open", {"kind": "switch"}, 0),
        ("cammon_probes_total", {"kind": "picture", "result": "ok"}, 10),
        ("cammon_probes_total", {"kind": "picture", "result": "fault"}, 2),
        ("cammon_probe_duration_seconds_count", {"kind": "picture"}, 12),
        ("cammon_probe_duration_seconds_sum", {"kind": "picture"}, 3.6),
    ],
)
def test_value(name, labels, expected):
    assert value(FULL, name, **labels) == expected


def test_before_any_reading_nothing_is_claimed():
    state = snapshot(
        cameras=(CameraState("A"),),
        places=(PlaceState("P", covered={EFFECTIVE_DAY: None}, share={EFFECTIVE_DAY: None}),),
        ratios={EFFECTIVE_DAY: Ratios()},
    )
    names = {name for name, _ in samples(state)}
    claims = {"cammon_camera_up", "cammon_key_place_covered", "cammon_key_place_covered_ratio", "cammon_coverage_ratio"}
    assert not names & claims
    assert not any(math.isnan(number) for number in samples(state).values())


def test_hostile_names_stay_inside_their_label():
    name = 'x"} 1\ncammon_looking{site="demo"} 0\\'
    assert (
        value(snapshot(cameras=(CameraState("A", info={"name": name}),)), "cammon_camera_info", camera="A", name=name)
        == 1
    )
    assert value(snapshot(cameras=(CameraState("A", info={"name": name}),)), "cammon_looking") == 1


def test_info_can_never_carry_a_second_site_or_camera():
    state = snapshot(cameras=(CameraState("A", info={"camera": "B", "site": "other", "name": "n"}),))
    assert value(state, "cammon_camera_info", camera="A", name="n") == 1


def test_the_same_state_gives_the_same_text():
    assert render(FULL) == render(FULL)


@pytest.mark.needs("promtool")
def test_promtool_finds_nothing_to_criticise():
    done = subprocess.run(["promtool", "check", "metrics"], input=render(FULL), capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")


def test_every_metric_is_documented(repository):
    page = (repository / "docs" / "metrics.md").read_text("utf-8")
    families = {family.name for family in text_string_to_metric_families(render(FULL).decode())}
    missing = [name for name in sorted(families) if f"`{name}" not in page]
    assert not missing

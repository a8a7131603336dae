"""From the state of a site to its rows: reasons, remedies, shared causes, age; coverage counted by cells."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from upgrade_worlds import coverage_of, ledger, place, site_of, world

from cammon.sitefiles.model import CatalogModel, Lifecycle
from cammon.trend import Measure, Trend
from cammon.upgrades import Action, OpenFault, Why, upgrade_list
from cammon.upgrades.shared import shared_failures
from cammon_coverage.model import Period, Sight, SightState
from cammon_probes.model import Fault

TODAY = date(2026, 3, 1)
SINCE = datetime(2026, 2, 28, 22, 0, tzinfo=UTC)


def down(fault=Fault.BLACK, state=SightState.BLIND):
    return Sight(state, fault.value), (OpenFault(fault, SINCE),)


def listed(site, coverage, broken, today=TODAY):
    """`broken`: camera -> faults; every one takes the whole sight."""
    sights = {name: down(faults[0])[0] for name, faults in broken.items()}
    return upgrade_list(
        site,
        coverage,
        sights,
        {name: tuple(OpenFault(f, SINCE) for f in faults) for name, faults in broken.items()},
        today,
    )


@pytest.mark.parametrize(
    ("faults", "action", "cost"),
    [
        pytest.param([Fault.BLACK], Action.REPAIR, 600, id="black"),
        pytest.param([Fault.COVERED], Action.CLEAN, 150, id="covered"),
        pytest.param([Fault.BLUR], Action.REFOCUS, 200, id="blur"),
        pytest.param([Fault.MOVED], Action.RE_AIM, 200, id="moved"),
        pytest.param([Fault.COVERED, Fault.MOVED], Action.RE_AIM, 350, id="one visit, two works"),
        pytest.param([Fault.COVERED, Fault.FROZEN], Action.REPAIR, 600, id="a repair does the rest"),
        pytest.param([Fault.AUTH_FAILED], Action.REPAIR, 600, id="login"),
    ],
)
def test_remedy_and_cost_follow_the_faults(faults, action, cost):
    site, coverage = world(["A"], {"P": (1, 1, {"A": [0]})})
    (row,) = listed(site, coverage, {"A": faults}).rows
    assert (row.action, row.why, row.cost, row.subject, row.kind) == (action, Why.BROKEN, cost, "A", "camera")
    assert [evidence.params["fault"] for evidence in row.evidence] == [fault.value for fault in faults]
    assert {(gain.place, gain.period) for gain in row.gains} == {("P", Period.DAY), ("P", Period.NIGHT)}


def test_every_fault_has_a_remedy():
    site, coverage = world(["A"], {"P": (1, 1, {"A": [0]})})
    for fault in Fault:
        assert len(listed(site, coverage, {"A": [fault]}).rows) == 1


def test_cumulative_share_is_the_worse_of_day_and_night_and_ends_where_nothing_is_left():
    site, coverage = world(["A", "B", "C"], {"P": (1, 1, {"A": [0]}), "Q": (3, 1, {"B": [0]}), "R": (2, 1, {"C": [0]})})
    report = listed(site, coverage, {"A": [Fault.BLACK], "B": [Fault.BLACK]})
    assert report.covered_now == pytest.approx(2 / 7)
    assert [row.cumulative for row in report.rows] == pytest.approx([6 / 7, 1.0])
    dark, coverage = world(["A"], {"P": (1, 1, {"A": [0]})}, night=False)
    report = listed(dark, coverage, {"A": [Fault.BLACK]})
    assert [(row.cumulative, len(row.gains)) for row in report.rows] == [(0.0, 1)]


def test_two_cameras_that_share_a_place_stand_together_and_say_so():
    site, coverage = world(["A", "B"], {"P": (1, 1, {"A": [0], "B": [1]})})
    first, second = listed(site, coverage, {"A": [Fault.BLACK], "B": [Fault.COVERED]}).rows
    assert not first.gains
    assert len(second.gains) == 2
    assert (first.together_with, second.together_with) == ((second.subject,), (first.subject,))


def test_broken_camera_that_no_place_waits_for_comes_last_and_gains_nothing():
    site, coverage = world(["A", "B"], {"P": (3, 1, {"B": [0]})})
    rows = listed(site, coverage, {"A": [Fault.BLACK], "B": [Fault.CLOCK_SKEW]}).rows
    assert [row.subject for row in rows][-1] == "A"
    assert all(row.cumulative is not None for row in rows)


def test_camera_without_a_pose_and_a_site_without_a_map_are_listed_all_the_same():
    site = site_of([], [])
    site = replace(site, cameras=(ledger("A"), ledger("B")))
    report = listed(site, coverage_of(site, {}), {"B": [Fault.REFUSED]})
    assert [(row.subject, row.cumulative) for row in report.rows] == [("B", None)]
    assert report.covered_now is None


def switched(**fields):
    cameras = [ledger(name, switch="SW-2", **fields) for name in "ABC"] + [ledger("D", switch="SW-3")]
    site = site_of(cameras, [place("P", 1), place("Q", 2)])
    return site, coverage_of(site, {"P": {"A": [0], "B": [1]}, "Q": {"D": [0]}})


def test_a_dead_switch_is_one_row_that_gives_back_everything_behind_it():
    site, coverage = switched()
    (row,) = listed(site, coverage, {name: [Fault.UNREACHABLE] for name in "ABC"}).rows
    assert (row.kind, row.subject, row.cameras) == ("switch", "SW-2", ("A", "B", "C"))
    assert row.evidence[0].params["cameras"] == 3
    assert {gain.place for gain in row.gains} == {"P"}


def test_a_camera_behind_a_dead_switch_with_a_fault_of_its_own_needs_both():
    site, coverage = switched()
    rows = listed(
        site, coverage, {"A": [Fault.UNREACHABLE, Fault.COVERED], "B": [Fault.TIMEOUT], "C": [Fault.TIMEOUT]}
    ).rows
    assert {(row.kind, row.action) for row in rows} == {("switch", Action.REPAIR), ("camera", Action.CLEAN)}
    assert [bool(row.gains) for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        pytest.param({"A": 0, "B": 60, "C": 120}, ["switch"], id="together"),
        pytest.param({"A": 0, "B": 60}, [], id="one still answers"),
        pytest.param({"A": 0, "B": 60, "C": 7200}, [], id="hours apart"),
    ],
)
def test_shared_failures(faults, expected):
    site, _ = switched()
    opened = {
        name: (OpenFault(Fault.UNREACHABLE, SINCE + timedelta(seconds=seconds)),) for name, seconds in faults.items()
    }
    assert [failure.kind for failure in shared_failures(site.cameras, opened)] == expected


def test_login_and_picture_faults_are_never_blamed_on_the_switch():
    site, _ = switched()
    for fault in (Fault.AUTH_FAILED, Fault.BLACK):
        assert not shared_failures(site.cameras, {name: (OpenFault(fault, SINCE),) for name in "ABC"})


def test_the_thing_that_explains_most_is_named():
    cameras = [
        ledger("A", switch="SW-1", recorder="NVR", power="L1"),
        ledger("B", switch="SW-1", recorder="NVR", power="L1"),
    ]
    cameras.append(ledger("C", switch="SW-9", recorder="NVR", power="L1"))
    opened = {name: (OpenFault(Fault.TIMEOUT, SINCE),) for name in "ABC"}
    assert [(failure.kind, failure.id) for failure in shared_failures(cameras, opened)] == [("recorder", "NVR")]


def test_planned_cameras_without_an_address_do_not_hide_a_dead_switch():
    cameras = [ledger("A", switch="S"), ledger("B", switch="S"), replace(ledger("C", switch="S"), host=None)]
    opened = {name: (OpenFault(Fault.TIMEOUT, SINCE),) for name in "AB"}
    assert len(shared_failures(cameras, opened)) == 1


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        pytest.param({"installed_on": date(2018, 2, 28)}, ["service_life_over"], id="eight years and a day"),
        pytest.param({"installed_on": date(2018, 4, 1)}, [], id="a month to go"),
        pytest.param(
            {"installed_on": date(2022, 1, 1), "service_life_years": 4.0}, ["service_life_over"], id="own service life"
        ),
        pytest.param({"model": "old"}, ["end_of_life"], id="discontinued"),
        pytest.param({"model": "new"}, [], id="still made"),
        pytest.param({"certificate_until": date(2026, 2, 28)}, ["certificate_expired"], id="certificate"),
        pytest.param({"certificate_until": TODAY}, [], id="certificate ends today"),
        pytest.param({}, [], id="nothing known"),
    ],
)
def test_age(fields, codes):
    catalog = {"old": CatalogModel("old", end_of_life=TODAY), "new": CatalogModel("new", end_of_life=date(2030, 1, 1))}
    site = site_of([ledger("A", **fields)], [place("P")], catalog=catalog)
    rows = listed(site, coverage_of(site, {"P": {"A": [0]}}), {}).rows
    assert [evidence.code for row in rows for evidence in row.evidence if evidence.code != "no_model_reaches"] == codes
    assert all((row.why, row.action, row.gains, row.cumulative) == (Why.AGED, Action.REPLACE, (), 1.0) for row in rows)


def test_a_service_life_of_the_site_counts_where_the_camera_says_none():
    site = site_of([ledger("A", installed_on=date(2022, 1, 1))], [], lifecycle=Lifecycle(service_life_years=3))
    assert len(listed(site, coverage_of(site, {}), {}).rows) == 1


@pytest.mark.parametrize(
    ("catalog", "model", "cost"),
    [
        pytest.param([CatalogModel("m", "", 1920, 1080, 90, 90, None, 800)], "m", 800, id="the same view"),
        pytest.param([CatalogModel("m", "", 1280, 720, 90, 90, None, 800)], "", 3000, id="fewer pixels"),
        pytest.param([CatalogModel("m", "", 3840, 2160, 30, 60, None, 800)], "", 3000, id="too narrow"),
        pytest.param([CatalogModel("m", "", 1920, 1080, 30, 120, None, None)], "m", 3000, id="no price"),
        pytest.param(
            [CatalogModel("b", "", 1920, 1080, 90, 90, 5, 900), CatalogModel("a", "", 3840, 2160, 80, 95, 5, 850)],
            "a",
            850,
            id="the cheapest",
        ),
        pytest.param([CatalogModel("m", "", 1920, 1080, 90, 90, None, 8, TODAY)], "", 3000, id="discontinued itself"),
        pytest.param(
            [CatalogModel("m", "", 1920, 1080, 90, 90, None, 8, available=False)], "", 3000, id="not available"
        ),
    ],
)
def test_successor_of_an_aged_camera(catalog, model, cost):
    site = site_of([ledger("A", installed_on=date(2010, 1, 1))], [place("P")], catalog={m.model: m for m in catalog})
    (row,) = listed(site, coverage_of(site, {"P": {"A": [0]}}), {}).rows
    assert (row.target_model, row.cost) == (model, cost)


def test_rows_without_gain_stand_in_order_of_reason_priority_and_age():
    cameras = [
        ledger("A", installed_on=date(2011, 1, 1)),
        ledger("B", installed_on=date(2010, 1, 1)),
        ledger("C", installed_on=date(2015, 1, 1)),
        ledger("D"),
    ]
    site = site_of(cameras, [place("P", 1), place("Q", 3)])
    coverage = coverage_of(site, {"P": {"C": [0]}, "Q": {"A": [0], "B": [0]}})
    rows = listed(site, coverage, {"D": [Fault.BLACK]}).rows
    assert [row.subject for row in rows] == ["D", "C", "B", "A"]
    assert [row.rank for row in rows] == [1, 2, 3, 4]


def test_the_lenses_of_one_box_are_replaced_by_one_row():
    cameras = [
        ledger("A", device="X", installed_on=date(2010, 1, 1)),
        ledger("B", device="X", installed_on=date(2010, 1, 1)),
    ]
    site = site_of(cameras, [])
    (row,) = listed(site, coverage_of(site, {}), {}).rows
    assert row.cameras == ("A", "B")


def test_unknown_is_not_counted_as_covered_and_asks_for_no_action():
    site, coverage = world(["A"], {"P": (1, 1, {"A": [0]})})
    report = upgrade_list(site, coverage, {"A": Sight(SightState.UNKNOWN, "not_looked_at")}, {}, TODAY)
    assert (report.covered_now, report.rows) == (0.0, ())


def test_same_state_gives_the_same_list_whatever_the_order_of_the_files():
    places = {"P": (1, 1, {"A": [0], "B": [1]}), "Q": (2, 2, {"B": [0], "C": [0]}), "R": (3, 1, {"D": [0]})}
    one, coverage = world("ABCD", places)
    other, mirrored = world("DCBA", dict(reversed(places.items())))
    broken = {name: [Fault.BLACK] for name in "ABCD"}
    assert listed(one, coverage, broken) == listed(other, mirrored, dict(reversed(broken.items())))


@pytest.mark.parametrize(
    ("days_left", "code", "left"),
    [(21.4, "lens_dirty_weeks", {"weeks": 3}), (9.6, "lens_dirty_days", {"days": 10}), (0.0, "lens_dirty_now", {})],
)
def test_a_lens_is_cleaned_before_it_is_a_fault(days_left, code, left):
    site, coverage = world(["A", "B"], {"P": (1, 1, {"A": [0]})})
    trend = Trend(Measure.SHARPNESS, date(2026, 2, 1), -0.006, -0.17, days_left)
    (row,) = upgrade_list(site, coverage, {}, {}, TODAY, trends={"A": trend}).rows
    assert (row.action, row.why, row.subject, row.cost, row.gains) == (Action.CLEAN, Why.FORESEEN, "A", 150, ())
    (evidence,) = row.evidence
    assert (evidence.code, evidence.params) == (
        code,
        {"measure": "sharpness", "since": "2026-02-01", "percent": 4.1, **left},
    )


def test_a_camera_with_a_fault_has_its_row_already_and_the_most_urgent_cleaning_comes_first():
    site, coverage = world(["A", "B", "C"], {"P": (1, 1, {"A": [0]})})
    trends = {
        name: Trend(Measure.SHARPNESS, date(2026, 2, 1), -0.006, -0.17, days)
        for name, days in (("A", 5.0), ("B", 50.0), ("C", 20.0))
    }
    sight, faults = down(Fault.BLUR)
    rows = upgrade_list(site, coverage, {"A": sight}, {"A": faults}, TODAY, trends=trends).rows
    assert [(row.subject, row.why) for row in rows] == [("A", Why.BROKEN), ("C", Why.FORESEEN), ("B", Why.FORESEEN)]

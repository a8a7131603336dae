"""Weather of the whole site against dirty lenses, in tables."""

from datetime import UTC, datetime, timedelta

import pytest

from cammon.causes import causes
from cammon.health import Health, Track
from cammon.service.present import _own
from cammon.siteweather import LINGERS, SiteWeather, weather_now
from cammon.store.incidents import Incident
from cammon.upgrades.model import OpenFault
from cammon_probes.model import Fault, ProbeKind

NOW = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


def site(size=10, faults=(), lost=0, nearly=()):
    """Healths of a site: `faults` are (camera number, fault, minutes before now, confirmed); `nearly` (camera number,
    fault, minutes before now)."""
    healths = {f"C{number}": Health(looked_at={ProbeKind.PICTURE: NOW}) for number in range(size)}
    for number, fault, ago, confirmed in faults:
        at = NOW - minutes(ago)
        track = Track(fault, at, confirmed_at=at if confirmed else None)
        healths[f"C{number}"].tracks[fault.value] = track
    for number, fault, ago in nearly:
        healths[f"C{number}"].nearly[fault] = NOW - minutes(ago)
    for number in range(lost):
        healths[f"C{size - 1 - number}"].tracks["reach"] = Track(Fault.TIMEOUT, NOW)
    return healths


def near(numbers, fault=Fault.LOW_CONTRAST, ago=5):
    return [(number, fault, ago) for number in numbers]


def struck(numbers, fault=Fault.BLUR, ago=5, confirmed=True):
    return [(number, fault, ago, confirmed) for number in numbers]


@pytest.mark.parametrize(
    ("healths", "cameras"),
    [
        pytest.param(site(), 0, id="nothing"),
        pytest.param(site(faults=struck(range(2))), 0, id="two of ten"),
        pytest.param(site(faults=struck(range(3))), 3, id="three of ten"),
        pytest.param(site(40, struck(range(5))), 0, id="five of forty"),
        pytest.param(site(40, struck(range(12))), 12, id="twelve of forty"),
        pytest.param(site(2, struck(range(2))), 0, id="a site of two"),
        pytest.param(site(4, struck(range(2))), 2, id="half of four"),
        pytest.param(site(5, struck(range(2))), 0, id="two of five"),
        pytest.param(site(5, struck([0, 1], Fault.PARTIAL) + struck([2])), 3, id="snow on the ground"),
        pytest.param(site(faults=struck(range(4), confirmed=False)), 4, id="suspicions count"),
        pytest.param(site(faults=struck([0, 1]) + struck([2, 3], Fault.LOW_CONTRAST)), 4, id="sharpness and contrast"),
        pytest.param(site(faults=struck(range(5), Fault.BLACK)), 0, id="black is no weather"),
        pytest.param(site(faults=struck(range(5), Fault.COVERED)), 0, id="nor is a cover"),
        pytest.param(
            site(faults=[(number, Fault.BLUR, 300 * number, True) for number in range(6)]), 0, id="one after the other"
        ),
        pytest.param(
            site(faults=struck(range(3)) + struck([7], ago=5000)), 3, id="a lens that was dirty before is not of them"
        ),
        pytest.param(site(6, struck(range(2)) + struck([2], ago=30), lost=3), 3, id="the silent do not count"),
    ],
)
def test_when_it_is_weather(healths, cameras):
    found = weather_now(None, healths, NOW)
    assert (0 if found is None else len(found.cameras)) == cameras


@pytest.mark.parametrize(
    ("healths", "cameras"),
    [
        pytest.param(site(4, struck([0]), nearly=near([1, 2])), {"C0"}, id="one of four and two nearly"),
        pytest.param(site(4, struck([0]), nearly=near([1])), None, id="one of four and one nearly: chance"),
        pytest.param(site(12, struck([0]), nearly=near(range(1, 7))), {"C0"}, id="half of twelve nearly"),
        pytest.param(site(12, struck([0]), nearly=near(range(1, 4))), None, id="a quarter of them nearly"),
        pytest.param(site(4, struck([0, 1]), nearly=near([0, 1])), {"C0", "C1"}, id="whoever is struck counts once"),
        pytest.param(site(4, struck([0]), nearly=near([0])), None, id="and alone is alone"),
        pytest.param(site(4, struck([0]), nearly=near([1, 2], Fault.NOISE)), None, id="noise is no weather"),
        pytest.param(site(4, struck([0]), nearly=near([1, 2], ago=200)), None, id="they have nearly had it for long"),
        pytest.param(site(4, nearly=near(range(4))), set(), id="all nearly: nobody is struck"),
    ],
)
def test_what_many_nearly_have_is_weather(healths, cameras):
    found = weather_now(None, healths, NOW)
    assert (None if found is None else found.cameras) == cameras


def test_whoever_is_struck_while_many_nearly_are_belongs_to_it():
    before = weather_now(None, site(4, nearly=near(range(4))), NOW)
    later = NOW + minutes(180)
    snow = site(4, struck([2], Fault.PARTIAL, ago=-179), nearly=near([0, 1, 3]))
    found = weather_now(before, snow, later)
    assert found.explains("C2", Fault.PARTIAL, later - minutes(1))
    assert not found.explains("C0", Fault.PARTIAL, later - minutes(1)), "it is not struck"
    assert weather_now(found, site(4), later) is None


def test_it_takes_in_the_late_and_lets_the_last_go():
    weather = weather_now(None, site(faults=struck(range(3), ago=20)), NOW)
    later = weather_now(weather, site(faults=struck(range(3), ago=20) + struck([5], ago=1)), NOW)
    assert later.cameras == {"C0", "C1", "C2", "C5"}
    # It clears; one camera stays bad: for a while still the weather's, then its own.
    one_left = site(faults=struck([1], ago=20))
    assert weather_now(later, one_left, NOW + LINGERS / 2).cameras == {"C1"}
    assert weather_now(later, one_left, NOW + LINGERS + minutes(1)) is None
    assert weather_now(later, site(), NOW) is None


@pytest.mark.parametrize("fault", [Fault.COVERED, Fault.BLACK], ids=str)
def test_what_thickens_on_struck_cameras_belongs_to_it(fault):
    weather = weather_now(None, site(faults=struck(range(4), ago=40)), NOW)
    thick = site(faults=struck([2, 3], ago=40) + struck([0, 1, 8], fault, ago=2))
    later = weather_now(weather, thick, NOW)
    hides = fault is not Fault.BLACK
    assert later.cameras == ({"C0", "C1", "C2", "C3"} if hides else {"C2", "C3"})
    told = {camera for camera in ("C0", "C1", "C8") if not later.explains(camera, fault, NOW - minutes(2))}
    assert told == ({"C8"} if hides else {"C0", "C1", "C8"})


@pytest.mark.parametrize(
    ("size", "severity", "belongs"),
    [
        pytest.param(8, 0.6, True, id="half of the site, and some of the view is left"),
        pytest.param(8, 0.9, False, id="nothing of the view is left: a cover"),
        pytest.param(10, 0.6, False, id="less than half of the site"),
    ],
)
def test_thick_fog_hides_some_cameras_at_once(size, severity, belongs):
    fog, at = struck(range(4), Fault.LOW_CONTRAST, ago=2), NOW - minutes(1)
    weather = weather_now(None, site(size, fog), NOW)
    thick = site(size, fog)
    thick["C7"].tracks["covered"] = Track(Fault.COVERED, at, severity=severity)
    assert weather_now(weather, thick, NOW).explains("C7", Fault.COVERED, at) is belongs


def test_incidents_of_the_weather_are_one_cause_and_nobody_cleans_for_it():
    weather = SiteWeather(NOW - minutes(20), frozenset({"C1", "C2", "C3"}), NOW)
    found = [
        Incident(number, f"C{camera}", fault, NOW - minutes(ago), NOW, None, None, "", "")
        for number, (camera, fault, ago) in enumerate(
            [(1, "blur", 20), (2, "low_contrast", 5), (3, "black", 5), (2, "blur", 6000), (4, "blur", 5)]
        )
    ]
    grouped = {(cause.kind, cause.id): len(cause.incidents) for cause in causes(found, (), weather, "mine")}
    assert grouped == {("weather", "mine"): 2, ("camera", "C3"): 1, ("camera", "C2"): 1, ("camera", "C4"): 1}
    faults = {"C1": (OpenFault(Fault.BLUR, NOW),), "C4": (OpenFault(Fault.BLUR, NOW),)}
    assert _own(faults, weather) == {"C4": faults["C4"]}

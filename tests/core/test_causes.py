"""Incidents with one cause: the switch, the recorder, or the camera itself."""

from datetime import UTC, datetime, timedelta

from cammon.causes import causes
from cammon.sitefiles.model import LedgerCamera
from cammon.store.incidents import Incident
from cammon.upgrades.shared import TOGETHER

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def camera(number: int, switch: str, recorder: str = "", host: str | None = "127.0.0.1") -> LedgerCamera:
    return LedgerCamera(f"C{number}", f"C{number}", f"C{number}", number, host=host, switch=switch, recorder=recorder)


def incident(number: int, camera_number: int, fault: str = "refused", second: int = 0) -> Incident:
    at = NOW + timedelta(seconds=second)
    return Incident(number, f"C{camera_number}", fault, at, at, None, None, "", "")


CAMERAS = [camera(1, "SW1"), camera(2, "SW1"), camera(3, "SW2", "N1"), camera(4, "SW2", "N2"), camera(5, "SW3")]


def named(*incidents: Incident, cameras: list[LedgerCamera] = CAMERAS) -> list[tuple[str, str, int]]:
    return [(cause.kind, cause.id, len(cause.incidents)) for cause in causes(incidents, cameras)]


def test_everything_behind_a_switch() -> None:
    assert named(incident(1, 1), incident(2, 2, "timeout", 5)) == [("switch", "SW1", 2)]


def test_half_of_a_switch_is_two_cameras() -> None:
    assert named(incident(1, 1), incident(2, 3, second=1)) == [("camera", "C3", 1), ("camera", "C1", 1)]


def test_a_switch_with_one_camera_is_that_camera() -> None:
    assert named(incident(1, 5)) == [("camera", "C5", 1)]


def test_dark_pictures_are_no_dead_switch() -> None:
    assert named(incident(1, 1, "black"), incident(2, 2, "black")) == [("camera", "C1", 1), ("camera", "C2", 1)]


def test_failures_at_different_times_are_two() -> None:
    late = int(TOGETHER.total_seconds()) + 1
    assert len(named(incident(1, 1), incident(2, 2, second=late))) == 2


def test_a_camera_that_is_not_probed_does_not_hide_a_dead_switch() -> None:
    cameras = [*CAMERAS, camera(6, "SW1", host=None)]
    assert named(incident(1, 1), incident(2, 2), cameras=cameras) == [("switch", "SW1", 2)]


def test_other_faults_of_the_same_camera_stand_apart() -> None:
    found = named(incident(1, 1), incident(2, 2), incident(3, 2, "clock_skew", 9))
    assert found == [("switch", "SW1", 2), ("camera", "C2", 1)]


def test_what_several_cameras_suffer_from_comes_first() -> None:
    found = named(incident(1, 1), incident(2, 2), incident(3, 3, second=500), incident(4, 5, second=900))
    assert [name for _, name, _ in found] == ["SW1", "C5", "C3"]


def test_a_recorder() -> None:
    cameras = [camera(1, "A", "N1"), camera(2, "B", "N1"), camera(3, "A"), camera(4, "B")]
    assert named(incident(1, 1), incident(2, 2), cameras=cameras) == [("recorder", "N1", 2)]

"""Lanes: a waiting look does not hold up the next one, and no thread stays."""

import threading
import time
from collections.abc import Iterator

import pytest

from cammon.service import lanes as module
from cammon.service.lanes import THREADS, Lane, Lanes


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lanes]:
    monkeypatch.setattr(module, "STUCK_S", 0.02)
    monkeypatch.setattr(module, "IDLE_S", 0.05)
    made = Lanes(time.monotonic)
    yield made
    made.close()


def until(holds: object, within_s: float = 5.0) -> None:
    end = time.monotonic() + within_s
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.005)


def test_dead_cameras_do_not_hold_up_the_healthy(lanes: Lanes) -> None:
    gate, looked = threading.Event(), threading.Event()
    dead = 3 * THREADS[Lane.QUICK]
    for _ in range(dead):
        lanes.put(Lane.QUICK, gate.wait)  # type: ignore[arg-type]
    lanes.put(Lane.QUICK, looked.set)

    def balanced() -> bool:
        lanes.balance()
        return looked.is_set()

    until(balanced)
    assert lanes.threads(Lane.QUICK) > dead
    gate.set()
    until(lambda: lanes.threads(Lane.QUICK) == THREADS[Lane.QUICK])


def test_a_busy_lane_that_is_not_stuck_gets_no_more_threads(lanes: Lanes) -> None:
    for _ in range(200):
        lanes.put(Lane.PICTURE, lambda: time.sleep(0.001))
    for _ in range(10):
        lanes.balance()
    assert lanes.threads(Lane.PICTURE) == THREADS[Lane.PICTURE]


def test_a_look_that_breaks_does_not_end_its_lane(lanes: Lanes, caplog: pytest.LogCaptureFixture) -> None:
    looked = threading.Event()
    for _ in range(THREADS[Lane.QUICK] + 1):
        lanes.put(Lane.QUICK, lambda: 1 / 0)
    lanes.put(Lane.QUICK, looked.set)
    assert looked.wait(5.0)
    assert "a look broke in the quick lane" in caplog.text


def test_after_the_end_no_thread_is_left() -> None:
    before = set(threading.enumerate())
    made = Lanes(time.monotonic)
    made.close()
    until(
        lambda: (
            not {one for one in threading.enumerate() if one not in before and one.name[:4] in ("quic", "pict", "pati")}
        )
    )

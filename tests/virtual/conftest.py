"""Fleets on loopback, each test with its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from cammon.virtual.background import RunningFleet, running_fleet
from cammon.virtual.model import CameraSpec, FleetOptions


class TurningClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.turn(seconds)

    def turn(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def turning_clock() -> TurningClock:
    return TurningClock()


@pytest.fixture
def fleet_with() -> Iterator[Callable[..., RunningFleet]]:
    """Starts a fleet of the given cameras; it ends with the test."""
    with ExitStack() as stack:

        def start(*cameras: CameraSpec, **more: object) -> RunningFleet:
            chosen = cameras or (CameraSpec("CAM01"),)
            return stack.enter_context(running_fleet(chosen, options=more.pop("options", None) or FAST, **more))

        yield start


FAST = FleetOptions(send_fps=20.0, control_port=0)


@pytest.fixture
def fleet(fleet_with: Callable[..., RunningFleet]) -> RunningFleet:
    """One camera, CAM01, with the default login."""
    return fleet_with()

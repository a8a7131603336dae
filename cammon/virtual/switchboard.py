"""Which faults are on, for one camera or for all behind one switch or recorder, and which light there is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cammon.clock import Clock
from cammon.virtual.faults import ALIASES, FAULTS
from cammon.virtual.model import CameraSpec
from cammon_coverage.model import Period


class Scope(StrEnum):
    """What a fault is given to."""

    CAMERA = "camera"
    SWITCH = "switch"
    RECORDER = "recorder"


class Light(StrEnum):
    """The light over the site; `auto` follows the clock."""

    DAY = "day"
    NIGHT = "night"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is on, its parameters complete, since when (wall clock, and seconds on the monotonic clock)."""

    name: str
    params: Mapping[str, float]
    since: datetime
    since_s: float


class UnknownName(LookupError):
    """A camera, switch, recorder or fault that does not exist; `known` lists those that do."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no {what} {name!r}")
        self.what = what
        self.name = name
        self.known = tuple(sorted(known))


class Switchboard:
    """The faults of a fleet. Not thread-safe: used on the fleet's event loop only."""

    def __init__(self, cameras: Iterable[CameraSpec], clock: Clock, daylight: Callable[[datetime], Period]) -> None:
        self._clock = clock
        self._daylight = daylight
        self._members: dict[tuple[Scope, str], tuple[str, ...]] = {}
        self._behind: dict[str, tuple[tuple[Scope, str], ...]] = {}
        self._on: dict[tuple[Scope, str], dict[str, ActiveFault]] = {}
        self.light = Light.AUTO
        for camera in cameras:
            self._enter(camera)

    def _enter(self, camera: CameraSpec) -> None:
        places = [(Scope.SWITCH, camera.switch), (Scope.RECORDER, camera.recorder), (Scope.CAMERA, camera.id)]
        keys = tuple((scope, name) for scope, name in places if name)
        self._behind[camera.id] = keys
        for key in keys:
            self._members[key] = (*self._members.get(key, ()), camera.id)

    def names(self, scope: Scope) -> tuple[str, ...]:
        """Every camera, switch or recorder there is."""
        return tuple(name for kind, name in self._members if kind is scope)

    def cameras(self, scope: Scope, name: str) -> tuple[str, ...]:
        """The cameras that a fault given to this thing reaches. UnknownName."""
        if (scope, name) not in self._members:
            raise UnknownName(scope.value, name, self.names(scope))
        return self._members[scope, name]

    def put(self, scope: Scope, name: str, fault: str, params: Mapping[str, object] | None = None) -> tuple[str, ...]:
        """Switch a fault on, or change its parameters; the cameras reached. UnknownName, BadParameter."""
        reached = self.cameras(scope, name)
        fault = _known(fault)
        complete = FAULTS[fault].complete(params or {})
        active = ActiveFault(fault, complete, self._clock.now(), self._clock.monotonic())
        self._on.setdefault((scope, name), {})[fault] = active
        return reached

    def clear(self, scope: Scope, name: str, fault: str | None = None) -> tuple[str, ...]:
        """Switch one fault off, or all of this thing; the cameras reached. One that is not on is no error."""
        reached = self.cameras(scope, name)
        if fault is None:
            self._on.pop((scope, name), None)
        else:
            self._on.get((scope, name), {}).pop(_known(fault), None)
        return reached

    def clear_all(self) -> tuple[str, ...]:
        """Repair everything; the cameras reached."""
        reached = {camera for key, faults in self._on.items() if faults for camera in self._members[key]}
        self._on.clear()
        return tuple(sorted(reached))

    def of(self, camera: str) -> dict[str, ActiveFault]:
        """The faults that this camera has now: its switch's, its recorder's and its own, the last of a name winning."""
        merged: dict[str, ActiveFault] = {}
        for key in self._behind[camera]:
            merged.update(self._on.get(key, {}))
        return merged

    def own(self, scope: Scope, name: str) -> Mapping[str, ActiveFault]:
        """The faults given to this very thing."""
        return self._on.get((scope, name), {})

    def period(self, at: datetime) -> Period:
        """Day or night at `at` under the light that is set."""
        if self.light is Light.AUTO:
            return self._daylight(at)
        return Period(self.light.value)


def _known(fault: str) -> str:
    name = ALIASES.get(fault, fault)
    if name not in FAULTS:
        raise UnknownName("fault", fault, FAULTS)
    return name

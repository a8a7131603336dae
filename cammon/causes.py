"""Incidents that share one cause: when everything behind one switch or recorder fails together, that one has failed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cammon.health import REACH_FAULTS
from cammon.sitefiles.model import LedgerCamera
from cammon.store.incidents import Incident

TOGETHER = timedelta(minutes=5)
"""Failures whose first bad readings lie this near to each other count as one. A dead camera behind a dead switch is
found at its next turn, so the span must hold the longest interval between looks."""
LEAST = 2
"""One camera alone is never called a switch."""
_KINDS = ("switch", "recorder")
_OUTSIDE = {fault.value for fault in REACH_FAULTS}


@dataclass(frozen=True, slots=True)
class Cause:
    """What failed: a camera, or the switch or recorder behind which everything failed. Incidents oldest first."""

    kind: str
    id: str
    incidents: tuple[Incident, ...]

    @property
    def since(self) -> datetime:
        """The first bad reading of all."""
        return min(incident.since for incident in self.incidents)


def causes(incidents: Sequence[Incident], cameras: Iterable[LedgerCamera]) -> tuple[Cause, ...]:
    """Open incidents grouped by cause, newest cause first."""
    left = list(incidents)
    found: list[Cause] = []
    for kind in _KINDS:
        for name, members in _behind(kind, cameras).items():
            group = _failed_together(left, members)
            if group:
                found.append(Cause(kind, name, group))
                left = [incident for incident in left if incident not in group]
    by_camera: dict[str, list[Incident]] = {}
    for incident in left:
        by_camera.setdefault(incident.camera, []).append(incident)
    found.extend(Cause("camera", camera, tuple(group)) for camera, group in by_camera.items())
    by_name = sorted(found, key=lambda cause: cause.id)
    return tuple(sorted(by_name, key=lambda cause: cause.since, reverse=True))


def _behind(kind: str, cameras: Iterable[LedgerCamera]) -> Mapping[str, set[str]]:
    """The cameras behind each switch or recorder; those that are not probed tell nothing."""
    members: dict[str, set[str]] = {}
    for camera in cameras:
        name = camera.switch if kind == "switch" else camera.recorder
        if name and camera.host is not None:
            members.setdefault(name, set()).add(camera.id)
    return {name: group for name, group in members.items() if len(group) >= LEAST}


def _failed_together(incidents: Iterable[Incident], members: Collection[str]) -> tuple[Incident, ...]:
    """The incidents by which all members stopped answering within one span; empty when some did not."""
    lost = sorted(
        (one for one in incidents if one.camera in members and one.fault in _OUTSIDE),
        key=lambda incident: incident.since,
    )
    if {incident.camera for incident in lost} != set(members):
        return ()
    return tuple(lost) if lost[-1].since - lost[0].since <= TOGETHER else ()

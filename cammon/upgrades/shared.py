"""When everything behind one switch, recorder, power circuit or box fails together, the fault is in that thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cammon.health import REACH_FAULTS, VIDEO_FAULTS
from cammon.sitefiles.model import LedgerCamera
from cammon.upgrades.model import OpenFault
from cammon_probes.model import LOGIN_FAULTS, Fault

TRANSPORT_FAULTS = (REACH_FAULTS | VIDEO_FAULTS) - LOGIN_FAULTS - {Fault.FORBIDDEN, Fault.TLS_UNTRUSTED}
"""What a camera shows when the way to it is broken."""
KINDS = ("switch", "recorder", "power", "device")
"""In this order where two things explain the same cameras."""
TOGETHER = timedelta(minutes=5)
"""First bad readings this close have failed together: probes of one camera come up to minutes apart."""


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """One thing whose failure explains the transport faults of all cameras behind it."""

    kind: str
    id: str
    cameras: tuple[str, ...]
    since: datetime | None


def shared_failures(
    cameras: Iterable[LedgerCamera],
    faults: Mapping[str, Sequence[OpenFault]],
    together: timedelta = TOGETHER,
) -> tuple[SharedFailure, ...]:
    """The shared things that failed, the one that explains most cameras first; each camera is explained once.

    A thing needs at least two probed cameras behind it, all of them with a transport fault that began within
    `together` of each other.
    """
    found = [
        failure
        for (kind, thing), members in _behind(cameras).items()
        if (failure := _failure(kind, thing, members, faults, together)) is not None
    ]
    found.sort(key=lambda failure: (-len(failure.cameras), KINDS.index(failure.kind), failure.id))
    explained: set[str] = set()
    kept = []
    for failure in found:
        if not explained.intersection(failure.cameras):
            kept.append(failure)
            explained.update(failure.cameras)
    return tuple(kept)


def _behind(cameras: Iterable[LedgerCamera]) -> dict[tuple[str, str], list[str]]:
    things: dict[tuple[str, str], list[str]] = {}
    for camera in cameras:
        if camera.host is None:
            continue
        for kind in KINDS:
            thing = getattr(camera, kind)
            if thing:
                things.setdefault((kind, thing), []).append(camera.id)
    return things


def _failure(
    kind: str, thing: str, members: Sequence[str], faults: Mapping[str, Sequence[OpenFault]], together: timedelta
) -> SharedFailure | None:
    began: list[datetime] = []
    for member in members:
        own = [fault for fault in faults.get(member, ()) if fault.fault in TRANSPORT_FAULTS]
        if not own:
            return None
        began.extend(fault.since for fault in own if fault.since is not None)
    if len(members) < 2 or (began and max(began) - min(began) > together):
        return None
    return SharedFailure(kind, thing, tuple(sorted(members)), min(began, default=None))

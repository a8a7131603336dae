"""What hangs on one thread: what is lost with one camera, device, switch, recorder or power circuit."""

from collections.abc import Mapping, Sequence

from cammon_coverage.model import Camera, Thread
from cammon_coverage.parts import Part
from cammon_coverage.places import Ask, Tolerance

KINDS = ("camera", "device", "switch", "recorder", "power")


def threads_of(
    covered: Sequence[tuple[Ask, Mapping[str, Part]]], cameras: Mapping[str, Camera], tolerance: Tolerance, places: int
) -> tuple[Thread, ...]:
    """The threads of the covered places (each with what every working camera sees of it), the heaviest first.

    `places` is the number of all key places: `share_lost` is by how much the coverage ratio would drop.
    """
    lost: dict[tuple[str, str], list[str]] = {}
    for ask, parts in covered:
        for thing in _needed(ask, parts, cameras, tolerance):
            lost.setdefault(thing, []).append(ask.place.id)
    found = [Thread(kind, name, tuple(ids), len(ids) / places) for (kind, name), ids in lost.items()]
    return tuple(sorted(found, key=lambda thread: (-len(thread.places), KINDS.index(thread.kind), thread.id)))


def _needed(
    ask: Ask, parts: Mapping[str, Part], cameras: Mapping[str, Camera], tolerance: Tolerance
) -> list[tuple[str, str]]:
    """The things without which a covered place would not be covered."""
    device_of = {camera: cameras[camera].device for camera in parts}
    alone = _seen_whole_by(ask, parts)
    decided: dict[frozenset[str], bool] = {}
    needed = []
    for thing, members in _things(parts, cameras).items():
        if members not in decided:
            rest = {camera: part for camera, part in parts.items() if camera not in members}
            decided[members] = not (
                len({device_of[camera] for camera in alone - members}) >= ask.place.redundancy
                or ask.covered_by(ask.seen_by_devices(rest, device_of), tolerance)
            )
        if decided[members]:
            needed.append(thing)
    return needed


def _seen_whole_by(ask: Ask, parts: Mapping[str, Part]) -> set[str]:
    """Cameras that see all of the place by themselves: with enough of them left nothing needs to be joined."""
    return {camera for camera, part in parts.items() if ask.share(part) >= 1.0}


def _things(parts: Mapping[str, Part], cameras: Mapping[str, Camera]) -> dict[tuple[str, str], frozenset[str]]:
    """Every thing behind the cameras of some parts, and which of these cameras hang on it."""
    members: dict[tuple[str, str], set[str]] = {}
    for camera in parts:
        for kind in KINDS:
            name = camera if kind == "camera" else getattr(cameras[camera], kind)
            if name is not None:
                members.setdefault((kind, name), set()).add(camera)
    return {thing: frozenset(cameras) for thing, cameras in members.items()}

"""A move is an action before it has a place in the list: what it ends, what it brings, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cammon.sight import BLIND_FAULTS, UNKNOWN_FAULTS
from cammon.sitefiles.model import LedgerCamera, Site
from cammon.upgrades.model import Action, Evidence, OpenFault, Why
from cammon.upgrades.remedies import cost_of_all, remedy_of_all
from cammon.upgrades.shared import TRANSPORT_FAULTS, SharedFailure
from cammon_coverage.model import Camera, Sight, SightState
from cammon_probes.model import Fault

HARMLESS_FAULTS = frozenset({Fault.CLOCK_SKEW, Fault.FIRMWARE_CHANGED})
"""The camera sees all the same."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can be done.

    `ends`: camera -> faults that are over afterwards. `retires`: the camera whose lens is taken down.
    `brings`: the lens that hangs there instead, or the new camera, under an id of its own.
    `optional`: only worth a row when it gains something.
    `survives`: faults of the retired camera that sit elsewhere (a dead switch) and outlive it.
    """

    id: str
    action: Action
    why: Why
    kind: str
    subject: str
    name: str
    cameras: tuple[str, ...]
    cost: float
    evidence: tuple[Evidence, ...] = ()
    target_model: str = ""
    ends: Mapping[str, frozenset[Fault]] = field(default_factory=dict)
    retires: str | None = None
    brings: Camera | None = None
    optional: bool = False
    survives: frozenset[Fault] = frozenset()


def broken_moves(
    site: Site, faults: Mapping[str, Sequence[OpenFault]], shared: Sequence[SharedFailure]
) -> tuple[Move, ...]:
    """One move for each shared thing that failed, and one for each camera with faults that no such thing explains."""
    moves = [_shared_move(site, failure, faults) for failure in shared]
    explained = {camera for failure in shared for camera in failure.cameras}
    for camera in site.cameras:
        own = [
            fault
            for fault in faults.get(camera.id, ())
            if camera.id not in explained or fault.fault not in TRANSPORT_FAULTS
        ]
        if own:
            moves.append(_camera_move(site, camera, own))
    return tuple(moves)


def _camera_move(site: Site, camera: LedgerCamera, own: Sequence[OpenFault]) -> Move:
    names = frozenset(fault.fault for fault in own)
    return Move(
        id=f"fix/{camera.id}",
        action=remedy_of_all(names),
        why=Why.BROKEN,
        kind="camera",
        subject=camera.id,
        name=camera.name,
        cameras=(camera.id,),
        cost=cost_of_all(names, site.lifecycle.cost),
        evidence=tuple(fault_evidence(fault) for fault in own),
        ends={camera.id: names},
    )


def _shared_move(site: Site, failure: SharedFailure, faults: Mapping[str, Sequence[OpenFault]]) -> Move:
    since: dict[str, str | float] = {} if failure.since is None else {"since": failure.since.isoformat()}
    params: dict[str, str | float] = {"kind": failure.kind, "id": failure.id, "cameras": len(failure.cameras)}
    return Move(
        id=f"fix/{failure.kind}/{failure.id}",
        action=Action.REPAIR,
        why=Why.BROKEN,
        kind=failure.kind,
        subject=failure.id,
        name=failure.id,
        cameras=failure.cameras,
        cost=site.lifecycle.cost.get(Action.REPAIR, 0.0),
        evidence=(Evidence("shared_failure", {**params, **since}),),
        ends=explained_faults(failure, faults),
    )


def explained_faults(failure: SharedFailure, faults: Mapping[str, Sequence[OpenFault]]) -> dict[str, frozenset[Fault]]:
    """Camera -> its faults that are over once the shared thing works again."""
    return {
        camera: frozenset(fault.fault for fault in faults[camera] if fault.fault in TRANSPORT_FAULTS)
        for camera in failure.cameras
    }


def fault_evidence(fault: OpenFault) -> Evidence:
    """The evidence of a confirmed fault."""
    params: dict[str, str | float] = {"fault": fault.fault.value}
    if fault.since is not None:
        params["since"] = fault.since.isoformat()
    return Evidence("fault", params)


def view_evidence(model: str, camera: Camera) -> Evidence:
    """How a camera of this model is to hang and look."""
    pose, hfov_deg = camera.pose, camera.lens.hfov_deg
    where = {"azimuth_deg": pose.azimuth_deg, "tilt_deg": pose.tilt_deg, "height_m": pose.height_m}
    return Evidence("view", {"model": model, **where, "hfov_deg": hfov_deg})


def sights_after(
    moves: Sequence[Move],
    sights: Mapping[str, Sight],
    faults: Mapping[str, Sequence[OpenFault]],
    variants: Sequence[Camera],
) -> dict[str, Sight]:
    """What every camera sees once these moves are done; lenses that no move brings see nothing."""
    after = {**sights, **{camera.id: Sight(SightState.BLIND, "not_there") for camera in variants}}
    ended: dict[str, frozenset[Fault]] = {}
    for move in moves:
        for camera, names in move.ends.items():
            ended[camera] = ended.get(camera, frozenset()) | names
    for camera, names in ended.items():
        rest = [fault.fault for fault in faults.get(camera, ()) if fault.fault not in names]
        after[camera] = _sight_with(rest, sights.get(camera, Sight()))
    for move in moves:
        left = move.survives
        if move.retires is not None:
            left = left - ended.get(move.retires, frozenset())
            after[move.retires] = Sight(SightState.BLIND, "retired")
        if move.brings is not None:
            after[move.brings.id] = _sight_with(sorted(left), Sight(SightState.UNKNOWN))
    return after


def _sight_with(left: Sequence[Fault], before: Sight) -> Sight:
    """What a camera sees with these faults left. How much a blur takes is not known while nothing could be seen."""
    left = [fault for fault in left if fault not in HARMLESS_FAULTS]
    if not left:
        return Sight()
    for names, state in ((BLIND_FAULTS, SightState.BLIND), (UNKNOWN_FAULTS, SightState.UNKNOWN)):
        for fault in left:
            if fault in names:
                return Sight(state, fault.value)
    if before.state is SightState.SEES:
        return replace(before, cause=left[0].value)
    return Sight(SightState.UNKNOWN, left[0].value)

"""The state of a fleet as plain values, for the control and for tests."""

from typing import TYPE_CHECKING, Any

from cammon.virtual.switchboard import ActiveFault, Scope

if TYPE_CHECKING:
    from cammon.virtual.fleet import Fleet


def state_of(fleet: "Fleet") -> dict[str, Any]:
    """Cameras with addresses, faults, sessions and failed logins; what is on for switches and recorders; the light."""
    board = fleet.switchboard
    return {
        "light": board.light.value,
        "cameras": {camera_id: _camera(fleet, camera_id) for camera_id in fleet.cameras},
        "switches": {name: _group(fleet, Scope.SWITCH, name) for name in board.names(Scope.SWITCH)},
        "recorders": {name: _group(fleet, Scope.RECORDER, name) for name in board.names(Scope.RECORDER)},
    }


def _camera(fleet: "Fleet", camera_id: str) -> dict[str, Any]:
    camera, box = fleet.cameras[camera_id], fleet.box(camera_id)
    accounts = box.station.gate.accounts
    return {
        "address": camera.host,
        "rtsp_scheme": box.station.rtsp_scheme,
        "onvif_scheme": box.station.onvif_scheme,
        "rtsp_port": box.station.rtsp_port,
        "rtsp_path": camera.main.path,
        "sub_path": None if camera.sub is None else camera.sub.path,
        "onvif_port": box.station.onvif_port,
        "switch": camera.switch,
        "recorder": camera.recorder,
        "reach": box.reach.value,
        "faults": {name: _fault(fault) for name, fault in fleet.switchboard.of(camera_id).items()},
        "sessions": len(box.station.sessions),
        "failed_logins": sum(accounts.failed.values()),
        "locked": [name for name in accounts.failed if accounts.locked_s(name) > 0],
    }


def _group(fleet: "Fleet", scope: Scope, name: str) -> dict[str, Any]:
    own = fleet.switchboard.own(scope, name)
    return {
        "cameras": list(fleet.switchboard.cameras(scope, name)),
        "down": "power_loss" in own,
        "faults": {fault.name: _fault(fault) for fault in own.values()},
    }


def _fault(fault: ActiveFault) -> dict[str, Any]:
    return {"since": fault.since.isoformat(), "parameters": dict(fault.params)}

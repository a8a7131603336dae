"""The same answers as JSON. The shapes are documented in docs/pages.md and stay."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from cammon_coverage.model import Reason
from cammon_web import context, figures, words
from cammon_web.desk import (
    CameraRow,
    DeclaredOnlyRow,
    DeclaredRow,
    IncidentGroup,
    IncidentRow,
    Looking,
    PlaceRow,
    RatioRow,
    StatusView,
    ThreadRow,
    UpgradeRow,
)

api = Blueprint("api", __name__, url_prefix="/api")
Shape = dict[str, Any]


@api.get("/status")
def status() -> Response:
    """The first screen."""
    return jsonify(site=_site(), **_status(context.desk().status()))


@api.get("/cameras")
def cameras() -> Response:
    """All cameras, worst first."""
    return jsonify(site=_site(), cameras=[_camera(row) for row in context.desk().cameras()])


@api.get("/places")
def places() -> Response:
    """All key places, worst first."""
    return jsonify(site=_site(), places=[_place(row) for row in context.desk().places()])


@api.get("/upgrades")
def upgrades() -> Response:
    """The upgrade list, best first."""
    return jsonify(site=_site(), upgrades=[_upgrade(row) for row in context.desk().upgrades()])


def _site() -> Shape:
    site = context.site()
    return {"id": site.id, "name": site.name, "time_zone": str(site.time_zone), "at": _time(context.now())}


def _status(view: StatusView) -> Shape:
    return {
        "looking": _looking(view.looking),
        "period": view.period,
        "dark": [_place(row) for row in view.dark],
        "shift_began": _time(view.shift_began),
        "new": [_group(group) for group in view.new],
        "open": [_group(group) for group in view.open],
        "coverage": [_ratio(row) for row in view.ratios],
        "threads": [_thread(row) for row in view.threads],
        "health": {state.value: count for state, count in view.health.items()},
        "declared_only": [_declared_only(row) for row in view.declared_only],
    }


def _looking(looking: Looking) -> Shape:
    return {
        "running": looking.running,
        "cause": looking.cause,
        "doubts": looking.doubts,
        "since": _time(looking.since),
        "last_reading_at": _time(looking.last_reading_at),
        "age_s": looking.age_s,
        "cameras": looking.cameras,
        "looked_at": looking.looked_at,
        "late_s": looking.late_s,
    }


def _camera(row: CameraRow) -> Shape:
    return {
        "id": row.id,
        "name": row.name,
        "health": row.health,
        "faults": list(row.faults),
        "since": _time(row.since),
        "last_looked_at": _time(row.last_looked_at),
        "picture": row.picture,
        "picture_at": _time(row.picture_at),
        "zone": row.zone,
        "device": row.device,
        "switch": row.switch,
        "recorder": row.recorder,
        "has_pose": row.has_pose,
    }


def _place(row: PlaceRow) -> Shape:
    return {
        "id": row.id,
        "name": row.name,
        "priority": row.priority,
        "level_px_per_m": row.level_px_per_m,
        "state": row.state,
        "share": row.share,
        "since": _time(row.since),
        "reasons": [_reason(reason) for reason in row.reasons],
        "cameras": [camera.id for camera in row.cameras],
        "design": {"day": row.design_day, "night": row.design_night},
        "owner": row.owner,
        "declared": [_declared(one) for one in row.declared],
    }


def _declared(row: DeclaredRow) -> Shape:
    return {
        "camera": row.camera,
        "agreement": row.agreement,
        "share": row.share,
        "works": row.works,
        "reasons": [_reason(reason) for reason in row.reasons],
    }


def _declared_only(row: DeclaredOnlyRow) -> Shape:
    return {
        "basis": row.basis,
        "period": row.period,
        "places": row.places,
        "contradicted": row.contradicted,
        "of": row.of,
    }


def _group(group: IncidentGroup) -> Shape:
    return {
        "kind": group.kind,
        "id": group.id,
        "since": _time(group.since),
        "incidents": [_incident(incident) for incident in group.incidents],
    }


def _incident(row: IncidentRow) -> Shape:
    return {
        "id": row.id,
        "camera": row.camera,
        "fault": row.fault,
        "since": _time(row.since),
        "confirmed_at": _time(row.confirmed_at),
        "closed_at": _time(row.closed_at),
        "picture": row.picture,
        "acknowledged_by": row.acknowledged_by,
        "note": row.note,
        "places": list(row.places),
    }


def _ratio(row: RatioRow) -> Shape:
    return {
        "basis": row.basis,
        "period": row.period,
        "ratio": row.ratio,
        "weighted_ratio": row.weighted_ratio,
        "area_share": row.area_share,
        "covered": row.covered,
        "places": row.places,
    }


def _thread(row: ThreadRow) -> Shape:
    return {"kind": row.kind, "id": row.id, "name": row.name, "places": list(row.places)}


def _upgrade(row: UpgradeRow) -> Shape:
    return {
        "rank": row.rank,
        "action": row.action,
        "reason": row.reason,
        "kind": row.kind,
        "camera": row.camera,
        "camera_name": row.camera_name,
        "target_model": row.target_model,
        "cost": row.cost,
        "currency": row.currency,
        "evidence": _evidence(row.evidence),
        "gains": [
            {"place": gain.place, "name": gain.name, "priority": gain.priority, "period": gain.period}
            for gain in row.gains
        ],
        "cumulative": row.cumulative,
        "together_with": list(row.together_with),
    }


def _evidence(evidence: Iterable[Reason | tuple[str, Mapping[str, str | float]]]) -> list[Shape]:
    return [_reason(item) if isinstance(item, Reason) else _coded(item[0], item[1]) for item in evidence]


def _reason(reason: Reason) -> Shape:
    return _coded(reason.code, reason.params)


def _coded(code: str, params: Mapping[str, str | float]) -> Shape:
    """A code with its parameters, and the sentence in the reader's language beside it."""
    sentence = words.code_sentence(code, params, context.language(), context.names(), context.site().time_zone)
    return {"code": str(code), "params": dict(params), "sentence": sentence}


def _time(at: datetime | None) -> str | None:
    return figures.machine_time(at) if at else None

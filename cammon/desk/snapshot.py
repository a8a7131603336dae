"""From what is so now to what Prometheus reads."""

from collections import Counter
from collections.abc import Mapping, Sequence

from cammon.agreement import Opinions, declared_only
from cammon.health import REACH_FAULTS, VIDEO_FAULTS, Health
from cammon.metrics import CameraState, MetricsSnapshot, PlaceState, Ratios
from cammon.service.channels import fewer_channels
from cammon.service.present import Present
from cammon.sight import UNKNOWN_FAULTS
from cammon.sitefiles.model import LedgerCamera, Severity, Site
from cammon_coverage.model import Basis, Period
from cammon_probes.model import Fault, ProbeKind
from cammon_web.desk import CameraRow, IncidentGroup, Looking

DAY_S = 86_400.0


def metrics_snapshot(
    site: Site,
    present: Present,
    looking: Looking,
    groups: Sequence[IncidentGroup],
    rows: Sequence[CameraRow],
    opinions: Opinions,
) -> MetricsSnapshot:
    """Everything that /metrics tells of a site now."""
    answers = present.answers
    last = looking.last_reading_at
    return MetricsSnapshot(
        site=site.id,
        looking=looking.running and looking.cause in ("", "starting"),
        period=answers.period,
        late_s=looking.late_s,
        doubt=looking.cause if looking.doubts else "",
        doubt_since=None if looking.since is None else looking.since.timestamp(),
        last_reading_at=None if last is None else last.timestamp(),
        cameras=tuple(_camera(camera, present) for camera in site.cameras),
        places=_places(site, present),
        ratios={
            key: Ratios(answer.ratio, answer.weighted_ratio, answer.area_share)
            for key, answer in answers.by_basis.items()
        },
        incidents=_incidents(groups),
        cameras_by_health=Counter(row.health.value for row in rows),
        probes=present.probes,
        missing_channels={
            one.recorder: one.ledger - one.listed for one in fewer_channels(site.cameras, present.devices)
        },
        weather_cameras=0 if present.weather is None else len(present.weather.cameras),
        site_problems=sum(problem.severity is Severity.ROW for problem in site.problems),
        declared={
            (place, period): Counter(one.agreement.value for one in opinions.of(place, period))
            for period, said in opinions.by_period.items()
            for place in said
        },
        declared_only={
            (row.basis, row.period): row.places
            for row in (declared_only(site, answers, opinions) if opinions.by_period else ())
        },
    )


def _camera(camera: LedgerCamera, present: Present) -> CameraState:
    health = present.healths.get(camera.id, Health())
    facts = present.devices.get(camera.id)
    trend = present.trends.get(camera.id)
    return CameraState(
        id=camera.id,
        up=_up(health),
        faults=_own_faults(camera.id, health, present),
        read_at={kind: at.timestamp() for kind, at in health.looked_at.items()},
        clock_offset_s=None if facts is None else facts.clock_offset_s,
        info=_info(camera),
        dirty_in_s=None if trend is None else trend.days_left * DAY_S,
    )


def _own_faults(camera: str, health: Health, present: Present) -> tuple[Fault, ...]:
    """The confirmed faults of a camera, without what the weather of the whole site does to it."""
    weather = present.weather
    return tuple(
        track.fault
        for track in health.confirmed
        if weather is None or not weather.explains(camera, track.fault, track.since)
    )


def _up(health: Health) -> bool | None:
    """Whether the camera answers with video; unknown before any look and while cammon may not look.

    A suspicion keeps the last confirmed state.
    """
    confirmed = {track.fault for track in health.confirmed}
    if confirmed & UNKNOWN_FAULTS:
        return None
    if confirmed & (REACH_FAULTS | VIDEO_FAULTS):
        return False
    return True if ProbeKind.LIVENESS in health.good_at or ProbeKind.PICTURE in health.good_at else None


def _info(camera: LedgerCamera) -> Mapping[str, str]:
    return {
        "name": camera.name,
        "model": camera.model,
        "zone": camera.zone,
        "switch": camera.switch or "",
        "recorder": camera.recorder or "",
        "tier": camera.tier,
    }


def _places(site: Site, present: Present) -> tuple[PlaceState, ...]:
    by_place: dict[str, dict[tuple[Basis, Period], tuple[bool | None, float | None]]] = {
        place.id: {} for place in site.scene.key_places
    }
    for key, answer in present.answers.by_basis.items():
        known = answer.ratio is not None
        for one in answer.places:
            by_place[one.place][key] = (one.covered, one.share) if known else (None, None)
    return tuple(
        PlaceState(
            id=place.id,
            name=place.name,
            priority=place.priority,
            level_px_per_m=place.level_px_per_m,
            covered={key: covered for key, (covered, _) in by_place[place.id].items()},
            share={key: share for key, (_, share) in by_place[place.id].items()},
        )
        for place in site.scene.key_places
    )


def _incidents(groups: Sequence[IncidentGroup]) -> Mapping[str, int]:
    """Open causes by kind; the kinds that people alert on are there also while they are 0."""
    counted = Counter(group.kind for group in groups)
    return {kind: counted[kind] for kind in sorted({"camera", "switch", "recorder", *counted})}

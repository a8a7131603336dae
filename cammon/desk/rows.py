"""Rows of cameras, key places, incidents and upgrades from what is so now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import shapely

from cammon.agreement import Opinions, works
from cammon.causes import Cause
from cammon.health import Health
from cammon.service.present import Present
from cammon.sight import NOT_LOOKED_AT, SELF_DOUBT, TURNED
from cammon.sitefiles.model import Contact, LedgerCamera, Mask, Site
from cammon.store.incidents import Incident
from cammon.trend import Comparison, Trend
from cammon.upgrades.foreseen import trend_evidence
from cammon_coverage.model import Basis, KeyPlace, Period, PlaceAnswer, Reason, ReasonCode, SiteAnswer
from cammon_web.desk import (
    CameraRow,
    ComparedRow,
    DeclaredRow,
    HealthState,
    IncidentGroup,
    IncidentRow,
    MaskView,
    PlaceRow,
    PlaceState,
    RatioRow,
    TurnedView,
)

WORST_FIRST = {HealthState.FAULTY: 0, HealthState.SUSPECT: 1, HealthState.UNKNOWN: 2, HealthState.OK: 3}
DARKEST_FIRST = {PlaceState.DARK: 0, PlaceState.PARTLY: 1, PlaceState.UNKNOWN: 2, PlaceState.COVERED: 3}


def camera_row(site: Site, present: Present, camera: LedgerCamera) -> CameraRow:
    """One camera as it is now."""
    health = present.healths.get(camera.id, Health())
    tracks = health.confirmed or health.suspected
    sight = present.answers.sights.get(camera.id)
    stale = sight is not None and sight.cause in (NOT_LOOKED_AT, SELF_DOUBT) and not health.confirmed
    picture = present.pictures.get(camera.id)
    return CameraRow(
        id=camera.id,
        name=camera.name,
        health=HealthState.UNKNOWN if stale and not tracks else health.state,
        faults=tuple(track.fault.value for track in tracks),
        since=min((track.since for track in tracks), default=health.since),
        last_looked_at=max(health.looked_at.values(), default=None),
        picture=picture[0] if picture else None,
        picture_at=picture[1] if picture else None,
        zone=camera.zone,
        device=camera.device,
        switch=camera.switch or "",
        recorder=camera.recorder or "",
        maintainer=camera.maintainer,
        phone=camera.phone,
        has_pose=camera.pose is not None,
    )


def camera_rows(site: Site, present: Present) -> tuple[CameraRow, ...]:
    """All cameras, worst first."""
    rows = [camera_row(site, present, camera) for camera in site.cameras]
    return tuple(sorted(rows, key=lambda row: (WORST_FIRST[row.health], row.id)))


def mask_view(mask: Mask) -> MaskView:
    """One privacy mask."""
    rings = shapely.get_rings(shapely.get_parts(mask.outline))
    return MaskView(mask.name, tuple(tuple((round(x, 5), round(y, 5)) for x, y in ring.coords) for ring in rings))


def turned_view(present: Present, camera: str) -> TurnedView | None:
    """How far a camera was turned whose accepted view is not that of the ledger."""
    turn, sight = present.healths.get(camera, Health()).turned, present.answers.sights.get(camera)
    if turn is None or sight is None or sight.cause != TURNED:
        return None
    now = turn.now
    if now is None:
        return TurnedView(turn.change)
    return TurnedView(turn.change, now.azimuth_deg, now.tilt_deg, now.hfov_deg)


def trend_row(trend: Trend | None) -> tuple[str, Mapping[str, str | float]] | None:
    """What a camera's pictures are heading for, as a piece of evidence."""
    if trend is None:
        return None
    evidence = trend_evidence(trend)
    return evidence.code, evidence.params


def compared_rows(found: Comparison | None) -> tuple[ComparedRow, ...]:
    """The last day against the same hours of the past weeks."""
    if found is None:
        return ()
    shares = {"sharpness": found.sharpness, "contrast": found.contrast, "luma": found.luma}
    return tuple(ComparedRow(measure, share) for measure, share in shares.items())


def picture_size(site: Site, camera: LedgerCamera) -> tuple[int, int]:
    """The shape of a camera's picture: as its lens has it, else its stream as the ledger says, else 16 to 9."""
    lens = next((one.lens for one in site.scene.cameras if one.id == camera.id), None)
    if lens is not None:
        return lens.width_px, lens.height_px
    return camera.expected.width_px or 16, camera.expected.height_px or 9


def place_rows(site: Site, present: Present, opinions: Opinions) -> tuple[PlaceRow, ...]:
    """All key places in the present light: not covered first, by priority, longest first."""
    answers = present.answers
    answer = answers.by_basis.get((Basis.EFFECTIVE, answers.period))
    if answer is None:
        return ()
    cameras = {row.id: row for row in camera_rows(site, present)}
    places = {place.id: place for place in site.scene.key_places}
    rows = [
        replace(
            _place_row(site, present, places[one.place], one, cameras),
            declared=_declared_rows(present, opinions, one.place, cameras),
        )
        for one in answer.places
    ]
    far = max((row.since for row in rows if row.since), default=answers.at)
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                row.state is PlaceState.COVERED,
                row.priority,
                DARKEST_FIRST[row.state],
                row.since or far,
                row.id,
            ),
        )
    )


def _place_row(
    site: Site, present: Present, place: KeyPlace, answer: PlaceAnswer, cameras: Mapping[str, CameraRow]
) -> PlaceRow:
    period = present.answers.period
    designs = {one: _answer_of(present.answers.by_basis.get((Basis.DESIGN, one)), place.id) for one in Period}
    design_now = designs[period]
    seen_by = [seen.camera for seen in (*answer.seen_by, *(design_now.seen_by if design_now else ()))]
    covered = answer.covered is True
    contact = site.contacts.get(place.id, Contact(place.owner))
    return PlaceRow(
        id=place.id,
        name=place.name,
        priority=place.priority,
        level_px_per_m=place.level_px_per_m,
        state=place_state(answer),
        share=answer.share,
        since=None if covered else present.places_since.get((place.id, Basis.EFFECTIVE, period)),
        reasons=answer.reasons,
        cameras=tuple(cameras[camera] for camera in dict.fromkeys(seen_by) if camera in cameras),
        design_day=_is_covered(designs[Period.DAY]),
        design_night=_is_covered(designs[Period.NIGHT]),
        owner=contact.name,
        phone=contact.phone,
    )


def _declared_rows(
    present: Present, opinions: Opinions, place: str, cameras: Mapping[str, CameraRow]
) -> tuple[DeclaredRow, ...]:
    answers = present.answers
    return tuple(
        DeclaredRow(
            camera=one.camera,
            name=cameras[one.camera].name,
            agreement=one.agreement,
            share=one.share,
            works=works(answers, one.camera),
            reasons=one.reasons,
        )
        for one in opinions.of(place, answers.period)
    )


def place_state(answer: PlaceAnswer) -> PlaceState:
    """The state of a key place, from its effective answer."""
    if answer.covered is None:
        return PlaceState.UNKNOWN
    if answer.covered:
        return PlaceState.COVERED
    return PlaceState.PARTLY if answer.share > 0 else PlaceState.DARK


def _answer_of(answer: SiteAnswer | None, place: str) -> PlaceAnswer | None:
    if answer is None:
        return None
    return next((one for one in answer.places if one.place == place), None)


def _is_covered(answer: PlaceAnswer | None) -> bool:
    return answer is not None and answer.covered is True


def ratio_rows(present: Present) -> tuple[RatioRow, ...]:
    """The four figures, design before effective, day before night."""
    return tuple(
        RatioRow(
            basis=basis,
            period=period,
            ratio=answer.ratio,
            weighted_ratio=answer.weighted_ratio,
            area_share=answer.area_share,
            covered=sum(place.covered is True for place in answer.places),
            places=len(answer.places),
        )
        for basis in Basis
        for period in Period
        if (answer := present.answers.by_basis.get((basis, period))) is not None
    )


def incident_row(incident: Incident, names: Mapping[str, str], places: Iterable[str] = ()) -> IncidentRow:
    """One incident."""
    return IncidentRow(
        id=incident.id,
        camera=incident.camera,
        camera_name=names.get(incident.camera, incident.camera),
        fault=incident.fault,
        since=incident.since,
        confirmed_at=incident.confirmed_at,
        closed_at=incident.closed_at,
        picture=incident.picture,
        acknowledged_by=incident.acknowledged_by,
        note=incident.note,
        places=tuple(places),
    )


def groups(site: Site, present: Present, found: Sequence[Cause]) -> tuple[IncidentGroup, ...]:
    """Causes as pages show them, each incident with the key places that it costs."""
    names = {camera.id: camera.name for camera in site.cameras}
    cost = places_lost(site, present)
    return tuple(
        IncidentGroup(
            kind=cause.kind,
            id=cause.id,
            since=cause.since,
            incidents=tuple(incident_row(one, names, cost.get(one.camera, ())) for one in cause.incidents),
        )
        for cause in found
    )


def places_lost(site: Site, present: Present) -> dict[str, tuple[str, ...]]:
    """By camera: names of the key places that are not covered now and whose reasons name this camera as faulty."""
    answer = present.answers.by_basis.get((Basis.EFFECTIVE, present.answers.period))
    names = {place.id: place.name for place in site.scene.key_places}
    lost: dict[str, list[str]] = {}
    for place in answer.places if answer else ():
        for reason in place.reasons:
            if place.covered is not True and _blames(reason):
                lost.setdefault(str(reason.params["camera"]), []).append(names[place.place])
    return {camera: tuple(dict.fromkeys(places)) for camera, places in lost.items()}


def _blames(reason: Reason) -> bool:
    return reason.code in (ReasonCode.CAMERA_FAULTY, ReasonCode.CAMERA_UNKNOWN)

"""The desk of one site: answers from the service's present and from its store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from cammon import metrics
from cammon.agreement import Opinions, declared_only, opinions_of
from cammon.causes import causes
from cammon.hanging import told_once
from cammon.health import Health
from cammon.service.channels import fewer_channels
from cammon.service.present import Answers
from cammon.service.service import Service
from cammon.sight import STALE_AFTER
from cammon.sitefiles.crosscheck import recorder_lists_fewer
from cammon.sitefiles.model import LedgerCamera, Severity
from cammon.sitefiles.words import place, remedy
from cammon.store import accounts, devices, incidents, pictures, readings, references, trends
from cammon.store.opening import Store
from cammon.trend import COMPARED_WEEKS, compared
from cammon.upgrades.export import as_row
from cammon_coverage.engine import CoverageModel
from cammon_probes.model import ProbeKind
from cammon_web.desk import (
    CameraRow,
    CameraView,
    FirstView,
    HealthState,
    IncidentGroup,
    LoginRefused,
    Looking,
    MapView,
    Picture,
    PlaceRow,
    ProblemRow,
    SiteView,
    StatusView,
    ThreadRow,
    UpgradeRow,
    User,
)

from .mapview import map_view
from .rows import (
    camera_row,
    camera_rows,
    compared_rows,
    groups,
    incident_row,
    mask_view,
    picture_size,
    place_rows,
    ratio_rows,
    trend_row,
    turned_view,
)
from .snapshot import metrics_snapshot

LATE_S = 30.0
"""From this lateness on the page says that cammon is behind."""
COMPARED_FROM = timedelta(weeks=COMPARED_WEEKS, days=1)


class SiteDesk:
    """Everything that pages may ask of one running service."""

    def __init__(self, service: Service, store: Store, metrics_token: str | None = None) -> None:
        self._service = service
        self._store = store
        self._token = metrics_token
        self._started_at = service.clock.now()
        self._said: tuple[CoverageModel | None, Opinions] | None = None
        self._map: tuple[Answers, Mapping[str, Health], MapView | None] | None = None

    def site(self) -> SiteView:
        """Name, language, time zone."""
        site = self._service.site
        aside = sum(problem.severity is Severity.ROW for problem in site.problems)
        return SiteView(site.id, site.name, site.language, site.time_zone, site.currency, aside)

    def looking(self) -> Looking:
        """Is cammon itself looking?"""
        now, present = self._service.clock.now(), self._service.present
        last, late_s = present.last_reading_at, self._service.late_s()
        probed = [camera for camera in self._service.site.cameras if camera.host is not None]
        looked_at = sum(self._is_fresh(camera, now) for camera in probed)
        cause, doubt = "", self._service.doubt()
        if not self._service.running:
            cause = "stopped"
        elif doubt is not None:
            cause = doubt.cause.value
        elif late_s > LATE_S:
            cause = "late"
        elif looked_at < len(probed) and now - self._started_at < timedelta(seconds=LATE_S):
            cause = "starting"
        return Looking(
            at=now,
            running=self._service.running,
            last_reading_at=last,
            age_s=None if last is None else (now - last).total_seconds(),
            cameras=len(probed),
            looked_at=looked_at,
            late_s=late_s,
            cause=cause,
            doubts=doubt is not None,
            since=None if doubt is None else doubt.since,
        )

    def _is_fresh(self, camera: LedgerCamera, now: datetime) -> bool:
        rule = self._service.site.probing(camera)
        at = self._service.present.healths.get(camera.id, Health()).looked_at.get(ProbeKind.LIVENESS)
        longest_s = STALE_AFTER * max(rule.liveness_s, rule.dead_max_s) + rule.deadline_s
        return at is not None and (now - at).total_seconds() <= longest_s

    def status(self) -> StatusView:
        """The first screen."""
        present = self._service.present
        site = self._service.site
        opinions = self._opinions()
        places = place_rows(site, present, opinions)
        began = self._shift_began()
        open_groups = self._open_groups()
        health = Counter(row.health for row in self.cameras())
        return StatusView(
            looking=self.looking(),
            period=present.answers.period,
            dark=tuple(place for place in places if place.state.value != "covered"),
            shift_began=began,
            new=tuple(group for group in open_groups if group.since >= began),
            open=open_groups,
            ratios=ratio_rows(present),
            threads=self._threads(present.answers),
            health={state: health.get(state, 0) for state in HealthState},
            declared_only=declared_only(site, present.answers, opinions) if opinions.by_period else (),
            unconfirmed=len(self._service.views.unconfirmed()),
        )

    def _opinions(self) -> Opinions:
        """What is declared, held against geometry once for each model; nothing before its first answers."""
        present, site = self._service.present, self._service.site
        if present.model is not None and not present.answers.by_basis:
            return Opinions()
        if self._said is None or self._said[0] is not present.model:
            with present.asking:
                self._said = present.model, opinions_of(site, present.model)
        return self._said[1]

    def _open_groups(self) -> tuple[IncidentGroup, ...]:
        with self._store.reading() as connection:
            found = incidents.open_ones(connection, self._service.site.id)
        site, present = self._service.site, self._service.present
        return groups(site, present, causes(found, site.cameras, present.weather, site.id))

    def _shift_began(self) -> datetime:
        """The newest start of a shift."""
        site = self._service.site
        local = self._service.clock.now().astimezone(site.time_zone)
        starts = [
            datetime.combine(day, time.fromisoformat(start), site.time_zone)
            for day in (local.date(), local.date() - timedelta(days=1))
            for start in site.shift_starts
        ]
        return max(start for start in starts if start <= local)

    def _threads(self, answers: Answers) -> tuple[ThreadRow, ...]:
        """What hangs on one thing."""
        site = self._service.site
        names = {place.id: place.name for place in site.scene.key_places}
        cameras = {camera.id: camera.name for camera in site.cameras}
        return tuple(
            ThreadRow(one.kind, one.id, cameras.get(one.id, one.id), tuple(names[place] for place in one.places))
            for one in told_once(site, answers.hanging)
        )

    def cameras(self) -> Sequence[CameraRow]:
        """All cameras, worst first."""
        return camera_rows(self._service.site, self._service.present)

    def camera(self, camera_id: str) -> CameraView | None:
        """One camera."""
        site, present = self._service.site, self._service.present
        try:
            camera = site.camera(camera_id)
        except KeyError:
            return None
        with self._store.reading() as connection:
            looks = readings.newest(connection, site.id, camera_id)
            history = incidents.of_camera(connection, site.id, camera_id)
            facts = devices.newest(connection, site.id, camera_id)
            accepted_at, accepted_by = references.accepted_by(connection, site.id, camera_id)
            now = self._service.clock.now()
            hours = trends.of_camera(connection, site.id, camera_id, now - COMPARED_FROM, site.time_zone)
        names = {camera.id: camera.name}
        return CameraView(
            row=camera_row(site, present, camera),
            model=camera.model,
            address="" if camera.host is None else f"{camera.host}:{camera.rtsp_port}{camera.rtsp_path}",
            installed_on="" if camera.installed_on is None else camera.installed_on.isoformat(),
            pose=_pose(camera),
            facts=facts,
            probes=tuple(look.row for look in looks),
            findings=tuple(finding for look in looks for finding in look.findings),
            incidents=tuple(incident_row(one, names) for one in history),
            places=self._places_of(camera_id),
            masks=tuple(mask_view(mask) for mask in camera.masks),
            picture_size=picture_size(site, camera),
            notes=tuple(note for look in looks for note in look.notes),
            trend=trend_row(present.trends.get(camera_id)),
            compared=compared_rows(compared(hours, now.astimezone(site.time_zone))),
            accepted_at=accepted_at,
            accepted_by=accepted_by,
            turned=turned_view(present, camera_id),
            unconfirmed=camera_id in self._service.views.unconfirmed(),
        )

    def _places_of(self, camera_id: str) -> tuple[PlaceRow, ...]:
        model = self._service.present.model
        if model is None or self._service.site.camera(camera_id).pose is None:
            return ()
        with self._service.present.asking:
            seen = set(model.places_of(camera_id))
        return tuple(row for row in self.places() if row.id in seen)

    def places(self) -> Sequence[PlaceRow]:
        """All key places, worst first."""
        return place_rows(self._service.site, self._service.present, self._opinions())

    def map(self) -> MapView | None:
        """The map now; drawn anew when anything on it has changed."""
        present = self._service.present
        answers, healths, drawn = self._map or (None, None, None)
        if answers is not present.answers or healths is not present.healths:
            drawn = map_view(self._service.site, present)
            self._map = (present.answers, present.healths, drawn)
        return drawn

    def upgrades(self) -> Sequence[UpgradeRow]:
        """The upgrade list, best first."""
        listed = self._service.present.upgrades
        return () if listed is None else tuple(as_row(one, listed.currency) for one in listed.rows)

    def problems(self, language: str) -> Sequence[ProblemRow]:
        """What was set aside in the site files, and where a recorder tells otherwise than the ledger."""
        site = self._service.site
        missing = (
            recorder_lists_fewer(one.recorder, one.listed, one.ledger)
            for one in fewer_channels(site.cameras, self._service.present.devices)
        )
        return tuple(
            ProblemRow(one.severity.value, one.file, place(one, language), one.column, one.value, remedy(one, language))
            for one in (*site.problems, *missing)
        )

    def picture(self, picture_id: str) -> Picture | None:
        """A picture by its opaque id."""
        with self._store.reading() as connection:
            return pictures.get(connection, self._service.site.id, picture_id)

    def acknowledge(self, incident: int, user: User, note: str) -> bool:
        """Put a name and a note on an incident."""
        now = self._service.clock.now()
        with self._store.engine.begin() as connection:
            done = incidents.acknowledge(connection, self._service.site.id, incident, user.name, note, now)
            if done:
                accounts.note(connection, now, user.name, f"acknowledge incident {incident}")
        return done

    def accept_view(self, camera_id: str, user: User) -> bool:
        """The camera should look as in its newest picture from now on."""
        done = self._service.views.accept(camera_id, user.name)
        if done:
            self.record_view(user, f"accept view of {camera_id}")
        return done

    def ledger_is_right(self, camera_id: str, user: User) -> bool:
        """The accepted view is the one that the ledger describes."""
        done = self._service.views.ledger_is_right(camera_id)
        if done:
            self.record_view(user, f"ledger is right about {camera_id}")
        return done

    def first_views(self) -> Sequence[FirstView]:
        """Cameras whose good pictures nobody has confirmed, with these."""
        site = self._service.site
        with self._store.reading() as connection:
            known = pictures.good_ids(connection, site.id)
        return tuple(
            FirstView(camera, site.camera(camera).name, tuple(known[camera].values()))
            for camera in self._service.views.unconfirmed()
            if camera in known
        )

    def confirm_view(self, camera_id: str, user: User) -> bool:
        """Its good pictures show all that they should."""
        done = self._service.views.confirm(camera_id, user.name)
        if done:
            self.record_view(user, f"confirm view of {camera_id}")
        return done

    def accept_device(self, camera_id: str, user: User) -> bool:
        """The device and firmware that answer now are meant to be there."""
        done = self._service.accept_device(camera_id)
        if done:
            self.record_view(user, f"accept device of {camera_id}")
        return done

    def first_login_pending(self) -> bool:
        """Whether nobody has an account."""
        with self._store.reading() as connection:
            return accounts.none_yet(connection)

    def create_first_user(self, token: str, name: str, password: str) -> User:
        """The first administrator. Raises LoginRefused."""
        now = self._service.clock.now()
        with self._store.engine.begin() as connection:
            user = accounts.create_first(connection, token, name, password, now)
            accounts.note(connection, now, name, "first login")
        return user

    def log_in(self, name: str, password: str, address: str) -> User:
        """Raises LoginRefused."""
        now = self._service.clock.now()
        with self._store.engine.begin() as connection:
            user = accounts.log_in(connection, name, password, now)
            accounts.note(connection, now, name, "login" if user else "login refused", address)
        if user is None:
            raise LoginRefused("wrong")
        return user

    def user(self, name: str) -> User | None:
        """A user by name."""
        with self._store.reading() as connection:
            return accounts.get(connection, name)

    def record_view(self, user: User, what: str) -> None:
        """Append to the audit trail."""
        with self._store.engine.begin() as connection:
            accounts.note(connection, self._service.clock.now(), user.name, what)

    def metrics(self) -> bytes:
        """The Prometheus text exposition."""
        site, present = self._service.site, self._service.present
        groups, cameras = self._open_groups(), self.cameras()
        snapshot = metrics_snapshot(site, present, self.looking(), groups, cameras, self._opinions())
        lateness, limits = self._service.lateness(), self._service.budgets()
        return metrics.render(replace(snapshot, lateness=lateness, limits=limits))

    def metrics_token(self) -> str | None:
        """What /metrics asks of callers from other machines."""
        return self._token


def _pose(camera: LedgerCamera) -> str:
    pose = camera.pose
    if pose is None:
        return ""
    return (
        f"x {pose.x:.1f} m, y {pose.y:.1f} m, h {pose.height_m:.1f} m, {pose.azimuth_deg:.0f}° / {pose.tilt_deg:.0f}°"
    )

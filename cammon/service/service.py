"""The running system, started and stopped as one."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from apscheduler.schedulers.background import BackgroundScheduler

from cammon.clock import Clock
from cammon.credentials import logins_of
from cammon.daylight import period_at
from cammon.health import Health
from cammon.loginguard import guard_of
from cammon.modelling import model_of
from cammon.sitefiles.model import LedgerCamera, Site
from cammon.store import devices, healths, pictures, places, readings, references
from cammon.store.opening import Store
from cammon_probes.model import ProbeKind
from cammon_probes.picture.registry import configured

from .advisor import Advisor
from .lanes import Lane, Lanes
from .looks import Looker
from .present import Answers, Present
from .recorder import Recorder
from .references import References
from .schedule import Due, Plan, Schedule

log = logging.getLogger(__name__)

TICK_S = 0.25
PUT_OFF_S = 0.5
"""A look that finds its login in use by another comes again after this."""
KEEP_READINGS = timedelta(days=3)


class Service:
    """Schedule, lanes and recorder of one site on one store."""

    def __init__(self, site: Site, store: Store, clock: Clock) -> None:
        self.site = site
        self.clock = clock
        self.present = _present(site, store, clock)
        self._store = store
        self._advisor = Advisor(site, self.present)
        self._recorder = Recorder(site, store, self.present, clock, self._advisor.wake)
        self._looker = _looker(site, store, clock, self.present)
        self._cameras = {camera.id: camera for camera in site.cameras if camera.host is not None}
        self._schedule = Schedule([_plan(site, camera) for camera in self._cameras.values()], clock.monotonic())
        self._lock = Lock()
        self._lanes: Lanes | None = None
        self._ticks = BackgroundScheduler(timezone="UTC")
        self.running = False

    def start(self) -> None:
        """Begin to look."""
        self._advisor.start()
        self._recorder.start()
        self._lanes = Lanes()
        every: dict[str, object] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._ticks.add_job(self._tick, "interval", seconds=TICK_S, **every)
        self._ticks.add_job(self._forget, "interval", hours=1, **every)
        self._ticks.start()
        self.running = True

    def stop(self, timeout_s: float = 1.0) -> None:
        """Make no more looks, write what came, let go."""
        self.running = False
        self._ticks.shutdown(wait=False)
        if self._lanes is not None:
            self._lanes.close()
        self._recorder.close(timeout_s)

    def late_s(self) -> float:
        """How late the most overdue look is."""
        with self._lock:
            return self._schedule.late_s(self.clock.monotonic())

    def accept_device(self, camera: str) -> bool:
        """What the device says now is right; False when it has said nothing yet. The next look clears the fault."""
        with self._store.engine.begin() as connection:
            known = devices.accept(connection, self.site.id, camera)
            self.present.accepted = devices.accepted(connection, self.site.id)
        if known:
            with self._lock:
                self._schedule.sooner(camera, ProbeKind.DEVICE, self.clock.monotonic())
        return known

    def _tick(self) -> None:
        """Hand everything that is due to the lanes."""
        if not self.running or self._lanes is None:
            return
        with self._lock:
            looks = self._schedule.due(self.clock.monotonic())
        for look in looks:
            health = self.present.healths.get(look.camera, Health())
            self._lanes.put(_lane(look.kind, health), self._work(look))

    def _work(self, look: Due) -> Callable[[], None]:
        due_at = self.clock.now() - timedelta(seconds=look.late_s)

        def work() -> None:
            try:
                delivery = self._looker.look(self._cameras[look.camera], look.kind, due_at)
            except Exception:  # a fault of ours: said in full, and the camera stays in the schedule
                log.exception("looking at %s (%s) broke", look.camera, look.kind.value)
                self._finished(look, self.present.healths.get(look.camera, Health()))
                return
            if delivery is None:
                self._put_off(look)
            else:
                self._recorder.take(delivery, lambda health: self._finished(look, health))

        return work

    def _finished(self, look: Due, health: Health) -> None:
        with self._lock:
            self._schedule.finished(look, health, self.clock.monotonic())

    def _put_off(self, look: Due) -> None:
        with self._lock:
            self._schedule.put_off(look, self.clock.monotonic() + PUT_OFF_S)

    def _forget(self) -> None:
        with self._store.engine.begin() as connection:
            gone = readings.forget_before(connection, self.clock.now() - KEEP_READINGS)
        log.info("dropped %d readings older than %s", gone, KEEP_READINGS)


def _present(site: Site, store: Store, clock: Clock) -> Present:
    """What the store knows from before."""
    now = clock.now()
    with store.reading() as connection:
        known = healths.load(connection, site.id)
        shown = pictures.newest_ids(connection, site.id)
        since = places.since(connection, site.id)
        accepted = devices.accepted(connection, site.id)
    ids = {camera.id for camera in site.cameras}
    model = model_of(site) if site.scene.key_places else None
    return Present(
        model=model,
        healths={camera: health for camera, health in known.items() if camera in ids},
        pictures=shown,
        answers=Answers(now, period_at(site.daylight, now, site.time_zone), {}),
        places_since=since,
        accepted=accepted,
    )


def _looker(site: Site, store: Store, clock: Clock, present: Present) -> Looker:
    with store.reading() as connection:
        known = references.load(connection, site.id)
    guard = guard_of(store, timedelta(seconds=site.login_pause_s))
    checks = configured(site.thresholds.checks)
    return Looker(
        site,
        clock,
        guard,
        References(known),
        lambda camera: present.accepted.get(camera),
        checks,
        logins_of(site, store.path),
    )


def _plan(site: Site, camera: LedgerCamera) -> Plan:
    kinds = {ProbeKind.LIVENESS, ProbeKind.PICTURE}
    if camera.onvif_port is not None:
        kinds.add(ProbeKind.DEVICE)
    return Plan(camera.id, site.probing(camera), frozenset(kinds))


def _lane(kind: ProbeKind, health: Health) -> Lane:
    if "reach" in health.tracks:
        return Lane.PATIENT
    return Lane.PICTURE if kind is ProbeKind.PICTURE else Lane.QUICK

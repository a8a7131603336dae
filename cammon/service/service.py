"""The running system, started and stopped as one."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Lock

from apscheduler.schedulers.background import BackgroundScheduler

from cammon.clock import Clock
from cammon.credentials import logins_of
from cammon.daylight import period_at
from cammon.foresight import foreseen
from cammon.health import Health
from cammon.loginguard import guard_of
from cammon.metrics import LateCount, LimitUse
from cammon.modelling import model_of
from cammon.sitefiles.model import LedgerCamera, Probing, Site
from cammon.siteweather import SiteWeather
from cammon.store import devices, healths, pictures, places, readings, references, trends
from cammon.store.opening import Store
from cammon_probes.model import PICTURE_FAULTS, ProbeKind, Reading
from cammon_probes.picture.registry import configured
from cammon_probes.unfinished import LoginBusy, LookUnfinished

from .accepting import Views
from .advisor import Advisor
from .budgets import Budgets
from .canary import OWN, OwnCamera, reachable
from .doubt import Canary, Cause, Conscience, Doubt
from .lanes import Lane, Lanes
from .lateness import Lateness
from .looks import Looker
from .present import Answers, Present
from .recorder import Recorder
from .references import References
from .schedule import Due, Plan, Schedule

log = logging.getLogger(__name__)

TICK_S = 0.25
SELF_CHECK_S = 1.0
REFERENCE_S = 10.0
PUT_OFF_S = 0.5
"""A look that finds its login in use by another comes again after this."""
BUSY_S = 5.0
"""And a look for which this machine had no decoder."""
KEEP_READINGS = timedelta(days=3)
KEEP_HOURS = timedelta(days=400)
"""Hourly measures of pictures: a year and what it is compared with."""
ADOPT_S = 10.0
FORESEE_FIRST = timedelta(seconds=20)
"""Trends of weeks can wait until a start is over."""
OWN_PLAN = Plan(
    OWN,
    Probing(liveness_s=5.0, picture_s=60.0, deadline_s=5.0, dead_max_s=5.0),
    frozenset({ProbeKind.LIVENESS, ProbeKind.PICTURE}),
)


class Service:
    """Schedule, lanes and recorder of one site on one store."""

    def __init__(self, site: Site, store: Store, clock: Clock) -> None:
        self.site = site
        self.clock = clock
        self.present = _present(site, store, clock)
        self._store = store
        self._advisor = Advisor(site, self.present, clock)
        self._cameras = {camera.id: camera for camera in site.cameras if camera.host is not None}
        self._own: OwnCamera | None = None
        self._conscience = self._new_conscience()
        self._recorder = Recorder(site, store, self.present, clock, self._conscience, self._advisor.wake)
        self._looker = _looker(site, store, clock, self.present)
        self.views = Views(site, store, clock, self.present, self._looker, self._sooner)
        plans = _plans(site, list(self._cameras.values()))
        if site.self_check.own_camera:
            plans.append(OWN_PLAN)
        self._schedule = Schedule(plans, clock.monotonic())
        self._budgets = Budgets(self._cameras.values(), site.limits, _streams(site))
        self._lateness = Lateness()
        self._lock = Lock()
        self._lanes: Lanes | None = None
        self._ticks = BackgroundScheduler(timezone="UTC")
        self.running = False

    def start(self) -> None:
        """Begin to look."""
        if self.site.self_check.own_camera:
            self._own = OwnCamera(self.clock)
        # A tick that is left out is seen as lateness; it need not be said four times a second.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._advisor.start()
        self._recorder.start()
        self._lanes = Lanes(self.clock.monotonic)
        every: dict[str, object] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._ticks.add_job(self._tick, "interval", seconds=TICK_S, **every)
        self._ticks.add_job(self._check_itself, "interval", seconds=SELF_CHECK_S, **every)
        if self.site.self_check.reference is not None:
            self._ticks.add_job(self._conscience.ask_canaries, "interval", seconds=REFERENCE_S, **every)
        self._ticks.add_job(self._forget, "interval", hours=1, **every)
        self._ticks.add_job(self.views.adopt, "interval", seconds=ADOPT_S, **every)
        soon = self.clock.now() + FORESEE_FIRST
        self._ticks.add_job(self._foresee, "interval", hours=1, next_run_time=soon, **every)
        self._ticks.start()
        self.running = True

    def stop(self, timeout_s: float = 1.0) -> None:
        """Make no more looks, write what came, let go."""
        self.running = False
        self._ticks.shutdown(wait=False)
        if self._lanes is not None:
            self._lanes.close()
        self._recorder.close(timeout_s)
        if self._own is not None:
            self._own.close()

    def late_s(self) -> float:
        """How late the most overdue look is."""
        now_s = self.clock.monotonic()
        with self._lock:
            return max(self._schedule.late_s(now_s), self._lateness.waiting_s(now_s))

    def lateness(self) -> Mapping[ProbeKind, LateCount]:
        """How late looks have begun since the start."""
        return self._lateness.counts

    def doubt(self) -> Doubt | None:
        """Why cammon does not believe its own bad readings; None when it does."""
        return self._conscience.doubt

    def canary(self) -> OwnCamera | None:
        """Cammon's own virtual camera while it runs; drills break it."""
        return self._own

    def budgets(self) -> tuple[LimitUse, ...]:
        """How far the limits of recorders, switches and links are used."""
        with self._lock:
            return self._budgets.used(self._schedule.held(self.clock.monotonic()))

    def accept_device(self, camera: str) -> bool:
        """What the device says now is right; False when it has said nothing yet. The next look clears the fault."""
        with self._store.engine.begin() as connection:
            known = devices.accept(connection, self.site.id, camera)
            self.present.accepted = devices.accepted(connection, self.site.id)
        if known:
            self._sooner(camera, ProbeKind.DEVICE)
        return known

    def _sooner(self, camera: str, kind: ProbeKind) -> None:
        with self._lock:
            self._schedule.sooner(camera, kind, self.clock.monotonic())

    def _foresee(self) -> None:
        """What each camera's pictures are heading for, from the hours in the store."""
        found = foreseen(self._store, self.site, self._cameras, self.clock.now())
        if found != self.present.trends:
            self.present.trends = found
            self._advisor.wake()

    def _new_conscience(self) -> Conscience:
        check = self.site.self_check
        canaries = []
        if check.own_camera:
            canaries.append(Canary(Cause.CANARY, lambda: self._own is None or self._own.answers()))
        if check.reference is not None:
            canaries.append(Canary(Cause.REFERENCE, reachable(*check.reference)))
        hosts = len({camera.host for camera in self._cameras.values()})
        return Conscience(tuple(canaries), check.late_s, hosts, self.clock.now)

    def _check_itself(self) -> None:
        self._conscience.late(self.late_s(), self.clock.now())

    def _tick(self) -> None:
        """Hand everything that is due and may begin to the lanes."""
        if not self.running or self._lanes is None:
            return
        now_s = self.clock.monotonic()
        with self._lock:
            self._budgets.begin_round(now_s)
            looks = self._schedule.due(now_s, self._budgets.take)
            self._lateness.handed(looks)
        # Seen here too: after this process was stopped for a while (a suspended machine) nothing is overdue for long.
        self._conscience.late(max((look.late_s for look in looks if not look.excused), default=0.0), self.clock.now())
        for look in looks:
            health = self.present.healths.get(look.camera, Health())
            self._lanes.put(_lane(look.kind, health), self._work(look))
        self._lanes.balance()

    def _work(self, look: Due) -> Callable[[], None]:
        def work() -> None:
            begun_s = self.clock.monotonic()
            with self._lock:
                self._lateness.begun(look, begun_s)
            if look.camera == OWN:
                self._look_at_own(look)
                return
            due_at = self.clock.now() - timedelta(seconds=begun_s - look.due_s)
            reading: Reading | None = None
            try:
                delivery = self._looker.look(self._cameras[look.camera], look.kind, due_at)
                reading = delivery.reading
            except LoginBusy:
                self._put_off(look)
                return
            except LookUnfinished:
                # Overload: the look stays late, and cammon doubts itself when that lasts.
                log.warning("no decoder was free for %s; it is looked at again", look.camera)
                self._put_off(look, BUSY_S, excused=False)
                return
            except Exception:  # a fault of ours: said in full, and the camera stays in the schedule
                log.exception("looking at %s (%s) broke", look.camera, look.kind.value)
                self._finished(look, self.present.healths.get(look.camera, Health()))
                return
            finally:
                self._give_back(look, reading)
            self._recorder.take(delivery, lambda health: self._finished(look, health))

        return work

    def _look_at_own(self, look: Due) -> None:
        """The canary's reading goes to the conscience, not into the records."""
        began = self.clock.now()
        good = self._own is None or self._own.look(look.kind, OWN_PLAN.probing.deadline_s).ok
        self._conscience.canary(good=good, at=began)
        self._finished(look, Health())

    def _give_back(self, look: Due, reading: Reading | None) -> None:
        with self._lock:
            self._budgets.give_back(look.camera, self.clock.monotonic(), reading)

    def _finished(self, look: Due, health: Health) -> None:
        with self._lock:
            self._schedule.finished(look, health, self.clock.monotonic())

    def _put_off(self, look: Due, wait_s: float = PUT_OFF_S, *, excused: bool = True) -> None:
        with self._lock:
            self._schedule.put_off(look, self.clock.monotonic() + wait_s, excused=excused)

    def _forget(self) -> None:
        with self._store.engine.begin() as connection:
            gone = readings.forget_before(connection, self.clock.now() - KEEP_READINGS)
            trends.forget_before(connection, self.clock.now() - KEEP_HOURS)
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
        accepted = references.accepted(connection, site.id)
        turned = references.turned(connection, site.id)
        known = References(references.each(connection, site.id), store.path.parent, accepted)
    guard = guard_of(store, timedelta(seconds=site.login_pause_s))
    checks = configured(site.thresholds.checks)
    return Looker(
        site,
        clock,
        guard,
        known,
        lambda camera: present.accepted.get(camera),
        checks,
        logins_of(site, store.path),
        lambda camera: _is_calm(present.healths.get(camera, Health())),
        lambda: _is_fair(present.weather),
        turned,
    )


def _plans(site: Site, cameras: Sequence[LedgerCamera]) -> list[Plan]:
    at_host = Counter(camera.host for camera in cameras)
    return [_plan(site, camera, at_host[camera.host]) for camera in cameras]


def _is_fair(weather: SiteWeather | None) -> bool:
    """Whether bad weather strikes no camera."""
    return weather is None or not weather.cameras


def _is_calm(health: Health) -> bool:
    """Whether nothing is wrong, or suspected, with a camera's picture."""
    return not any(track.fault in PICTURE_FAULTS for track in health.tracks.values())


def _plan(site: Site, camera: LedgerCamera, channels: int) -> Plan:
    kinds = {ProbeKind.LIVENESS, ProbeKind.PICTURE}
    if camera.onvif_port is not None:
        kinds.add(ProbeKind.DEVICE)
    return Plan(camera.id, site.probing(camera), frozenset(kinds), channels)


def _streams(site: Site) -> dict[str, str]:
    """Which stream the pictures of each camera are taken from; a snapshot is one of the main stream."""
    chosen = {camera.id: site.probing(camera).picture_stream for camera in site.cameras if camera.sub_path}
    return {camera.id: "sub" if chosen.get(camera.id) == "sub" else "main" for camera in site.cameras}


def _lost(health: Health) -> bool:
    """Whether the camera did not answer last time."""
    return "reach" in health.tracks


def _lane(kind: ProbeKind, health: Health) -> Lane:
    if _lost(health):
        return Lane.PATIENT
    return Lane.PICTURE if kind is ProbeKind.PICTURE else Lane.QUICK

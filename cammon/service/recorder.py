"""The one writer. Readings come in, health steps, everything is stored, and what is so now is published."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread

from sqlalchemy import Connection

from cammon.clock import Clock
from cammon.daylight import period_at
from cammon.health import Flip, FlipKind, Health, doubted, step
from cammon.metrics import ProbeCount
from cammon.sitefiles.model import Site
from cammon.siteweather import weather_now
from cammon.store import devices, healths, incidents, pictures, places, readings, references, trends
from cammon.store.opening import Store
from cammon.store.readings import Delivery

from .doubt import Conscience
from .present import Answers, Present, Watch, answers_of

log = logging.getLogger(__name__)

BATCH = 256
WAIT_S = 0.5
"""How long the recorder waits for a reading before it looks whether time alone has changed something."""
PACE_S = 0.25
"""Rounds begin no closer together: what comes in between shares one transaction and one look at the coverage."""
WEATHER_EVERY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A delivery, the health that it makes, and what it changed."""

    delivery: Delivery
    health: Health
    flips: tuple[Flip, ...]


class Recorder:
    """Takes deliveries from many threads and writes them in one.

    Per round: (1) take what has come, (2) step health, bad readings that cammon does not believe set aside, (3) in one
    transaction write readings, incidents, pictures and facts, (4) answer the coverage questions anew when what the
    cameras see has changed, (5) publish. A reading that was not recorded when the process dies is looked at again; an
    incident that was published has been stored.
    """

    def __init__(
        self,
        site: Site,
        store: Store,
        present: Present,
        clock: Clock,
        conscience: Conscience,
        published: Callable[[], None],
    ) -> None:
        self._published = published
        self._conscience = conscience
        self._cameras = {camera.id: camera for camera in site.cameras}
        self._watch = Watch(site)
        self._began_s = 0.0
        self._weather_at: datetime | None = None
        self._site = site
        self._store = store
        self._present = present
        self._clock = clock
        self._queue: SimpleQueue[tuple[Delivery, Callable[[Health], None]] | None] = SimpleQueue()
        self._healths = dict(present.healths)
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Answer with what the store knows, then take deliveries."""
        with self._store.engine.begin() as connection:
            incidents.close_for_missing(
                connection, self._site.id, [camera.id for camera in self._site.cameras], self._clock.now()
            )
        self._answer(self._healths, force=True)
        self._thread.start()

    def take(self, delivery: Delivery, done: Callable[[Health], None]) -> None:
        """Hand in what a look brought; `done` is called with the camera's new health once it is stored."""
        self._queue.put((delivery, done))

    def close(self, timeout_s: float) -> None:
        """Write what has come, then end."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._batch()
            try:
                self._round(batch)
            except Exception:  # the one writer must outlive a broken round: what it held is looked at again
                log.exception("a round of %d readings was not recorded", len(batch))

    def _batch(self) -> tuple[list[tuple[Delivery, Callable[[Health], None]]], bool]:
        batch: list[tuple[Delivery, Callable[[Health], None]]] = []
        next_s = self._began_s + PACE_S
        try:
            item = self._queue.get(timeout=WAIT_S)
            while item is not None and len(batch) < BATCH:
                batch.append(item)
                item = self._queue.get(timeout=min(PACE_S, max(0.0, next_s - self._clock.monotonic())))
        except Empty:
            return batch, True
        finally:
            self._began_s = self._clock.monotonic()
        return (batch, False) if item is None else ([*batch, item], True)

    def _round(self, batch: Sequence[tuple[Delivery, Callable[[Health], None]]]) -> None:
        try:
            judged = self._judge([delivery for delivery, _ in batch])
            if judged:
                with self._store.engine.begin() as connection:
                    shown = self._record(connection, judged)
                self._healths.update({one.delivery.reading.camera: one.health for one in judged})
                self._present.pictures = {**self._present.pictures, **shown}
                self._present.last_reading_at = max(one.delivery.reading.at for one in judged)
                self._count([one.delivery for one in judged])
        finally:
            for delivery, done in batch:
                done(self._healths.get(delivery.reading.camera, Health()))
        self._answer({delivery.reading.camera for delivery, _ in batch})

    def _judge(self, deliveries: Sequence[Delivery]) -> list[_Judged]:
        """The round's deliveries with the health that each makes."""
        newest: dict[str, Health] = {}
        judged = []
        for delivery in deliveries:
            camera = delivery.reading.camera
            before = newest.get(camera) or self._healths.get(camera) or Health()
            judged.append(self._judge_one(delivery, before))
            newest[camera] = judged[-1].health
        return judged

    def _judge_one(self, delivery: Delivery, before: Health) -> _Judged:
        """A bad reading counts when cammon believes itself; one that opens an incident, when all canaries vouch."""
        reading, conscience = delivery.reading, self._conscience
        camera = self._cameras[reading.camera]
        conscience.network(camera.host or "", reading)
        if conscience.believes(reading):
            health, flips = step(before, reading, self._site.probing(camera))
            if delivery.jpeg is not None:
                health = replace(health, turned=delivery.turned)
            if conscience.vouches(reading, flips):
                return _Judged(delivery, health, flips)
        doubt = conscience.doubt
        evidence = {**reading.evidence, "not_believed": "late" if doubt is None else doubt.cause.value}
        marked = replace(delivery, reading=replace(reading, evidence=evidence))
        return _Judged(marked, doubted(before, reading), ())

    def _record(self, connection: Connection, judged: Sequence[_Judged]) -> dict[str, tuple[str, datetime]]:
        """Write a round; the new pictures by camera."""
        site = self._site
        readings.add(connection, site.id, site.version, [one.delivery for one in judged])
        shown: dict[str, tuple[str, datetime]] = {}
        for one in judged:
            delivery, reading = one.delivery, one.delivery.reading
            if delivery.jpeg is not None:
                number = pictures.replace_newest(connection, site.id, reading.camera, reading.at, delivery.jpeg)
                shown[reading.camera] = (number, reading.at)
            picture = shown.get(reading.camera) or self._present.pictures.get(reading.camera)
            for flip in one.flips:
                self._record_flip(connection, flip, None if picture is None else picture[0])
            self._keep(connection, delivery)
        healths.save(connection, site.id, {one.delivery.reading.camera: one.health for one in judged})
        return shown

    def _count(self, deliveries: Sequence[Delivery]) -> None:
        """What the readings add to the counters and to the known device facts."""
        counts, facts = dict(self._present.probes), dict(self._present.devices)
        accepted = dict(self._present.accepted)
        for reading in (delivery.reading for delivery in deliveries):
            old = counts.get(reading.kind, ProbeCount())
            counts[reading.kind] = ProbeCount(
                old.ok + reading.ok, old.faulty + (not reading.ok), old.took_s + reading.took_ms / 1000.0
            )
            if reading.device is not None:
                facts[reading.camera] = reading.device
                accepted.setdefault(reading.camera, reading.device)
        self._present.probes, self._present.devices, self._present.accepted = counts, facts, accepted

    def _record_flip(self, connection: Connection, flip: Flip, picture: str | None) -> None:
        if flip.kind is FlipKind.OPENED and picture is not None:
            pictures.keep_for_incident(connection, picture)
        incidents.record(connection, self._site.id, self._site.version, flip, picture)
        log.info("%s %s on %s since %s", flip.kind.value, flip.fault.value, flip.camera, flip.since)

    def _keep(self, connection: Connection, delivery: Delivery) -> None:
        """What else a delivery brings into the store: device facts, and what was learnt of the picture."""
        site, reading = self._site.id, delivery.reading
        if reading.device is not None:
            devices.record(connection, site, reading.camera, reading.device, reading.at)
        if delivery.reference is not None:
            references.save(connection, site, reading.camera, delivery.reference, reading.at, delivery.base)
            if delivery.jpeg is not None:
                light = delivery.reference.sketches[-1].light.value
                pictures.keep_good(connection, site, reading.camera, light, reading.at, delivery.jpeg)
        if delivery.measures is not None:
            trends.add(connection, site, [(reading.camera, reading.at, delivery.measures)])

    def _answer(self, touched: Iterable[str], *, force: bool = False) -> None:
        """Answer the coverage questions anew when something that they depend on has changed.

        `touched`: the cameras that may have another health than before.
        """
        now, site = self._clock.now(), self._site
        force |= self._weather_is_due(now) and self._weather(now)
        changed = self._watch.refresh(self._healths, touched, now)
        if not force and not changed and period_at(site.daylight, now, site.time_zone) is self._present.answers.period:
            self._publish_healths(touched)
            return
        with self._present.asking:
            model, sights, faults = self._present.model, dict(self._watch.sights), dict(self._watch.faults)
            answers = answers_of(site, model, sights, faults, now)
        self._store_places(answers)
        self._present.answers = answers
        self._publish_healths(touched)
        self._published()

    def _weather_is_due(self, now: datetime) -> bool:
        """It is asked of all cameras together: not in every round of a large site."""
        if self._weather_at is not None and timedelta() <= now - self._weather_at < WEATHER_EVERY:
            return False
        self._weather_at = now
        return True

    def _weather(self, now: datetime) -> bool:
        """Whether bad weather over the whole site has begun, ended, or struck other cameras."""
        before = self._present.weather
        self._present.weather = weather_now(before, self._healths, now)
        struck = [None if one is None else one.cameras for one in (before, self._present.weather)]
        return struck[0] != struck[1]

    def _publish_healths(self, touched: Iterable[str]) -> None:
        """After the answers that follow from them: whoever sees a fault sees also what it costs."""
        if any(self._healths.get(camera) is not self._present.healths.get(camera) for camera in touched):
            self._present.healths = dict(self._healths)

    def _store_places(self, answers: Answers) -> None:
        with self._store.engine.begin() as connection:
            places.record(connection, self._site.id, self._site.version, list(answers.by_basis.values()), answers.at)
            self._present.places_since = places.since(connection, self._site.id)

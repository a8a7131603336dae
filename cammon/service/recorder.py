"""The one writer. Readings come in, health steps, everything is stored, and what is so now is published."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread

from sqlalchemy import Connection

from cammon.clock import Clock
from cammon.health import Flip, FlipKind, Health, step
from cammon.metrics import ProbeCount
from cammon.sitefiles.model import Site
from cammon.store import devices, healths, incidents, login_stops, pictures, places, readings, references
from cammon.store.opening import Store
from cammon.store.readings import Delivery

from .present import Answers, Present, answer

log = logging.getLogger(__name__)

BATCH = 256
WAIT_S = 0.5
"""How long the recorder waits for a reading before it looks whether time alone has changed something."""


class Recorder:
    """Takes deliveries from many threads and writes them in one.

    Per round: (1) take what has come, (2) in one transaction step health, write readings, incidents, pictures and
    facts, (3) answer the coverage questions anew when what the cameras see has changed, (4) publish. A reading that
    was not recorded when the process dies is looked at again; an incident that was published has been stored.
    """

    def __init__(self, site: Site, store: Store, present: Present, clock: Clock, published: Callable[[], None]) -> None:
        self._published = published
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
        self._answer(force=True)
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
        try:
            item = self._queue.get(timeout=WAIT_S)
            while item is not None and len(batch) < BATCH:
                batch.append(item)
                item = self._queue.get_nowait()
        except Empty:
            return batch, True
        return (batch, False) if item is None else ([*batch, item], True)

    def _round(self, batch: Sequence[tuple[Delivery, Callable[[Health], None]]]) -> None:
        deliveries = [delivery for delivery, _ in batch]
        try:
            if deliveries:
                with self._store.engine.begin() as connection:
                    changed, shown = self._record(connection, deliveries)
                self._healths.update(changed)
                self._present.pictures = {**self._present.pictures, **shown}
                self._present.last_reading_at = max(delivery.reading.at for delivery in deliveries)
                self._count(deliveries)
        finally:
            for delivery, done in batch:
                done(self._healths.get(delivery.reading.camera, Health()))
        self._answer()

    def _record(
        self, connection: Connection, deliveries: Sequence[Delivery]
    ) -> tuple[dict[str, Health], dict[str, tuple[str, datetime]]]:
        """Write a round; the new healths and the new pictures, by camera."""
        readings.add(connection, self._site.id, self._site.version, deliveries)
        changed: dict[str, Health] = {}
        shown: dict[str, tuple[str, datetime]] = {}
        for delivery in deliveries:
            reading = delivery.reading
            rule = self._site.probing(self._site.camera(reading.camera))
            before = changed.get(reading.camera) or self._healths.get(reading.camera) or Health()
            changed[reading.camera], flips = step(before, reading, rule)
            if delivery.jpeg is not None:
                number = pictures.replace_newest(connection, self._site.id, reading.camera, reading.at, delivery.jpeg)
                shown[reading.camera] = (number, reading.at)
            picture = shown.get(reading.camera) or self._present.pictures.get(reading.camera)
            for flip in flips:
                self._record_flip(connection, flip, None if picture is None else picture[0])
            self._keep(connection, delivery)
        healths.save(connection, self._site.id, changed)
        return changed, shown

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
        """What else a delivery brings into the store: device facts, and what it learnt of the login."""
        site, reading = self._site.id, delivery.reading
        if reading.device is not None:
            devices.record(connection, site, reading.camera, reading.device, reading.at)
        if delivery.reference is not None:
            references.save(connection, site, reading.camera, delivery.reference, reading.at)
        if delivery.login_stop is not None:
            login_stops.put(connection, delivery.login_stop)
        if delivery.login_over is not None:
            login_stops.remove(connection, *delivery.login_over)

    def _answer(self, *, force: bool = False) -> None:
        """Answer the coverage questions anew when something that they depend on has changed."""
        now = self._clock.now()
        before = None if force else self._present.answers
        healths_now = dict(self._healths)
        with self._present.asking:
            answers = answer(self._site, self._present.model, healths_now, now, before)
        if answers is not None:
            self._store_places(answers)
            self._present.answers = answers
        # After the answers that follow from them: whoever sees a fault sees also what it costs.
        if healths_now != self._present.healths:
            self._present.healths = healths_now
        if answers is not None:
            self._published()

    def _store_places(self, answers: Answers) -> None:
        with self._store.engine.begin() as connection:
            places.record(connection, self._site.id, self._site.version, list(answers.by_basis.values()), answers.at)
            self._present.places_since = places.since(connection, self._site.id)

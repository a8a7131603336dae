"""What each camera's good pictures look like: learnt from looks without a fault, kept over restarts by the store."""

import os
import pickle
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from cammon_probes.model import Reading
from cammon_probes.picture.disputed import beside_anchors, settled
from cammon_probes.picture.frame import PreparedFrame
from cammon_probes.picture.frozen import change_between
from cammon_probes.picture.last import Last
from cammon_probes.picture.reference import ANCHORS, Light, Reference, light_of

LEARN_EVERY = timedelta(minutes=30)
"""Once a light has its first few good pictures another one is taken this often: slow enough to see the day change."""
UNREMARKABLE = 0.5
"""A picture is learnt only when no check scored it higher, whatever its verdict."""
LEARN_A_SECOND, LEARN_AT_ONCE = 2.0, 24.0
"""So many pictures are learnt of all cameras together; the others wait for their next one. Learning a picture costs
several times as much as judging it, and the first hour of a large site would be nothing else."""
SLOT_BYTES = 1 << 20


class References:
    """The references of all cameras. Looks at one camera never overlap, so each entry has one writer at a time.

    `folder`: where the working file may lie; None: wherever the system keeps such files.
    """

    def __init__(
        self,
        known: Iterable[tuple[str, Reference]],
        folder: Path | None = None,
        accepted: Mapping[str, datetime] | None = None,
    ) -> None:
        self._shelf = _Shelf(folder)
        for camera, reference in known:
            self._shelf.put(camera, reference)
        self._learnt_at: dict[tuple[str, Light], datetime] = {}
        self._allowance = LEARN_AT_ONCE
        self._counted_at: datetime | None = None
        self._accepted = dict(accepted or {})
        self._lock = Lock()

    def accepted_at(self, camera: str) -> datetime | None:
        """When a person last said how the camera should look."""
        return self._accepted.get(camera)

    def adopt(self, camera: str, reference: Reference, at: datetime) -> None:
        """A person has said at `at` how the camera should look: what was known before is forgotten."""
        with self._lock:
            self._accepted[camera] = at
            self._learnt_at = {key: learnt for key, learnt in self._learnt_at.items() if key[0] != camera}
            self._shelf.put(camera, reference)

    def confirm(self, camera: str, at: datetime) -> None:
        """A person has said at `at` that what is known shows all that it should."""
        with self._lock:
            self._accepted[camera] = at

    def of(self, camera: str) -> Reference | None:
        """The camera's reference, None before its first picture."""
        return self._shelf.get(camera)

    def learn(
        self, reading: Reading, frame: PreparedFrame, hour: float | None = None, *, calm: bool = True
    ) -> Reference | None:
        """Take in a picture that was looked at. Returns the new reference when it must be stored.

        Every picture becomes "the one before"; only a healthy and unremarkable one becomes a model of good, and only
        in `calm`: while a fault of the camera is suspected or open none does. What bad weather leaves unremarkable is
        learnt: who has never seen a little rain takes it for dirt. `hour` is that of the day.
        """
        base = self._accepted.get(reading.camera)
        before = self._shelf.get(reading.camera) or Reference()
        light = light_of(frame)
        good = calm and reading.ok and all(finding.score < UNREMARKABLE for finding in reading.findings)
        due = good and self._is_due(reading, before, light) and self._may_learn(reading.at)
        if good and before.last is not None and _comparable(before.last, frame.last):
            before = before.calmer(change_between(frame.last, before.last), infrared=frame.infrared)
        reference = before.with_good(frame, hour) if due else before
        if due:
            reference = beside_anchors(reference, frame)
            reference = reference if base else settled(reference, frame)
        after = reference.after(frame)
        with self._lock:
            if self._accepted.get(reading.camera) != base:
                return None  # somebody accepted another view while this one was looked at
            if due:
                self._learnt_at[reading.camera, light] = reading.at
            self._shelf.put(reading.camera, after)
        return reference if due else None

    def _is_due(self, reading: Reading, reference: Reference, light: Light) -> bool:
        if sum(sketch.light is light for sketch in reference.sketches) < ANCHORS:
            return True
        last = self._learnt_at.get((reading.camera, light))
        return last is None or reading.at - last >= LEARN_EVERY

    def _may_learn(self, at: datetime) -> bool:
        """Whether all cameras together have not learnt too much lately."""
        with self._lock:
            passed_s = 0.0 if self._counted_at is None else max(0.0, (at - self._counted_at).total_seconds())
            self._counted_at = max(at, self._counted_at or at)
            self._allowance = min(LEARN_AT_ONCE, self._allowance + passed_s * LEARN_A_SECOND)
            if self._allowance < 1.0:
                return False
            self._allowance -= 1.0
            return True


def _comparable(one: Last, other: Last) -> bool:
    return one.blocks.shape == other.blocks.shape and one.infrared == other.infrared


class _Shelf:
    """References in a file that nobody else sees and that goes with the process.

    One is up to a quarter of a megabyte and is wanted once in five minutes: in memory, thousands of them would be most
    of what the program takes.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 -- open as long as the service
        self._slots: dict[str, tuple[int, int]] = {}
        """camera -> its place in the file, and how many bytes are in use there"""
        self._beside: dict[str, bytes] = {}
        """what the file had no room for"""
        self._lock = Lock()

    def get(self, camera: str) -> Reference | None:
        body = self._beside.get(camera)
        if body is None:
            slot, size = self._slots.get(camera, (0, 0))
            body = os.pread(self._file.fileno(), size, slot * SLOT_BYTES)
        # Our own words, from a file without a name that only this process has open.
        found = pickle.loads(body) if body else None  # noqa: S301
        return found if isinstance(found, Reference) else None

    def put(self, camera: str, reference: Reference) -> None:
        body = pickle.dumps(reference, protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock:
            slot = self._slots.setdefault(camera, (len(self._slots), 0))[0]
        written = 0
        if len(body) <= SLOT_BYTES:
            with suppress(OSError):  # a full disk costs memory, not the picture checks
                written = os.pwrite(self._file.fileno(), body, slot * SLOT_BYTES)
        if written == len(body):
            self._slots[camera] = (slot, written)
            self._beside.pop(camera, None)
        else:
            self._beside[camera] = body

"""How each camera's good pictures look: what the picture checks compare with."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cammon_probes.model import Reading
from cammon_probes.picture.frame import PreparedFrame
from cammon_probes.picture.reference import ANCHORS, Light, Reference, light_of

LEARN_EVERY = timedelta(minutes=30)
"""Once a light has its first few good pictures another one is taken this often: slow enough to see the day change."""
UNREMARKABLE = 0.5
"""A picture is learnt only when no check scored it higher, whatever its verdict."""


class References:
    """The references of all cameras. Looks at one camera never overlap, so each entry has one writer at a time."""

    def __init__(self, known: Mapping[str, Reference]) -> None:
        self._known = dict(known)
        self._learnt_at: dict[tuple[str, Light], datetime] = {}

    def of(self, camera: str) -> Reference | None:
        """The camera's reference, None before its first picture."""
        return self._known.get(camera)

    def learn(self, reading: Reading, frame: PreparedFrame, hour: float | None = None) -> Reference | None:
        """Take in a picture that was looked at. Returns the new reference when it must be stored.

        Every picture becomes "the one before"; only a healthy and unremarkable one becomes a model of good. `hour` is
        that of the site's day.
        """
        before = self._known.get(reading.camera, Reference())
        light = light_of(frame)
        good = reading.ok and all(finding.score < UNREMARKABLE for finding in reading.findings)
        due = good and self._is_due(reading, before, light)
        reference = before.with_good(frame, hour) if due else before
        if due:
            self._learnt_at[reading.camera, light] = reading.at
        self._known[reading.camera] = reference.after(frame)
        return reference if due else None

    def _is_due(self, reading: Reading, reference: Reference, light: Light) -> bool:
        if sum(sketch.light is light for sketch in reference.sketches) < ANCHORS:
            return True
        last = self._learnt_at.get((reading.camera, light))
        return last is None or reading.at - last >= LEARN_EVERY

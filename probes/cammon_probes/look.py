"""One look at one camera while it happens: its deadline, its steps and what it has seen so far."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from .failure import CameraFailed, Evidence
from .model import Deadline, Endpoint, Fault, ProbeKind, Reading, Step, StreamFormat
from .redact import kept

LONGEST_CODEC = 32


class Note:
    """What a step has to say when it is over."""

    def __init__(self) -> None:
        self.detail = ""
        self.waited_s = 0.0
        """Of its time: for other looks of ours, which is no business of the camera's."""


class Look:
    """Collects the steps of one probe and makes the reading of it."""

    def __init__(self, endpoint: Endpoint, kind: ProbeKind, at: datetime, deadline: Deadline) -> None:
        self.endpoint = endpoint
        self.deadline = deadline
        self.evidence: Evidence = {}
        self._reading = Reading(endpoint.camera, kind, at)
        self._steps: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Note]:
        """Times what happens inside; a `CameraFailed` that passes through marks the step as failed."""
        note, begun_s = Note(), self.deadline.monotonic()
        try:
            yield note
        except CameraFailed as failed:
            self._add(name, False, begun_s + note.waited_s, failed.told())
            raise
        self._add(name, True, begun_s + note.waited_s, note.detail)

    def may_log_in(self, note: Note) -> bool:
        """Whether the login may be sent to a camera that asks for it, when it is our turn. Raises `LoginBusy`."""
        if self.endpoint.credential is None:
            return False
        begun_s = self.deadline.monotonic()
        try:
            return self.endpoint.turn.begin(self.deadline)
        finally:
            note.waited_s += self.deadline.monotonic() - begun_s

    def fails(self, name: str, failed: CameraFailed) -> None:
        """A step that found a fault after which the look goes on."""
        self.evidence.update(failed.evidence)
        self._add(name, False, self.deadline.monotonic(), failed.told())

    def _add(self, name: str, ok: bool, begun_s: float, detail: str) -> None:
        took_ms = round((self.deadline.monotonic() - begun_s) * 1000, 3)
        self._steps.append(Step(name, ok, took_ms, kept(detail, self.endpoint.credential)))

    def reading(self, **found: object) -> Reading:
        """The reading of a look that reached its end; `found` are fields of `Reading`."""
        if isinstance(stream := found.get("stream"), StreamFormat) and stream.codec:
            found["stream"] = replace(stream, codec=kept(stream.codec, self.endpoint.credential, LONGEST_CODEC))
        return replace(self._reading, steps=tuple(self._steps), evidence=self._kept(), **found)  # type: ignore[arg-type]

    def failed(self, failed: CameraFailed, **found: object) -> Reading:
        """The reading of a look that a fault ended."""
        self.evidence.update(failed.evidence)
        if failed.fault in (Fault.TIMEOUT, Fault.UNREACHABLE) and self._steps:
            self.evidence.setdefault("waited_ms", round(self._steps[-1].ms))
        return self.reading(fault=failed.fault, **found)

    def _kept(self) -> Evidence:
        login = self.endpoint.credential
        return {key: kept(value, login) if isinstance(value, str) else value for key, value in self.evidence.items()}

"""One look of every kind at one camera, for a person who waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cammon.clock import Clock
from cammon_probes import decoders
from cammon_probes.device import prepare
from cammon_probes.model import LOGIN_FAULTS, Deadline, Endpoint, Fault, ProbeKind, Reading, Step
from cammon_probes.picture.registry import examine
from cammon_probes.registry import PROBERS
from cammon_probes.unfinished import DecodersBusy

TOTAL_S = 12.0
LATEST_S = 13.5
LEAST_S = 3.0
"""A person waits at most 15 s, whatever the camera does: the looks end `TOTAL_S` after their beginning and `LATEST_S`
after that of the waiting, whichever is first; on a machine that is slow to begin they still get `LEAST_S`."""
MOST_S: Mapping[ProbeKind, float] = {ProbeKind.LIVENESS: 5.0, ProbeKind.PICTURE: 8.0, ProbeKind.DEVICE: 8.0}


@dataclass(frozen=True, slots=True)
class OneLook:
    """What the looks found. `fault` is the first one; device facts that cannot be read are no fault of the video."""

    camera: str
    liveness: Reading | None
    picture: Reading | None
    device: Reading | None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The looks that were made, in order."""
        return tuple(one for one in (self.liveness, self.picture, self.device) if one is not None)

    @property
    def fault(self) -> Fault | None:
        """The first thing wrong."""
        return next((fault for reading in self.readings for fault in reading.faults), None)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order of doing."""
        return tuple(step for reading in self.readings for step in reading.steps)


def look_once(endpoint: Endpoint, clock: Clock, since_s: float | None = None) -> OneLook:
    """Liveness, then a picture when it answers, then device facts where the endpoint names a device service.

    A refused login ends it: no second request with the same password. `since_s` is when, on the monotonic clock, the
    person began to wait.
    """
    if _has_stream(endpoint):
        decoders.SHARED.warm()
    if endpoint.onvif_port is not None:
        prepare()
    waited_s = 0.0 if since_s is None else clock.monotonic() - since_s
    whole = Deadline.after(max(LEAST_S, min(TOTAL_S, LATEST_S - waited_s)), clock.monotonic)
    liveness = picture = device = None
    if _has_stream(endpoint):
        liveness = _probe(ProbeKind.LIVENESS, endpoint, clock, whole)
        if liveness.fault in (None, Fault.WRONG_FORMAT):
            picture = _probe(ProbeKind.PICTURE, endpoint, clock, whole)
            if picture.frame is not None:
                picture = replace(picture, findings=examine(picture.frame, None))
    refused = any(one is not None and one.fault in LOGIN_FAULTS for one in (liveness, picture))
    if endpoint.onvif_port is not None and not refused:
        device = _probe(ProbeKind.DEVICE, endpoint, clock, whole)
    return OneLook(endpoint.camera, liveness, picture, device)


def _has_stream(endpoint: Endpoint) -> bool:
    return endpoint.rtsp_port > 0


def _probe(kind: ProbeKind, endpoint: Endpoint, clock: Clock, whole: Deadline, **options: Any) -> Reading:
    at, begun_s = clock.now(), clock.monotonic()
    deadline = Deadline.after(min(MOST_S[kind], whole.left_s()), clock.monotonic)
    try:
        return PROBERS[kind](endpoint, at, deadline, **options)
    except DecodersBusy:
        ms = round(1000 * (clock.monotonic() - begun_s), 3)
        step = Step("decode", False, ms, "this machine was too busy to decode it")
        return Reading(endpoint.camera, kind, at, Fault.TIMEOUT, {"at": "decode", "waited_ms": round(ms)}, (step,))

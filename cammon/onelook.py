"""One look of every kind at one camera, for a person who waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cammon.clock import Clock
from cammon_probes import decoders
from cammon_probes.device import prepare
from cammon_probes.model import LOGIN_FAULTS, Deadline, Endpoint, Fault, ProbeKind, Reading, Step
from cammon_probes.picture.motion import change_within
from cammon_probes.picture.registry import examine
from cammon_probes.registry import PROBERS
from cammon_probes.unfinished import LookUnfinished

TOTAL_S = 12.0
LATEST_S = 12.5
LEAST_S = 3.0
"""A person waits at most 15 s, whatever the camera does: the looks end `TOTAL_S` after their beginning and `LATEST_S`
after that of the waiting, whichever is first; on a machine that is slow to begin they still get `LEAST_S`."""
SETTLE_S = 0.5
"""Between two looks at one stream: a server that takes it down when its only viewer leaves fails the next one then."""
MOST_S: Mapping[ProbeKind, float] = {ProbeKind.LIVENESS: 5.0, ProbeKind.PICTURE: 8.0, ProbeKind.DEVICE: 8.0}


@dataclass(frozen=True, slots=True)
class OneLook:
    """What the looks found. `fault` is the first one; device facts that cannot be read are no fault of the video.

    `unfinished`: looks that cammon itself could not finish, with no more than a step that says why. What they would
    have found is not known.
    """

    camera: str
    liveness: Reading | None
    picture: Reading | None
    device: Reading | None
    unfinished: tuple[Reading, ...] = ()

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
        """Whether everything was looked at and nothing is wrong."""
        return self.fault is None and not self.unfinished

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order of doing."""
        return tuple(step for reading in (*self.readings, *self.unfinished) for step in reading.steps)


def look_once(
    endpoint: Endpoint, clock: Clock, since_s: float | None = None, frames: int = 1, stream: str = "sub"
) -> OneLook:
    """Liveness, then `frames` pictures when it answers, then device facts where the endpoint names a device service.

    `since_s` is when, on the monotonic clock, the person began to wait; `stream` is where pictures come from, as in
    `picture`. A refused login ends it: no second request with that password.
    """
    if _has_stream(endpoint):
        decoders.SHARED.warm()
    if endpoint.onvif_port is not None:
        prepare()
    waited_s = 0.0 if since_s is None else clock.monotonic() - since_s
    whole = Deadline.after(max(LEAST_S, min(TOTAL_S, LATEST_S - waited_s)), clock.monotonic)
    looks = _Looks(endpoint, clock, whole)
    liveness = picture = device = None
    if _has_stream(endpoint):
        liveness = looks.made(ProbeKind.LIVENESS, options=True)
        if liveness is not None and liveness.fault in (None, Fault.WRONG_FORMAT):
            clock.sleep(min(SETTLE_S, whole.left_s() / 4))
            picture = _examined(looks.made(ProbeKind.PICTURE, frames=frames, stream=stream))
    refused = any(one is not None and one.fault in LOGIN_FAULTS for one in (liveness, picture))
    if endpoint.onvif_port is not None and not refused:
        device = looks.made(ProbeKind.DEVICE)
    return OneLook(endpoint.camera, liveness, picture, device, tuple(looks.unfinished))


def _has_stream(endpoint: Endpoint) -> bool:
    return endpoint.rtsp_port > 0


class _Looks:
    """The looks at one camera, which end together."""

    def __init__(self, endpoint: Endpoint, clock: Clock, whole: Deadline) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._whole = whole
        self.unfinished: list[Reading] = []

    def made(self, kind: ProbeKind, **options: Any) -> Reading | None:
        """One look; None when cammon lacked what it needed."""
        at, begun_s = self._clock.now(), self._clock.monotonic()
        deadline = Deadline.after(min(MOST_S[kind], self._whole.left_s()), self._clock.monotonic)
        try:
            return PROBERS[kind](self._endpoint, at, deadline, **options)
        except LookUnfinished:
            ms = round(1000 * (self._clock.monotonic() - begun_s), 3)
            step = Step("decode", False, ms, "this machine was too busy to decode it")
            self.unfinished.append(Reading(self._endpoint.camera, kind, at, steps=(step,)))
            return None


def _examined(picture: Reading | None) -> Reading | None:
    """A picture look with what the checks say, and how much changed from its first picture to the others."""
    if picture is None or picture.frame is None:
        return picture
    change = change_within(picture.frame, picture.later)
    evidence = picture.evidence if change is None else {**picture.evidence, "frames_change": round(change, 3)}
    return replace(picture, findings=examine(picture.frame, None), evidence=evidence)

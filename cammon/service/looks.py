"""One look at one camera: login, probe, picture checks. It takes no decision: the recorder does."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import cv2
import numpy as np
from sqlalchemy.exc import DatabaseError

from cammon.clock import Clock
from cammon.credentials import Logins, logins_of
from cammon.daylight import sun_deg
from cammon.loginguard import LoginGuard, LoginTurn
from cammon.resolution import main_widths, of_main_stream
from cammon.sitefiles.model import LedgerCamera, Site
from cammon.siteweather import SOFT_FAULTS
from cammon.store.readings import Delivery
from cammon.trend import Measures
from cammon.turned import Turn
from cammon_probes.device import changed
from cammon_probes.model import (
    LOGIN_FAULTS,
    Credential,
    Deadline,
    DeviceFacts,
    Endpoint,
    Fault,
    Finding,
    Frame,
    ProbeKind,
    Reading,
)
from cammon_probes.picture.frame import PreparedFrame, prepare
from cammon_probes.picture.frozen import Frozen
from cammon_probes.picture.motion import change_within, moving
from cammon_probes.picture.reference import Reference, light_of
from cammon_probes.picture.registry import Check, judge
from cammon_probes.picture.view import PLAIN
from cammon_probes.registry import PROBERS
from cammon_probes.snapshot import at_snapshot

from .channels import Channels
from .chatter import INFRARED_CHATTER, Chatter
from .references import References
from .views import views_of

log = logging.getLogger(__name__)

JPEG_QUALITY = 80
STILL = 0.25
"""Score of `frozen` from which the next look takes several pictures: half of what makes a fault."""
FRAMES_WHEN_STILL = 2


class Looker:
    """Makes looks at the cameras of one site. Thread safe: looks at one camera never overlap."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        guard: LoginGuard,
        references: References,
        accepted: Callable[[str], DeviceFacts | None],
        checks: tuple[Check, ...],
        logins: Logins | None = None,
        calm: Callable[[str], bool] = lambda _camera: True,
        fair: Callable[[], bool] = lambda: True,
        turned: Mapping[str, Turn] | None = None,
    ) -> None:
        """`calm`: whether nothing is wrong with a camera's picture, which is learnt then. `fair`: whether no weather of
        the site bends what the trend measures. `turned`: accepted views that are not those of the ledger."""
        self._site = site
        self._clock = clock
        self._guard = guard
        self._logins = logins or logins_of(site)
        self.references = references
        self._accepted = accepted
        self._checks = checks
        self._views = views_of(site)
        self._main_px = main_widths(site)
        self._channels = Channels(site.cameras, references)
        self._calm, self._fair = calm, fair
        self._turned = dict(turned or {})
        self._chatter = Chatter()
        self._still: set[str] = set()
        self._frozen = next((check for check in checks if isinstance(check, Frozen)), Frozen())

    def renewed(self, camera: str, jpeg: bytes, at: datetime) -> Reference:
        """What a camera's good pictures look like when a person says that it should look as in this one."""
        frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        view = self._views.get(camera, PLAIN)
        local = at.astimezone(self._site.time_zone)
        prepared = prepare(np.asarray(frame, dtype=np.uint8), view)
        return (self.references.of(camera) or Reference()).renewed([prepared], local.hour + local.minute / 60, view)

    def turned(self, camera: str) -> Turn | None:
        """How the view that a person accepted last was turned against the ledger."""
        return self._turned.get(camera)

    def now_turned(self, camera: str, turn: Turn | None) -> None:
        """A person has accepted another view, or says that the ledger is right."""
        self._turned = (
            {**self._turned, camera: turn} if turn else {k: v for k, v in self._turned.items() if k != camera}
        )

    def look(self, camera: LedgerCamera, kind: ProbeKind, due_at: datetime) -> Delivery:
        """What the look brought. Raises `LookUnfinished` when cammon lacked what it needed: try again soon."""
        endpoint = endpoint_of(self._site, camera, self._logins)
        credential = endpoint.credential
        if credential is None:
            return self._deliver(camera, kind, due_at, endpoint)
        turn = self._guard.turn(endpoint.host, credential, kind, self._clock.now)
        try:
            delivery = self._deliver(camera, kind, due_at, replace(endpoint, turn=turn))
            if turn.held_back_until is None:
                self._learn(delivery.reading, endpoint.host, credential, turn)
                return delivery
        finally:
            turn.end()
        return self._held_back(delivery, endpoint.host, credential, turn.held_back_until)

    def _held_back(self, delivery: Delivery, host: str, credential: Credential, until: datetime) -> Delivery:
        """A look that sent no login: the camera's 401 keeps the fault open and costs none of its attempts."""
        reading = delivery.reading
        evidence = {**reading.evidence, "login_paused_until": until.isoformat()}
        fault = reading.fault
        if fault is Fault.AUTH_FAILED:
            fault = self._guard.refused_as(host, credential)
        return replace(delivery, reading=replace(reading, fault=fault, evidence=evidence))

    def _learn(self, reading: Reading, host: str, credential: Credential, turn: LoginTurn) -> None:
        """A refused login is written before anything else is done with the look, and before another may log in."""
        at = None if reading.fault in LOGIN_FAULTS else turn.accepted_at
        try:
            self._guard.learn(host, credential, reading, at or self._clock.now())
        except DatabaseError:
            log.exception("what %s said of the login %s was not written", host, credential.name)

    def _deliver(self, camera: LedgerCamera, kind: ProbeKind, due_at: datetime, endpoint: Endpoint) -> Delivery:
        probing = self._site.probing(camera)
        deadline = Deadline.after(probing.deadline_s, self._clock.monotonic)
        options: dict[str, Any] = {}
        if kind is ProbeKind.PICTURE:
            endpoint, options["stream"] = self._pictured(endpoint, probing.picture_stream)
            still = camera.id in self._still
            options["frames"] = max(probing.picture_frames, FRAMES_WHEN_STILL) if still else probing.picture_frames
        elif kind is ProbeKind.DEVICE:
            options["clock_tolerance_s"] = self._site.lifecycle.clock_tolerance_s
        reading = PROBERS[kind](endpoint, self._clock.now(), deadline, **options)
        if kind is ProbeKind.DEVICE:
            return Delivery(due_at, self._compared(reading))
        return self._examined(due_at, reading)

    def _pictured(self, endpoint: Endpoint, stream: str) -> tuple[Endpoint, str]:
        """Where the picture comes from; the sub stream as long as nobody has said where the snapshot is."""
        if stream != "snapshot" or endpoint.snapshot_path:
            return endpoint, stream
        facts = self._accepted(endpoint.camera)
        found = at_snapshot(endpoint, facts.snapshot_uri_used if facts else None)
        return (endpoint, "sub") if found is None else (found, stream)

    def _compared(self, reading: Reading) -> Reading:
        """A device reading held against what was accepted."""
        before = self._accepted(reading.camera)
        if reading.fault is not None or reading.device is None or before is None:
            return reading
        return replace(reading, fault=changed(before, reading.device))

    def _examined(self, due_at: datetime, reading: Reading) -> Delivery:
        """A picture reading with its findings; the frame itself goes no further than this."""
        if reading.frame is None:
            return Delivery(due_at, reading)
        camera = reading.camera
        local, calm = reading.at.astimezone(self._site.time_zone), self._calm(camera)
        hour = local.hour + local.minute / 60
        view = replace(self._views.get(camera, PLAIN), sun_deg=sun_deg(self._site.daylight, reading.at), hour=hour)
        base = self.references.accepted_at(camera)
        prepared = prepare(reading.frame, view)
        judged = judge(prepared, self.references.of(camera), self._checks, view)
        change = change_within(reading.frame, reading.later)
        chatters = self._chatter.heard(camera, judged.notes, reading.at)
        notes = (*judged.notes, *((INFRARED_CHATTER,) if chatters else ()))
        findings, shown = self._channels.judged(camera, prepared, moving(judged.findings, change, self._frozen))
        findings = of_main_stream(findings, prepared.width_px, self._main_px.get(camera))
        self._note_still(camera, findings)
        evidence = {**reading.evidence, **shown}
        if change is not None:
            evidence["frames_change"] = round(change, 3)
        examined = replace(reading, findings=findings, notes=notes, evidence=evidence)
        learnt = self.references.learn(examined, prepared, hour, calm=calm)
        return Delivery(
            due_at,
            replace(examined, frame=None, later=()),
            jpeg=as_jpeg(reading.frame),
            measures=measures_of(prepared, examined) if calm and self._fair() else None,
            reference=learnt,
            base=base,
            turned=self._turned.get(camera),
        )

    def _note_still(self, camera: str, findings: tuple[Finding, ...]) -> None:
        """Whether hardly anything changed since the last look: the next one then sees whether anything moves at all."""
        if any(one.fault is Fault.FROZEN and one.score >= STILL for one in findings):
            self._still.add(camera)
        else:
            self._still.discard(camera)


def measures_of(frame: PreparedFrame, reading: Reading) -> Measures | None:
    """What the trend keeps of a picture; None when something else than a dirty lens is wrong with it."""
    if any(fault not in SOFT_FAULTS for fault in reading.faults):
        return None
    return Measures(light_of(frame).value, frame.sharpness.laplacian, frame.contrast, frame.mean_luma)


def as_jpeg(frame: Frame) -> bytes:
    """A picture as a browser takes it."""
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()


def endpoint_of(site: Site, camera: LedgerCamera, logins: Logins | None = None) -> Endpoint:
    """Where a camera of the ledger answers, with its login as it is now (by default that of the site's folder).

    ValueError when it has no address; UserError when the encrypted store is needed and cannot be opened.
    """
    if camera.host is None:
        raise ValueError(f"{camera.id} has no address")
    return Endpoint(
        camera=camera.id,
        host=camera.host,
        rtsp_port=camera.rtsp_port,
        rtsp_path=camera.rtsp_path,
        sub_path=camera.sub_path,
        snapshot_path=camera.snapshot_path,
        onvif_port=camera.onvif_port,
        onvif_scheme=camera.onvif_scheme,
        rtsp_scheme=camera.rtsp_scheme,
        onvif_path=camera.onvif_path,
        trust=site.trust,
        credential=(logins or logins_of(site)).of(camera.credential),
        expected=camera.expected,
    )

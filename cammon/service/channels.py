"""Channels of recorders: whether each shows its own camera, and whether the recorder has as many as the ledger says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cammon.sitefiles.model import LedgerCamera
from cammon_probes.model import DeviceFacts, Finding
from cammon_probes.picture.channel import WrongChannel
from cammon_probes.picture.frame import PreparedFrame

from .references import References


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """A recorder whose device service tells of other channels than the ledger: `listed` by it, `ledger` by us."""

    recorder: str
    listed: int
    ledger: int


class Channels:
    """Cameras that answer at one host are the channels of one box; a recorder mixes them up without a word."""

    def __init__(
        self, cameras: Iterable[LedgerCamera], references: References, check: WrongChannel | None = None
    ) -> None:
        self._references = references
        self._check = check or WrongChannel()
        self._siblings = _siblings(cameras)

    def judged(
        self, camera: str, frame: PreparedFrame, findings: tuple[Finding, ...]
    ) -> tuple[tuple[Finding, ...], Mapping[str, str]]:
        """The findings, with one on the channel where there is anything to say of it, and the evidence for it.

        Another camera's picture has other edges, colours and sharpness: those are then no faults of this camera.
        """
        siblings, own = self._siblings.get(camera, ()), self._references.of(camera)
        if not siblings or own is None or not self._check.suspects(frame, own):
            return findings, {}
        known = ((other, found) for other in siblings if (found := self._references.of(other)) is not None)
        finding, other = self._check(frame, own, known)
        if not finding.bad:
            return (*findings, finding), {}
        return (finding, *(replace(one, bad=False) for one in findings)), {"shows_channel": other}


def _siblings(cameras: Iterable[LedgerCamera]) -> dict[str, tuple[str, ...]]:
    """Camera -> the others that answer at its host."""
    boxes: dict[str | None, list[str]] = defaultdict(list)
    for camera in cameras:
        boxes[camera.host].append(camera.id)
    return {
        camera: tuple(other for other in box if other != camera)
        for host, box in boxes.items()
        if host
        for camera in box
    }


def fewer_channels(cameras: Iterable[LedgerCamera], devices: Mapping[str, DeviceFacts]) -> tuple[ChannelCount, ...]:
    """Recorders that tell of fewer video sources than the ledger has cameras at their address."""
    boxes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for camera in cameras:
        if camera.recorder and camera.host:
            boxes[camera.recorder, camera.host].append(camera.id)
    found = []
    for (recorder, _), box in sorted(boxes.items()):
        told = [len(devices[camera].sources) for camera in box if camera in devices and devices[camera].sources]
        if len(box) > 1 and told and max(told) < len(box):
            found.append(ChannelCount(recorder, max(told), len(box)))
    return tuple(found)

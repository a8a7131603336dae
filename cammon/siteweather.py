"""Weather of a whole site: many cameras lose sharpness or contrast in the same minutes. Not so many dirty lenses.

Pure: the event before and the healths of now give the event of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cammon.health import REACH_FAULTS, VIDEO_FAULTS, Health
from cammon_probes.model import Fault, ProbeKind

SOFT_FAULTS = frozenset({Fault.BLUR, Fault.LOW_CONTRAST, Fault.COLOUR_CAST})
"""What fog, dust, rain and snow do to a picture: they take sharpness and contrast, dust colours it."""
STRIKING_FAULTS = SOFT_FAULTS | {Fault.PARTIAL}
"""What begins an event when it comes to many cameras at once: snow on the ground hides parts of what they see."""
WEATHER_FAULTS = STRIKING_FAULTS | {Fault.COVERED}
"""What belongs to one: thick fog comes to hide the whole view of a camera that it has already struck."""
THICK, HARDLY_COVERED = 0.5, 0.7
"""Weather that has struck so many of the judged cameras may nearly hide the view of another one at once. It leaves a
little of what is near: such a view is hardly covered, with a score below this."""
TOGETHER = timedelta(minutes=90)
"""A front takes so long to cross a site, looks included."""
LEAST_CAMERAS = 3
LEAST_SHARE = 0.25
"""Of the cameras whose pictures were judged: so many have to be struck for an event to begin."""
HALF_OF_FEW = 2
"""Where a site has few cameras, but more than this, so many are enough when they are half of them."""
NEARLY_COUNTS = 0.5
"""As so much of a camera that is struck counts one that nearly is: some are by chance."""
LINGERS = timedelta(hours=2)
"""The last cameras to clear belong to the event for so long after the others have."""
EARLIER = timedelta(minutes=10)
"""A camera struck this much before the others was struck by the same."""


@dataclass(frozen=True, slots=True)
class SiteWeather:
    """An event: since when, whom it has struck, and when it was last wide enough to be one."""

    since: datetime
    cameras: frozenset[str]
    wide_at: datetime

    def explains(self, camera: str, fault: Fault, since: datetime) -> bool:
        """Whether a fault that began then is the weather's and not the camera's."""
        return fault in WEATHER_FAULTS and camera in self.cameras and since >= self.since - EARLIER


def weather_now(before: SiteWeather | None, healths: Mapping[str, Health], now: datetime) -> SiteWeather | None:
    """The event that is under way; None when there is none.

    It begins when enough cameras are struck (suspected or confirmed), or nearly (see `Health.nearly`; two of these
    count as one), within `TOGETHER`, takes in those that are struck later, and ends when few are left and `LINGERS` has
    passed: whoever is still bad then is bad by itself. While no camera is struck, it has none.
    """
    judged = sum(_judged(health) for health in healths.values())
    struck = onsets(healths)
    if before is not None:
        thick = len(struck) >= THICK * judged
        hidden = {camera: health.tracks.get(Fault.COVERED.value) for camera, health in healths.items()}
        struck |= {
            camera: track.since
            for camera, track in hidden.items()
            if track and (camera in before.cameras or (thick and track.severity < HARDLY_COVERED))
        }
    nearly = {camera: at for camera, at in _nearly(healths).items() if camera not in struck}
    onset = [*((at, 1.0) for at in struck.values()), *((at, NEARLY_COUNTS) for at in nearly.values())]
    quorum = _quorum(judged)
    since = _begun(onset, quorum) if before is None else before.since
    if since is None:
        return None
    wide = sum(counts for at, counts in onset if at >= since - EARLIER) >= quorum
    cameras = frozenset(camera for camera, at in struck.items() if at >= since - EARLIER)
    wide_at = now if wide or before is None else before.wide_at
    if not (cameras or wide) or now - wide_at > LINGERS:
        return None
    return SiteWeather(since, cameras, wide_at)


def onsets(healths: Mapping[str, Health]) -> dict[str, datetime]:
    """Since when each camera that weather may have struck has had its fault, suspected or confirmed (the newest)."""
    return _newest(healths, STRIKING_FAULTS)


def _quorum(judged: int) -> float:
    least = max(HALF_OF_FEW, judged / 2) if judged > HALF_OF_FEW else LEAST_CAMERAS
    return max(min(LEAST_CAMERAS, least), LEAST_SHARE * judged)


def _newest(healths: Mapping[str, Health], faults: frozenset[Fault]) -> dict[str, datetime]:
    found = {
        camera: [track.since for track in health.tracks.values() if track.fault in faults]
        for camera, health in healths.items()
    }
    return {camera: max(since) for camera, since in found.items() if since}


def _nearly(healths: Mapping[str, Health]) -> dict[str, datetime]:
    """Since when each camera nearly has what weather does (the newest)."""
    found = {
        camera: [since for fault, since in health.nearly.items() if fault in STRIKING_FAULTS]
        for camera, health in healths.items()
    }
    return {camera: max(since) for camera, since in found.items() if since}


def _begun(onsets: list[tuple[datetime, float]], quorum: float) -> datetime | None:
    """The beginning of the first span of `TOGETHER` in which enough cameras were struck, each as far as it counts."""
    onsets.sort()
    for at, _ in onsets:
        if sum(counts for other, counts in onsets if at <= other <= at + TOGETHER) >= quorum:
            return at
    return None


def _judged(health: Health) -> bool:
    """Whether the camera's pictures say anything of the weather now."""
    lost = any(track.fault in REACH_FAULTS | VIDEO_FAULTS for track in health.tracks.values())
    return ProbeKind.PICTURE in health.looked_at and not lost

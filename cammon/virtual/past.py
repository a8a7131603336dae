"""Good pictures of the past day of a virtual site, as a recorder would have kept them: for `cammon learn`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import cv2

from cammon.daylight import period_at
from cammon.sitefiles.model import Site
from cammon.virtual.h264 import Encoder
from cammon.virtual.model import CameraSpec, StreamSpec
from cammon.virtual.run import SitePictures
from cammon.virtual.specs import spec_of
from cammon_coverage.model import Period
from cammon_probes.decode import keyframe
from cammon_probes.model import Frame

HOURS_OF = {Period.DAY: 5, Period.NIGHT: 4}
"""Pictures of so many hours of each light: one more than makes a history of it."""
PASSES_S = 20.0
"""People go on by so much from one picture to the next: too little for the renderer to forget the still view."""
JPEG_QUALITY = 92


def write_past(site: Site, folder: Path, now: datetime, newcomers: Sequence[str] = ()) -> int:
    """Writes FOLDER/CAMERA/TIME.jpg for each camera with an address, but for the `newcomers`; how many.

    The light of now comes first for all cameras.
    """
    source, written = SitePictures(site), 0
    hours = hours_before(site, now)
    cameras = [one for one in site.cameras if one.host and one.id not in newcomers]
    for period in sorted(Period, key=lambda one: one is not period_at(site.daylight, now, site.time_zone)):
        for camera in cameras:
            spec = spec_of(camera, {camera.credential: ("", "")} if camera.credential else {})
            for at, frame in _frames(source, spec, period, hours[period]):
                path = folder / camera.id / f"{at:%Y-%m-%dT%H-%M}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                written += bool(cv2.imwrite(str(path), frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]))
    return written


def hours_before(site: Site, now: datetime) -> dict[Period, list[datetime]]:
    """Some hours of the day before `now` (site's time), by the light that there was, spread over it."""
    local = now.astimezone(site.time_zone)
    past = [local - timedelta(hours=back) for back in range(24, 0, -1)]
    found: dict[Period, list[datetime]] = {}
    for period, most in HOURS_OF.items():
        mine = [at for at in past if period_at(site.daylight, at, site.time_zone) is period]
        some = min(most, len(mine))
        found[period] = [mine[number * len(mine) // some] for number in range(some)]
    return found


def _frames(
    source: SitePictures, spec: CameraSpec, period: Period, hours: Sequence[datetime]
) -> Iterator[tuple[datetime, Frame]]:
    stream = spec.sub or spec.main
    for number, at in enumerate(hours):
        frame = source.frame(
            spec.id,
            stream.width_px,
            stream.height_px,
            at=at,
            elapsed_s=PASSES_S * number,
            period=period,
            faults={},
            seed=int(at.timestamp()),
        )
        sent = _through_stream(stream, frame)
        if sent is not None:
            yield at, sent


def _through_stream(stream: StreamSpec, frame: Frame) -> Frame | None:
    """The frame as it comes out of a viewer's decoder."""
    unit = Encoder(stream).encode(frame, key=True)
    decoded = keyframe("h264", b"".join(b"\0\0\0\1" + nal for nal in unit.nals))
    return None if decoded is None else decoded.frame

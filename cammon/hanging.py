"""What hangs on one thing, as people want it told."""

from collections.abc import Iterable

from cammon.sitefiles.model import Site
from cammon_coverage.model import Thread


def told_once(site: Site, threads: Iterable[Thread]) -> tuple[Thread, ...]:
    """The threads with places on them; a box with one camera, which bears its name, is told as the camera alone."""
    cameras = {camera.id for camera in site.cameras}
    return tuple(one for one in threads if one.places and not (one.kind == "device" and one.id in cameras))

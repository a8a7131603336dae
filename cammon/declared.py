"""Key places that a camera without a pose is said to see: what geometry cannot know is unknown, not blind."""

from collections.abc import Mapping
from dataclasses import replace

from cammon.sitefiles.model import Site
from cammon_coverage.model import PlaceAnswer, Reason, ReasonCode, SiteAnswer


def with_declared(site: Site, answer: SiteAnswer) -> SiteAnswer:
    """The answer in which a place that is not covered, but declared for a camera without a pose, is unknown.

    The ratios stay: an unknown place is never counted as covered.
    """
    waiting = waiting_for_pose(site)
    if not waiting:
        return answer
    return replace(answer, places=tuple(_judged(one, waiting.get(one.place, ())) for one in answer.places))


def waiting_for_pose(site: Site) -> Mapping[str, tuple[str, ...]]:
    """Key place -> the cameras that are said to see it and have no pose."""
    unposed = {camera.id for camera in site.cameras if camera.pose is None}
    found = {place: tuple(one for one in cameras if one in unposed) for place, cameras in site.declared.items()}
    return {place: cameras for place, cameras in found.items() if cameras}


def _judged(answer: PlaceAnswer, cameras: tuple[str, ...]) -> PlaceAnswer:
    if answer.covered is not False or not cameras:
        return answer
    reasons = tuple(Reason(ReasonCode.CAMERA_WITHOUT_POSE, {"camera": camera}) for camera in cameras)
    return replace(answer, covered=None, reasons=reasons + answer.reasons)

"""Lenses that are getting dirty: cleaned before they are a fault."""

from collections.abc import Mapping, Sequence

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.trend import Trend
from cammon.upgrades.model import Action, Evidence, OpenFault, Why
from cammon.upgrades.moves import Move

FEW_DAYS = 14
"""A shorter time is told in days, a longer one in weeks."""


def foreseen_moves(
    site: Site, trends: Mapping[str, Trend], faults: Mapping[str, Sequence[OpenFault]]
) -> tuple[Move, ...]:
    """A cleaning for each camera whose pictures get worse; a camera with a fault has its row already."""
    found = [camera for camera in site.cameras if camera.id in trends and not faults.get(camera.id)]
    return tuple(_move(site, camera, trends[camera.id]) for camera in found)


def days_left(move: Move) -> float:
    """Days until what a move is to prevent; 0 for one that prevents nothing."""
    params = move.evidence[0].params if move.why is Why.FORESEEN else {}
    return float(params.get("days", 0)) + 7 * float(params.get("weeks", 0))


def _move(site: Site, camera: LedgerCamera, trend: Trend) -> Move:
    return Move(
        id=f"clean/{camera.id}",
        action=Action.CLEAN,
        why=Why.FORESEEN,
        kind="camera",
        subject=camera.id,
        name=camera.name,
        cameras=(camera.id,),
        cost=site.lifecycle.cost.get(Action.CLEAN, 0.0),
        evidence=(trend_evidence(trend),),
    )


def trend_evidence(trend: Trend) -> Evidence:
    """What a trend says, as a code with parameters."""
    params: dict[str, str | float] = {
        "measure": trend.measure.value,
        "since": trend.since.isoformat(),
        "percent": round(trend.percent_per_week, 1),
    }
    if trend.days_left >= FEW_DAYS:
        return Evidence("lens_dirty_weeks", {**params, "weeks": round(trend.days_left / 7)})
    if trend.days_left >= 1.5:
        return Evidence("lens_dirty_days", {**params, "days": round(trend.days_left)})
    return Evidence("lens_dirty_now", params)

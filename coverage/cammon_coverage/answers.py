"""The answer for one key place, and the figures of a site from its answers."""

from collections.abc import Iterable, Mapping, Sequence

from cammon_coverage.model import (
    Basis,
    Period,
    PlaceAnswer,
    Reason,
    Scene,
    SeenBy,
    Sight,
    SightState,
    SiteAnswer,
)
from cammon_coverage.parts import AreaPart, Part
from cammon_coverage.places import Ask, Tolerance
from cammon_coverage.view import View

HEALTHY = Sight()
NOT_LOOKED_AT = Sight(SightState.UNKNOWN)


def place_part(view: View, ask: Ask, period: Period, sight: Sight) -> Part:
    """What of a place a camera sees as the place asks it, its state apart."""
    return ask.all.within(view.region_for(ask.place, period, sight))


def verdict(ask: Ask, sure: Part, possible: Part, tolerance: Tolerance) -> bool | None:
    """Covered, not covered, or None: it depends on cameras whose state is unknown."""
    if ask.covered_by(sure, tolerance):
        return True
    return None if possible is not sure and ask.covered_by(possible, tolerance) else False


def seen_by(
    ask: Ask, parts: Mapping[str, Part], views: Mapping[str, View], sights: Mapping[str, Sight]
) -> tuple[SeenBy, ...]:
    """The cameras of some parts, the one that sees most first, with the density at the worst point of each."""
    rows = [
        SeenBy(
            camera,
            ask.share(part),
            views[camera].worst_density(part.corners(), ask.place.target, sights.get(camera, HEALTHY)),
        )
        for camera, part in parts.items()
        if not part.is_empty
    ]
    return tuple(sorted(rows, key=lambda row: (-row.share, -row.density_px_per_m, row.camera)))


def place_answer(
    ask: Ask, covered: bool | None, sure: Part, possible: Part, who: tuple[SeenBy, ...], reasons: tuple[Reason, ...]
) -> PlaceAnswer:
    """The answer of one place from what is surely and what is possibly seen."""
    share = ask.share(sure)
    blind = ask.all.without(sure)
    return PlaceAnswer(
        place=ask.place.id,
        share=share,
        covered=covered,
        unknown_share=max(0.0, ask.share(possible) - share),
        seen_by=who,
        reasons=() if covered else reasons,
        blind=None if blind.is_empty else blind.shape(),
    )


def site_answer(
    scene: Scene, asks: Sequence[Ask], basis: Basis, period: Period, places: Sequence[PlaceAnswer], known: bool
) -> SiteAnswer:
    """The ratios of a site. `known` False (no reading yet): places are answered, ratios are None."""
    covered = [place.covered is True for place in places]
    weights = [scene.weights.get(ask.place.priority, 1.0) for ask in asks]
    areas = [
        (ask.all.size, place.share) for ask, place in zip(asks, places, strict=True) if isinstance(ask.all, AreaPart)
    ]
    return SiteAnswer(
        basis=basis,
        period=period,
        places=tuple(places),
        ratio=_share(covered, [1.0] * len(covered)) if known else None,
        weighted_ratio=_share(covered, weights) if known else None,
        area_share=_share([share for _, share in areas], [size for size, _ in areas]) if known else None,
    )


def _share(values: Iterable[float], weights: Sequence[float]) -> float | None:
    total = sum(weights)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total if total > 0 else None

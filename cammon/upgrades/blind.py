"""Key places that no documented camera covers, and a new camera at a mounting place that would.

For each mounting place and each such key place the lenses of the catalog are pointed at the blind spot and a little
beside it; the arithmetic sieve ranks the views, and the coverage computes the best of them, obstacles and all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import atan2, degrees, hypot

import numpy as np

from cammon.sitefiles.model import Site
from cammon.upgrades.lenses import Aim, Offer, could_reach, share_in_picture
from cammon.upgrades.model import Action, Coverage, Evidence, Why
from cammon.upgrades.moves import Move, view_evidence
from cammon.upgrades.table import Pair
from cammon.upgrades.trials import Answers, Trial, aim_of, open_pairs, tried
from cammon_coverage.model import Camera, DensityModel, KeyPlace, MountingPlace, Period, Pose, ReasonCode

BESIDE_DEG = (0.0, -8.0, 8.0, -16.0, 16.0)
STEEPER_DEG = (0.0, -6.0, 6.0, 12.0)
MOST_TRIALS = 4
"""Views computed by the coverage for one key place from one mounting place."""
MOST_CANDIDATES = 4
"""New cameras among which the order of the list chooses for one key place."""
TILT_MAX_DEG = 85.0


@dataclass(frozen=True, slots=True)
class View:
    """A lens in a pose at a mounting place, with the share of the blind spot that its picture holds."""

    offer: Offer
    camera: Camera
    share: float


def blind_moves(site: Site, coverage: Coverage, design: Answers, bought: Sequence[Offer]) -> tuple[Move, ...]:
    """New cameras for each blind key place: at most `MOST_CANDIDATES`, each at another mounting place."""
    places = {place.id: place for place in site.scene.key_places}
    moves = []
    for place, periods in _blind_places(design).items():
        aims = [aim_of(site.scene, design, (place, period)) for period in periods]
        found = []
        for mount in site.scene.mounting_places:
            views = _views(site.scene.density_model, mount, aims, bought)[:MOST_TRIALS]
            best = _best(site, coverage, design, views, {(place, period) for period in periods})
            if best is not None:
                found.append((best[1].value(site.scene), _move(site, mount, places[place], periods, best[0])))
        found.sort(key=lambda both: (-both[0][0], both[1].cost, -both[0][1], both[1].id))
        moves += [move for _, move in found[:MOST_CANDIDATES]]
    return tuple(moves)


def _best(
    site: Site, coverage: Coverage, design: Answers, views: Sequence[View], open_here: set[Pair]
) -> tuple[View, Trial] | None:
    """The first view that covers the place in every period; else what brings most back; None if none adds any."""
    places = {place.id: place for place in site.scene.key_places}
    best: tuple[View, Trial] | None = None
    for view in views:
        trial = tried(design, places, view.camera, coverage.added(view.camera))
        if trial.helps and (best is None or trial.value(site.scene) > best[1].value(site.scene)):
            best = (view, trial)
        if trial.gained >= open_here:
            break
    return best


def _blind_places(design: Answers) -> dict[str, tuple[Period, ...]]:
    """Place -> the periods in which it is open, where a camera could help and no unposed one may see it already."""
    hopeless = {ReasonCode.INSIDE_OBSTACLE, ReasonCode.CAMERA_WITHOUT_POSE}
    found: dict[str, tuple[Period, ...]] = {}
    for place, period in open_pairs(design):
        if not hopeless.intersection(reason.code for reason in design[place, period].reasons):
            found[place] = (*found.get(place, ()), period)
    return found


def _views(model: DensityModel, mount: MountingPlace, aims: Sequence[Aim], bought: Sequence[Offer]) -> list[View]:
    """Views that hold any of the blind spot: most of it first, day and night together, then the cheapest."""
    views = [view for view in _all_views(model, mount, aims, bought) if view.share > 0]
    return sorted(views, key=lambda view: (-round(view.share, 3), view.offer.price or 0.0))


def _all_views(
    model: DensityModel, mount: MountingPlace, aims: Sequence[Aim], bought: Sequence[Offer]
) -> Iterator[View]:
    place, points = aims[0].place, np.vstack([aim.points for aim in aims])
    east, north = points.mean(axis=0) - (mount.x, mount.y)
    drop = mount.height_m - (place.target.z0_m + place.target.z1_m) / 2
    azimuth, tilt = degrees(atan2(east, north)), degrees(atan2(drop, max(hypot(east, north), 0.1)))
    name = f"{mount.id}/{place.id}"
    nearest_m = float(np.linalg.norm(points - (mount.x, mount.y), axis=1).min())
    lenses = [(offer, offer.lens(hfov)) for offer in bought for hfov in offer.views()]
    for offer, lens in lenses:
        if not could_reach(lens, model, nearest_m, place.level_px_per_m):
            continue
        for steeper, beside in product(STEEPER_DEG, BESIDE_DEG):
            pose = Pose(
                mount.x,
                mount.y,
                mount.height_m,
                round((azimuth + beside) % 360, 1),
                round(min(max(tilt + steeper, -TILT_MAX_DEG), TILT_MAX_DEG), 1),
            )
            share = sum(share_in_picture(pose, lens, aim, model) for aim in aims) / len(aims)
            yield View(offer, Camera(name, pose, lens, name), share)


def _move(site: Site, mount: MountingPlace, place: KeyPlace, periods: Sequence[Period], view: View) -> Move:
    blind = tuple(Evidence("no_camera", {"place": place.id, "period": period.value}) for period in periods)
    return Move(
        id=f"add/{view.camera.id}",
        action=Action.ADD,
        why=Why.BLIND,
        kind="mounting_place",
        subject=mount.id,
        name=mount.name,
        cameras=(),
        cost=addition_cost(site.lifecycle.cost, view.offer),
        evidence=(*blind, view_evidence(view.offer.model, view.camera)),
        target_model=view.offer.model,
        brings=view.camera,
        optional=True,
    )


def addition_cost(cost: Mapping[str, float], offer: Offer) -> float:
    """The catalog's price plus the work of mounting: what the site pays for `add` beyond a mere replacement."""
    if offer.price is None:
        return cost.get(Action.ADD, 0.0)
    return offer.price + max(0.0, cost.get(Action.ADD, 0.0) - cost.get(Action.REPLACE, 0.0))

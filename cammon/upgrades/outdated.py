"""Cameras that look at a key place and cannot show it at its level, and the catalog model that can."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.upgrades.aging import replacement_cost
from cammon.upgrades.lenses import Offer, share_in_picture
from cammon.upgrades.model import Action, Coverage, Evidence, Why
from cammon.upgrades.moves import Move
from cammon.upgrades.table import Pair
from cammon.upgrades.trials import Answers, Trial, missing_points, open_pairs, tried
from cammon_coverage.model import Camera, ReasonCode
from cammon_probes.model import Fault

SHORTCOMINGS = {ReasonCode.DENSITY_TOO_LOW: "level_missed", ReasonCode.TOO_DARK: "too_dark"}
MOST_TRIALS = 24
"""Lenses computed for one camera; the sieve has dropped the hopeless before."""


def shortcomings(design: Answers) -> dict[str, dict[Pair, Evidence]]:
    """Camera -> the pairs that it looks at and that stay open for want of pixels or of light."""
    found: dict[str, dict[Pair, Evidence]] = {}
    for pair in open_pairs(design):
        for reason in design[pair].reasons:
            if reason.code in SHORTCOMINGS:
                camera = str(reason.params["camera"])
                params = {"place": pair[0], "period": pair[1].value, **reason.params}
                found.setdefault(camera, {})[pair] = Evidence(SHORTCOMINGS[reason.code], params)
    return found


def outdated_moves(
    site: Site,
    coverage: Coverage,
    design: Answers,
    bought: Sequence[Offer],
    survives: Mapping[str, frozenset[Fault]],
) -> tuple[Move, ...]:
    """A replacement for each such camera, with the model that brings most back; without one if none does.

    A box with several lenses is not taken apart: its row names no model.
    """
    posed = {camera.id: camera for camera in site.scene.cameras}
    moves = []
    for name, missing in sorted(shortcomings(design).items()):
        if name not in posed:
            continue
        ledger = site.camera(name)
        alone = sum(camera.device == posed[name].device for camera in site.scene.cameras) == 1
        best = _best(site, coverage, design, bought, posed[name], missing) if alone else None
        moves.append(_move(site, ledger, tuple(missing.values()), best, survives.get(name, frozenset())))
    return tuple(moves)


def _best(
    site: Site,
    coverage: Coverage,
    design: Answers,
    bought: Sequence[Offer],
    camera: Camera,
    missing: Mapping[Pair, Evidence],
) -> tuple[Offer, Trial] | None:
    """The lens that loses nothing and gains the most weight, then the most share, then the cheapest."""
    names = [other.id for other in site.scene.cameras]
    weight = {place.id: site.scene.weights.get(place.priority, 1.0) for place in site.scene.key_places}
    best: tuple[tuple[float, float], Offer, Trial] | None = None
    for offer, variant in _candidates(site, design, bought, camera, missing)[:MOST_TRIALS]:
        trial = tried(coverage, design, names, variant, camera.id)
        if trial.lost or not (trial.gained or trial.share_added > 1e-9):
            continue
        value = (sum(weight[place] for place, _ in trial.gained), round(trial.share_added, 9))
        if best is None or value > best[0]:
            best = (value, offer, trial)
        if trial.gained >= set(missing):
            break
    return None if best is None else best[1:]


def _candidates(
    site: Site, design: Answers, bought: Sequence[Offer], camera: Camera, missing: Mapping[Pair, Evidence]
) -> list[tuple[Offer, Camera]]:
    """Lenses that pass the sieve for any missing pair, the cheapest first, the present view before others."""
    places = {place.id: place for place in site.scene.key_places}
    targets = [(places[pair[0]], missing_points(design, pair, places[pair[0]])) for pair in missing]
    return [
        (offer, replace(camera, id=f"{camera.id}/new", lens=lens))
        for offer in bought
        for lens in map(offer.lens, offer.views(camera.lens.hfov_deg))
        if any(share_in_picture(camera.pose, lens, place, points) > 0 for place, points in targets)
    ]


def _move(
    site: Site,
    camera: LedgerCamera,
    evidence: tuple[Evidence, ...],
    best: tuple[Offer, Trial] | None,
    survives: frozenset[Fault],
) -> Move:
    offer, trial = best or (None, None)
    if offer is None or trial is None:
        answer = Evidence("no_model_reaches", {})
    else:
        hfov_deg = trial.camera.lens.hfov_deg
        answer = Evidence("model_reaches", {"model": offer.model, "hfov_deg": hfov_deg, "width_px": offer.width_px})
    return Move(
        id=f"replace/{camera.id}",
        action=Action.REPLACE,
        why=Why.OUTDATED,
        kind="camera",
        subject=camera.id,
        name=camera.name,
        cameras=(camera.id,),
        cost=replacement_cost(site.lifecycle.cost, offer),
        evidence=(*evidence, answer),
        target_model="" if offer is None else offer.model,
        retires=None if trial is None else camera.id,
        brings=None if trial is None else trial.camera,
        survives=survives,
    )

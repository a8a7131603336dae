"""Cameras that look at a key place and cannot show it at its level, and the catalog model that can."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.upgrades.aging import replacement_cost
from cammon.upgrades.lenses import Offer, share_in_picture
from cammon.upgrades.model import Action, Coverage, Evidence, Why
from cammon.upgrades.moves import Move, view_evidence
from cammon.upgrades.table import Pair
from cammon.upgrades.trials import Answers, Trial, aim_of, open_pairs, tried
from cammon_coverage.model import Camera, Lens, ReasonCode, Scene

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


def outdated_moves(site: Site, coverage: Coverage, design: Answers, bought: Sequence[Offer]) -> tuple[Move, ...]:
    """A replacement for each such camera, with the model that brings most back; without one if none does.

    A camera that no model helps is outdated only for key places that it is meant to cover; that it happens to look at
    others from afar is no fault of it. A box with several lenses is not taken apart: its row names no model.
    """
    posed = {camera.id: camera for camera in site.scene.cameras}
    moves = []
    for name, missing in sorted(shortcomings(design).items()):
        if name not in posed:
            continue
        alone = sum(camera.device == posed[name].device for camera in site.scene.cameras) == 1
        best = _best(site, coverage, design, bought, posed[name], missing) if alone else None
        meant = _meant(site, coverage, name, missing)
        if best is not None or meant:
            shown = missing if best is not None else meant
            moves.append(_move(site, site.camera(name), tuple(shown.values()), best, optional=not meant))
    return tuple(moves)


def _meant(site: Site, coverage: Coverage, camera: str, missing: Mapping[Pair, Evidence]) -> dict[Pair, Evidence]:
    """The missing pairs that the camera is for: declared so, or it covers no part of any other key place."""
    idle = not coverage.places_of(camera)
    return {pair: found for pair, found in missing.items() if idle or camera in site.declared.get(pair[0], ())}


def _best(
    site: Site,
    coverage: Coverage,
    design: Answers,
    bought: Sequence[Offer],
    camera: Camera,
    missing: Mapping[Pair, Evidence],
) -> tuple[Offer, Trial] | None:
    """The lens that loses nothing and gains the most weight, then the most share, then the cheapest."""
    places = {place.id: place for place in site.scene.key_places}
    best: tuple[tuple[float, float], Offer, Trial] | None = None
    for offer, lens in _candidates(site.scene, design, bought, camera, missing)[:MOST_TRIALS]:
        variant = replace(camera, lens=lens)
        trial = tried(design, places, variant, coverage.replaced(variant))
        if trial.lost or not trial.helps:
            continue
        value = trial.value(site.scene)
        if best is None or value > best[0]:
            best = (value, offer, trial)
        if trial.gained >= set(missing):
            break
    return None if best is None else best[1:]


def _candidates(
    scene: Scene,
    design: Answers,
    bought: Sequence[Offer],
    camera: Camera,
    missing: Mapping[Pair, Evidence],
) -> list[tuple[Offer, Lens]]:
    """Lenses that pass the sieve for any missing pair, the cheapest first, the present view before others."""
    aims = [aim_of(scene, design, pair) for pair in missing]
    return [
        (offer, lens)
        for offer in bought
        for lens in map(offer.lens, offer.views(camera.lens.hfov_deg))
        if any(share_in_picture(camera.pose, lens, aim, scene.density_model) > 0 for aim in aims)
    ]


def _move(
    site: Site,
    camera: LedgerCamera,
    evidence: tuple[Evidence, ...],
    best: tuple[Offer, Trial] | None,
    optional: bool,
) -> Move:
    offer, trial = best or (None, None)
    plain = Move(
        id=f"replace/{camera.id}",
        action=Action.REPLACE,
        why=Why.OUTDATED,
        kind="camera",
        subject=camera.id,
        name=camera.name,
        cameras=(camera.id,),
        cost=replacement_cost(site.lifecycle.cost, offer),
        evidence=(*evidence, Evidence("no_model_reaches")),
        optional=optional,
    )
    if offer is None or trial is None:
        return plain
    answer = view_evidence(offer.model, trial.camera)
    if trial.gained:
        lens = {"hfov_deg": trial.camera.lens.hfov_deg, "width_px": offer.width_px}
        answer = Evidence("model_reaches", {"model": offer.model, **lens})
    return replace(
        plain,
        evidence=(*evidence, answer),
        target_model=offer.model,
        retires=camera.id,
        brings=replace(trial.camera, id=f"{camera.id}/new"),
    )

"""Which cameras are past their time, and what could hang there instead without a loss."""

from collections.abc import Mapping, Sequence
from datetime import date

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.upgrades.lenses import Offer
from cammon.upgrades.model import Action, Evidence, Why
from cammon.upgrades.moves import Move
from cammon_coverage.model import Camera, Lens, Projection
from cammon_coverage.optics import half_tangents

DAYS_A_YEAR = 365.2425


def aged_moves(site: Site, bought: Sequence[Offer], today: date) -> tuple[Move, ...]:
    """A replacement for each camera past its time; the lenses of one box are replaced together."""
    posed = {camera.id: camera for camera in site.scene.cameras}
    moves: dict[str, Move] = {}
    for camera in site.cameras:
        evidence = age_evidence(site, camera, today)
        if evidence and (camera.device or camera.id) not in moves:
            offer = _successor(posed.get(camera.id), bought)
            moves[camera.device or camera.id] = _move(site, camera, evidence, offer)
    return tuple(moves.values())


def age_evidence(site: Site, camera: LedgerCamera, today: date) -> tuple[Evidence, ...]:
    """Why a camera counts as aged: service life over, model discontinued, certificate run out. Empty: it does not."""
    found = []
    life = camera.service_life_years or site.lifecycle.service_life_years
    if camera.installed_on is not None:
        age = (today - camera.installed_on).days / DAYS_A_YEAR
        if age >= life:
            since = camera.installed_on.isoformat()
            found.append(
                Evidence("service_life_over", {"installed_on": since, "age_years": round(age, 1), "life_years": life})
            )
    model = site.catalog.get(camera.model)
    if model is not None and model.end_of_life is not None and model.end_of_life <= today:
        found.append(Evidence("end_of_life", {"model": model.model, "date": model.end_of_life.isoformat()}))
    if camera.certificate_until is not None and camera.certificate_until < today:
        found.append(Evidence("certificate_expired", {"date": camera.certificate_until.isoformat()}))
    return tuple(found)


def _move(site: Site, camera: LedgerCamera, evidence: tuple[Evidence, ...], offer: Offer | None) -> Move:
    tail = () if offer is not None or not site.catalog else (Evidence("no_model_reaches", {}),)
    return Move(
        id=f"age/{camera.id}",
        action=Action.REPLACE,
        why=Why.AGED,
        kind="camera",
        subject=camera.id,
        name=camera.name,
        cameras=tuple(other.id for other in site.cameras if other.device == camera.device) or (camera.id,),
        cost=replacement_cost(site.lifecycle.cost, offer),
        evidence=evidence + tail,
        target_model="" if offer is None else offer.model,
    )


def replacement_cost(cost: Mapping[str, float], offer: Offer | None) -> float:
    """The catalog's price, or what the site says a replacement costs."""
    if offer is not None and offer.price is not None:
        return offer.price
    return cost.get(Action.REPLACE, 0.0)


def _successor(camera: Camera | None, bought: Sequence[Offer]) -> Offer | None:
    """The cheapest model that shows at least what this camera shows: the same view, no fewer pixels, no less night.

    More pixels over the same view raise the density everywhere and hide nothing, so no key place can be lost.
    """
    if camera is None:
        return None
    return next((offer for offer in bought if _shows_as_much(offer.lens(camera.lens.hfov_deg), camera.lens)), None)


def _shows_as_much(new: Lens, old: Lens) -> bool:
    return (
        new.projection is old.projection
        and abs(new.hfov_deg - old.hfov_deg) < 1e-6
        and new.width_px >= old.width_px
        and (new.projection is Projection.FISHEYE or half_tangents(new)[1] >= half_tangents(old)[1] - 1e-9)
        and (old.night_range_m is None or (new.night_range_m or 0.0) >= old.night_range_m)
    )

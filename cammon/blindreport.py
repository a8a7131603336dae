"""Blind spots for people: GeoJSON features with the reason of each, and a short table."""

from collections.abc import Mapping, Sequence
from typing import Any

from shapely.geometry import mapping

from cammon.problem import UserError
from cammon.sitefiles.model import Site
from cammon_coverage.blind import blind_ground, place_blind_spots
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import BlindGround, BlindSpot, Period, ReasonCode, Sight, Target
from cammon_web import words

Json = dict[str, Any]
LANGUAGES = ("en", "zh")
FACTS_ZH_EN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ground": "watched ground {ground:.0f} m², of it blind {blind:.0f} m² ({share:.1%})",
        "dropped": "{count} spots smaller than {limit:g} m² ({area:.2f} m² together) are not listed",
        "row": "{area:>10.0f} m²  {share:>6.1%}  {sentence}",
        "more": "{area:>10.0f} m²  {share:>6.1%}  {count} more",
    },
    "zh": {
        "ground": "应看地面 {ground:.0f} m²，其中盲区 {blind:.0f} m²（{share:.1%}）",
        "dropped": "另有 {count} 处小于 {limit:g} m² 的盲区（合计 {area:.2f} m²）未列出",
        "row": "{area:>10.0f} m²  {share:>6.1%}  {sentence}",
        "more": "{area:>10.0f} m²  {share:>6.1%}  其余 {count} 项",
    },
}
ROWS = 12


def ground_of(
    site: Site,
    model: CoverageModel,
    period: Period,
    level_px_per_m: float,
    target: Target,
    sights: Mapping[str, Sight] | None = None,
) -> BlindGround:
    """The blind ground of a site, by design or now. UserError when its map has no boundary."""
    if site.scene.boundary is None:
        raise UserError(
            f"{site.folder / 'map.geojson'}: no feature of kind boundary, so the ground to be watched is not known; "
            "draw one polygon around it with the property kind = boundary"
        )
    return blind_ground(model, period, level_px_per_m, target, sights)


def blind_features(
    site: Site,
    model: CoverageModel,
    period: Period,
    ground: BlindGround | None,
    sights: Mapping[str, Sight] | None = None,
) -> list[Json]:
    """One GeoJSON feature per blind spot of the ground (None: leave it out) and of every key place.

    Geometry in the map's own coordinates; `place` is null on the ground; `sentence` holds both languages.
    """
    spots = (*(ground.spots if ground is not None else ()), *place_blind_spots(model, period, sights))
    return [_feature(site, spot, period, "effective" if sights is not None else "design") for spot in spots]


def _feature(site: Site, spot: BlindSpot, period: Period, basis: str) -> Json:
    names = names_of(site)
    properties = {
        "kind": "blind",
        "place": spot.place,
        "basis": basis,
        "period": period.value,
        "reason": spot.reason.code.value,
        "params": dict(spot.reason.params),
        "sentence": {language: words.reason_sentence(spot.reason, language, names) for language in LANGUAGES},
        "area_m2": round(spot.area_m2, 4),
        "length_m": round(spot.length_m, 4),
    }
    geometry = mapping(site.frame.geometry_to_map(spot.geometry))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def names_of(site: Site) -> dict[str, str]:
    """Ids of cameras, key places and obstacles -> what people call them."""
    names = {obstacle.id: obstacle.name for obstacle in site.scene.obstacles if obstacle.name}
    names |= {place.id: place.name for place in site.scene.key_places if place.name}
    return names | {camera.id: camera.name for camera in site.cameras if camera.name}


def blind_table(site: Site, ground: BlindGround, language: str) -> str:
    """What of the watched ground is blind, by reason, the largest first."""
    facts = FACTS_ZH_EN[language if language in FACTS_ZH_EN else "en"]
    whole = ground.ground_m2 or 1.0
    lines = [facts["ground"].format(ground=ground.ground_m2, blind=ground.blind_m2, share=ground.blind_m2 / whole)]
    rows = _by_reason(ground.spots)
    names = names_of(site)
    for area, spot in rows[:ROWS]:
        sentence = _short(spot, language, names)
        lines.append(facts["row"].format(area=area, share=area / whole, sentence=sentence))
    rest = rows[ROWS:]
    if rest:
        area = sum(area for area, _ in rest)
        lines.append(facts["more"].format(area=area, share=area / whole, count=len(rest)))
    if ground.dropped:
        limit = site.scene.hole_area_m2
        lines.append(facts["dropped"].format(count=ground.dropped, limit=limit, area=ground.dropped_m2))
    return "\n".join(lines)


def _by_reason(spots: Sequence[BlindSpot]) -> list[tuple[float, BlindSpot]]:
    """Total area and one spot (the largest) per reason and the things that it names."""
    sums: dict[tuple[str, ...], float] = {}
    largest: dict[tuple[str, ...], BlindSpot] = {}
    for spot in spots:
        named = (value for value in spot.reason.params.values() if isinstance(value, str))
        key = (spot.reason.code.value, *named)
        sums[key] = sums.get(key, 0.0) + spot.area_m2
        if key not in largest or spot.area_m2 > largest[key].area_m2:
            largest[key] = spot
    return sorted(((sums[key], largest[key]) for key in sums), key=lambda row: -row[0])


def _short(spot: BlindSpot, language: str, names: Mapping[str, str]) -> str:
    sentence = words.reason_sentence(spot.reason, language, names)
    camera = spot.reason.params.get("camera")
    known = isinstance(camera, str) and spot.reason.code is not ReasonCode.NO_CAMERA_IN_RANGE
    return f"{sentence} [{camera}]" if known else sentence

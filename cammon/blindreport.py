"""Blind spots for people: GeoJSON features with the reason of each, and a short table."""

from collections.abc import Mapping, Sequence
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from cammon.parallel import Progress, shared
from cammon.sitefiles.model import Site
from cammon.watchedground import HULL_MARGIN_M, WatchedGround
from cammon_coverage.blind import CellCutter, Pieces, blind_ground, place_blind_spots
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import BlindGround, BlindSpot, Period, ReasonCode, Sight, Target
from cammon_web import words

Json = dict[str, Any]
LANGUAGES = ("en", "zh")
FACTS_ZH_EN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ground": "watched ground ({kind}) {ground:.0f} m², of it blind {blind:.0f} m² ({share:.1%})",
        "boundary": "the map's boundary",
        "hull": "no boundary: the convex hull of map and cameras, {margin:g} m wider",
        "box": "the box given with --ground",
        "none": "{folder}: map.geojson has no feature of kind boundary, so the ground to be watched is not known and "
        "only the blind spots of key places are written. Draw one polygon round it with the property kind = boundary, "
        "or name it: --ground hull (everything on the map and all cameras) or --ground west,south,east,north",
        "dropped": "{count} spots smaller than {limit:g} m² ({area:.2f} m² together) are not listed",
        "row": "{area:>10.0f} m²  {share:>6.1%}  {sentence}",
        "more": "{area:>10.0f} m²  {share:>6.1%}  {count} more",
    },
    "zh": {
        "ground": "应看地面（{kind}）{ground:.0f} m²，其中盲区 {blind:.0f} m²（{share:.1%}）",
        "boundary": "地图上的边界",
        "hull": "无边界，取地图要素与摄像机的凸包并外扩 {margin:g} m",
        "box": "--ground 给定的矩形",
        "none": "{folder}：map.geojson 中没有 kind 为 boundary 的要素，应看地面不明，因此只写出重点部位的盲区。"
        "请沿应看地面画一个多边形并设 kind = boundary，或用 --ground hull（地图要素与全部摄像机的凸包）"
        "或 --ground 西,南,东,北 指定",
        "dropped": "另有 {count} 处小于 {limit:g} m² 的盲区（合计 {area:.2f} m²）未列出",
        "row": "{area:>10.0f} m²  {share:>6.1%}  {sentence}",
        "more": "{area:>10.0f} m²  {share:>6.1%}  其余 {count} 项",
    },
}
ROWS = 12


def ground_of(
    watched: WatchedGround,
    model: CoverageModel,
    period: Period,
    level_px_per_m: float,
    target: Target,
    sights: Mapping[str, Sight] | None = None,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> BlindGround:
    """The blind ground of a site, by design or now; `progress(done, of)` is called as its cells are done."""

    def among_workers(cutter: CellCutter, cells: Sequence[BaseGeometry]) -> list[Pieces]:
        return shared(cutter, cells, workers, progress)

    return blind_ground(model, period, level_px_per_m, target, sights, boundary=watched.outline, spread=among_workers)


def no_ground(site: Site, language: str) -> str:
    """What to say when nobody knows which ground is to be watched."""
    return _facts(language)["none"].format(folder=site.folder)


def blind_features(
    site: Site,
    model: CoverageModel,
    period: Period,
    ground: BlindGround | None,
    sights: Mapping[str, Sight] | None = None,
    watched: WatchedGround | None = None,
) -> list[Json]:
    """One GeoJSON feature per blind spot of the ground (None: leave it out) and of every key place.

    Geometry in the map's own coordinates; `place` is null on the ground; `sentence` holds both languages; `ground`
    says where the outline of the watched ground comes from, null at a key place.
    """
    basis = "effective" if sights is not None else "design"
    on_ground = ground.spots if ground is not None else ()
    kind = watched.kind.value if watched is not None else None
    return [
        *(_feature(site, spot, period, basis, kind) for spot in on_ground),
        *(_feature(site, spot, period, basis, None) for spot in place_blind_spots(model, period, sights)),
    ]


def _feature(site: Site, spot: BlindSpot, period: Period, basis: str, ground: str | None) -> Json:
    names = names_of(site)
    properties = {
        "kind": "blind",
        "place": spot.place,
        "ground": ground,
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


def blind_table(site: Site, watched: WatchedGround, ground: BlindGround, language: str) -> str:
    """What of the watched ground is blind, by reason, the largest first."""
    facts = _facts(language)
    whole = ground.ground_m2 or 1.0
    kind = facts[watched.kind.value].format(margin=HULL_MARGIN_M)
    share = ground.blind_m2 / whole
    lines = [facts["ground"].format(kind=kind, ground=ground.ground_m2, blind=ground.blind_m2, share=share)]
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


def _facts(language: str) -> Mapping[str, str]:
    return FACTS_ZH_EN[language if language in FACTS_ZH_EN else "en"]


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

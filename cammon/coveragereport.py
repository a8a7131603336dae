"""What `cammon coverage` says: a table for people, a stable JSON shape, GeoJSON of what each camera sees."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shapely.geometry import mapping

from cammon.agreement import Opinion, Opinions, declared_only, opinions_of, works
from cammon.agreement import as_object as declared_object
from cammon.hanging import told_once
from cammon.modelling import method_of
from cammon.proofreport import ProofRow, as_objects, deviations_object
from cammon.service.present import Answers
from cammon.sitefiles.model import Site
from cammon.turned import Turn
from cammon_coverage.engine import CoverageModel, all_see
from cammon_coverage.model import Basis, KeyPlace, Period, PlaceAnswer, SiteAnswer, Target, Thread
from cammon_coverage.nothing import why_nothing
from cammon_web import words
from cammon_web.desk import TurnedView
from cammon_web.findingwords import turned_sentences

Json = dict[str, Any]


def as_object(
    site: Site, model: CoverageModel, answers: Answers, period: Period, proofs: Sequence[ProofRow] | None = None
) -> Json:
    """The JSON object of `cammon coverage --json` (docs/json.md); threads and presets are those of `period`."""
    proven = None if proofs is None else as_objects(proofs)
    stated = {} if proofs is None else {"pose_deviations": deviations_object(site)}
    return {
        "site": site.id,
        "at": answers.at.isoformat(),
        "period_now": answers.period.value,
        "density_model": site.scene.density_model.value,
        **method_of(site),
        "declared": declared_object(site, answers, opinions_of(site, model)),
        "ratios": {
            basis.value: {period.value: _ratios(answers, basis, period) for period in Period} for basis in Basis
        },
        "key_places": [_place(place, answers) | _proof_of(place, proven) for place in site.scene.key_places],
        "threads": [
            {"kind": one.kind, "id": one.id, "places": list(one.places), "share_lost": one.share_lost}
            for one in hanging(model, answers, period)
        ],
        "reachable": [
            {"place": one.place, "by": [asdict(preset) for preset in one.by]}
            for one in model.reachable(period)
            if one.by
        ],
        "turned": [_turned(camera, turn) for camera, turn in sorted(answers.turned.items())],
        **stated,
    }


def _turned(camera: str, turn: Turn) -> Json:
    """A camera that counts as unknown because its accepted view is not that of the ledger."""
    return {
        "camera": camera,
        "change": None if turn.change is None else _degrees(asdict(turn.change)),
        "now": None if turn.now is None else _degrees(asdict(turn.now)),
    }


def _degrees(told: Mapping[str, float]) -> Json:
    return {name: round(value, 2) for name, value in told.items()}


def _proof_of(place: KeyPlace, proven: Mapping[str, Json] | None) -> Json:
    """`proof` of a key place; null where it is not covered, and where nobody asked for proofs."""
    if proven is None or place.id not in proven:
        return {"proof": None}
    found = proven[place.id]
    return {"proof": found["proof"], "proofs": {basis.value: found[basis.value] for basis in Basis}}


def hanging(model: CoverageModel, answers: Answers, period: Period) -> tuple[Thread, ...]:
    """What hangs on one thing now; where no health is known, with every camera working."""
    known = answers.by_basis[Basis.EFFECTIVE, period].ratio is not None
    return model.threads(answers.sights if known else all_see(model.scene.cameras), period)


def _ratios(answers: Answers, basis: Basis, period: Period) -> float | None:
    answer = answers.by_basis.get((basis, period))
    return None if answer is None else answer.ratio


def _place(place: KeyPlace, answers: Answers) -> Json:
    found: Json = {
        "id": place.id,
        "name": place.name,
        "priority": place.priority,
        "level_px_per_m": place.level_px_per_m,
    }
    for basis in Basis:
        found[basis.value] = {}
        for period in Period:
            answer = answers.by_basis.get((basis, period))
            one = None if answer is None else _of(answer, place.id)
            found[basis.value][period.value] = None if answer is None or one is None else _answer(answer, one)
    return found


def _of(answer: SiteAnswer, place: str) -> PlaceAnswer:
    return next(one for one in answer.places if one.place == place)


def _answer(site_answer: SiteAnswer, answer: PlaceAnswer) -> Json:
    known = site_answer.ratio is not None
    return {
        "share": answer.share if known else None,
        "unknown_share": answer.unknown_share,
        "covered": answer.covered if known else None,
        "cameras": [
            {"camera": seen.camera, "share": seen.share, "density_px_per_m": seen.density_px_per_m}
            for seen in answer.seen_by
        ],
        "reasons": [{"code": reason.code.value, "params": dict(reason.params)} for reason in answer.reasons],
    }


def seen_features(
    site: Site, model: CoverageModel, period: Period, level_px_per_m: float, target: Target
) -> list[Json]:
    """One GeoJSON feature per camera with a pose: what it sees by design, in the map's own coordinates."""
    features = []
    for camera in site.scene.cameras:
        region = model.seen(camera.id, period, level_px_per_m, target)
        geometry = None if region.is_empty else mapping(site.frame.geometry_to_map(region))
        properties: Json = {
            "kind": "seen",
            "camera": camera.id,
            "period": period.value,
            "level_px_per_m": level_px_per_m,
            "target_m": [target.z0_m, target.z1_m],
            "density_model": site.scene.density_model.value,
        }
        if geometry is None:
            properties["reason"] = _why_nothing(site, model, camera.id, period, level_px_per_m, target)
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return features


def _why_nothing(
    site: Site, model: CoverageModel, camera: str, period: Period, level_px_per_m: float, target: Target
) -> Json | None:
    """Why a camera sees nothing at all: never a silently empty region. Not worked out over terrain."""
    if site.terrain is not None:
        return None
    reason = why_nothing(model.views[camera], period, level_px_per_m, target)
    return None if reason is None else {"code": reason.code.value, "params": dict(reason.params)}


TITLES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "design": "design",
        "effective": "effective",
        "day": "day",
        "night": "night",
        "unknown": "not known",
        "declared only": "declared only, in no ratio:",
        "contradicted": " ({0} contradicted by geometry)",
        "comma": ", ",
        "declared": "declared",
        "off": "does not work now",
        "terrain": "over terrain, shares counted in cells of {resolution_m:g} m",
        "turned": "turned, and the ledger has the direction from before; counted as not known:",
        "threads": "hanging on one thing:",
        "presets": "reachable with a PTZ preset, not covered:",
    },
    "zh": {
        "design": "设计",
        "effective": "实际",
        "day": "白天",
        "night": "夜间",
        "unknown": "未知",
        "declared only": "仅挂接（不计入覆盖率）：",
        "contradicted": "（其中 {0} 处与几何矛盾）",
        "comma": "，",
        "declared": "挂接",
        "off": "目前不可用",
        "terrain": "按地形，以 {resolution_m:g} m 网格计量",
        "turned": "已转向、台账仍是原朝向，按“未知”计：",
        "threads": "单点依赖：",
        "presets": "云台预置位可及（不计入覆盖）：",
    },
}


def over_terrain(site: Site, language: str) -> str:
    """In which cells shares are counted; empty on a plane, where they are exact."""
    how = method_of(site)
    return TITLES[language]["terrain"].format(**how) if how["method"] == "terrain" else ""


def table(site: Site, model: CoverageModel, answers: Answers, period: Period, language: str) -> str:
    """Four ratios, every key place in one period (effective where it is known, else by design), and what hangs on one
    thing."""
    title = TITLES[language]
    lines = []
    for basis in Basis:
        figures = [f"{title[one.value]} {_percent(answers.by_basis[basis, one], title)}" for one in Period]
        lines.append(f"{title[basis.value]:10} " + "   ".join(figures))
    opinions = opinions_of(site, model)
    lines += [*_declared_lines(site, answers, opinions, title), ""]
    effective = answers.by_basis[Basis.EFFECTIVE, period]
    shown = effective if effective.ratio is not None else answers.by_basis[Basis.DESIGN, period]
    how = over_terrain(site, language)
    head = [title[shown.basis.value], title[period.value], site.scene.density_model.value, *filter(None, [how])]
    lines.append(title["comma"].join(head) + ":")
    names = {**{one.id: one.name for one in site.scene.key_places}, **{one.id: one.name for one in site.cameras}}
    by_id = {place.id: place for place in site.scene.key_places}
    for answer in sorted(shown.places, key=lambda one: (one.covered is True, by_id[one.place].priority, one.place)):
        lines.extend(_told(by_id[answer.place], answer, names, language))
        said = opinions.of(answer.place, period)
        lines.extend("    " + _opinion(one, answers, names, language) for one in said)
    if not by_id:
        lines.extend(_without_map(opinions, period, answers, names, language))
    lines += turned_lines(answers, language)
    lines += ["", title["threads"]]
    lines += [_thread(one, names, language) for one in told_once(site, hanging(model, answers, period))]
    presets = [
        f"  {names[one.place]}: {preset.camera} / {preset.preset} ({preset.density_px_per_m:.0f} px/m)"
        for one in model.reachable(period)
        for preset in one.by
    ]
    return "\n".join([*lines, "", title["presets"], *presets] if presets else lines)


def turned_lines(answers: Answers, language: str) -> list[str]:
    """The cameras that count as unknown because they were turned, and what belongs into the ledger; none without."""
    told = []
    for camera, turn in sorted(answers.turned.items()):
        now = turn.now
        aim = (None, None, None) if now is None else (now.azimuth_deg, now.tilt_deg, now.hfov_deg)
        sentences = turned_sentences(TurnedView(turn.change, *aim), language)[1:]
        told.append(f"  {camera}: " + ("" if language == "zh" else " ").join(sentences))
    return ["", TITLES[language]["turned"], *told] if told else []


def _declared_lines(site: Site, answers: Answers, opinions: Opinions, title: Mapping[str, str]) -> list[str]:
    """The fifth line beside the four ratios; none where nobody declares anything."""
    rows = declared_only(site, answers, opinions) if opinions.by_period else ()
    told = []
    for row in rows:
        count = title["unknown"] if row.places is None else f"{row.places}/{row.of}"
        against = title["contradicted"].format(row.contradicted) if row.contradicted else ""
        told.append(f"{title[row.basis.value]} {title[row.period.value]} {count}{against}")
    return [f"{title['declared only']} " + "   ".join(told)] if told else []


def _opinion(one: Opinion, answers: Answers, names: Mapping[str, str], language: str) -> str:
    title = TITLES[language]
    said = [words.agreement_name(one.agreement, language)]
    if one.share:
        said.append(f"{one.share:.1%}")
    if works(answers, one.camera) is False:
        said.append(title["off"])
    said += [words.unseen_sentence(reason, language, names) for reason in one.reasons[:1]]
    head = f"{title['declared']} {one.camera}" if one.declared else one.camera
    return f"{head}: " + title["comma"].join(said)


def _without_map(
    opinions: Opinions, period: Period, answers: Answers, names: Mapping[str, str], language: str
) -> list[str]:
    """Places that nobody has drawn yet, as declared."""
    lines = []
    for place, said in opinions.by_period.get(period, {}).items():
        lines += [f"? {place}", *("    " + _opinion(one, answers, names, language) for one in said)]
    return lines


def _thread(one: Thread, names: Mapping[str, str], language: str) -> str:
    places = ", ".join(names[place] for place in one.places)
    return f"  {words.kind_name(one.kind, language)} {one.id}: {places} (-{one.share_lost:.1%})"


def _percent(answer: SiteAnswer, title: Mapping[str, str]) -> str:
    if answer.ratio is None:
        return title["unknown"]
    covered = sum(place.covered is True for place in answer.places)
    return f"{covered}/{len(answer.places)} ({answer.ratio:.1%})"


def _told(place: KeyPlace, answer: PlaceAnswer, names: Mapping[str, str], language: str) -> list[str]:
    mark = {True: "●", False: "○", None: "?"}[answer.covered]
    head = f"{mark} {place.id}  {place.name}  P{place.priority}  {place.level_px_per_m:g} px/m  {answer.share:.1%}"
    seen = [f"{one.camera} ({one.density_px_per_m:.0f} px/m)" for one in answer.seen_by]
    lines = [head + ("  " + ", ".join(seen) if seen else "")]
    lines += ["    " + words.reason_sentence(reason, language, names) for reason in answer.reasons]
    return lines

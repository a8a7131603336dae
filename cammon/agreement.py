"""Declared coverage (挂接) beside the geometric one: which camera is said to see which key place, and whether geometry
agrees. Nothing of it is ever in a ratio."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cammon.service.present import Answers
from cammon.sitefiles.model import Site
from cammon_coverage.engine import CoverageModel
from cammon_coverage.model import Basis, Period, Reason, SightState
from cammon_web.desk import Agreement, DeclaredOnlyRow

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of one camera and one key place, and what geometry says of it by design.

    `share` of the place that the camera sees; None where geometry cannot say. `reasons` why it sees nothing of it.
    """

    camera: str
    agreement: Agreement
    share: float | None
    reasons: tuple[Reason, ...] = ()

    @property
    def declared(self) -> bool:
        """Whether somebody says that the camera sees the place."""
        return self.agreement is not Agreement.NOT_DECLARED


@dataclass(frozen=True, slots=True)
class Opinions:
    """By design, whatever the health: period -> key place -> opinions, the declared ones first.

    All key places of the map are there; without a map, the places that are declared.
    """

    by_period: Mapping[Period, Mapping[str, tuple[Opinion, ...]]] = field(default_factory=dict)

    def of(self, place: str, period: Period) -> tuple[Opinion, ...]:
        """The opinions about one place; none about a place for which nobody declares any camera."""
        found = self.by_period.get(period, {}).get(place, ())
        return found if any(one.declared for one in found) else ()


def opinions_of(site: Site, model: CoverageModel | None) -> Opinions:
    """What is declared, held against geometry. Asks the model: whoever calls holds it."""
    if not site.declared:
        return Opinions()
    return Opinions({period: _in_one_period(site, model, period) for period in Period})


def _in_one_period(site: Site, model: CoverageModel | None, period: Period) -> dict[str, tuple[Opinion, ...]]:
    seen: dict[str, dict[str, float]] = {place: {} for place in places_of(site)}
    for answer in () if model is None else model.design(period).places:
        seen[answer.place] = {one.camera: one.share for one in answer.seen_by}
    on_map = {place.id for place in site.scene.key_places}
    posed = set() if model is None else set(model.views)
    found = {}
    for place, shares in seen.items():
        declared = site.declared.get(place, ())
        said = [
            _opinion(model if camera in posed and place in on_map else None, camera, place, period, shares)
            for camera in declared
        ]
        others = [
            Opinion(camera, Agreement.NOT_DECLARED, share) for camera, share in shares.items() if camera not in declared
        ]
        found[place] = (*said, *others)
    return found


def _opinion(
    model: CoverageModel | None, camera: str, place: str, period: Period, shares: Mapping[str, float]
) -> Opinion:
    """Of a declared camera; the model is None where geometry cannot say."""
    if model is None:
        return Opinion(camera, Agreement.UNPROVEN, None)
    if camera in shares:
        return Opinion(camera, Agreement.SEEN, shares[camera])
    return Opinion(camera, Agreement.NOT_SEEN, 0.0, model.why_unseen(camera, place, period))


def places_of(site: Site) -> tuple[str, ...]:
    """The key places of the map; without a map, those that are declared."""
    return tuple(place.id for place in site.scene.key_places) or tuple(site.declared)


def works(answers: Answers, camera: str) -> bool | None:
    """Whether a camera works now; None while not known."""
    sight = answers.sights.get(camera)
    if sight is None or sight.state is SightState.UNKNOWN:
        return None
    return sight.state is SightState.SEES


def declared_only(site: Site, answers: Answers, opinions: Opinions) -> tuple[DeclaredOnlyRow, ...]:
    """The places that are covered by declaration alone: not covered by geometry, but as many devices as the place
    asks for are said to see it. Now, only cameras that work count; not known before any reading."""
    known = any(works(answers, camera.id) is not None for camera in site.cameras)
    rows = []
    for basis in Basis:
        for period in Period:
            if basis is Basis.EFFECTIVE and not known:
                rows.append(DeclaredOnlyRow(basis, period, None, None, len(places_of(site))))
            else:
                rows.append(_counted(site, answers, opinions, basis, period))
    return tuple(rows)


def _counted(site: Site, answers: Answers, opinions: Opinions, basis: Basis, period: Period) -> DeclaredOnlyRow:
    answer = answers.by_basis.get((basis, period))
    covered = {one.place for one in answer.places if one.covered is True} if answer else set()
    devices = {camera.id: camera.device for camera in site.cameras}
    needed = {place.id: place.redundancy for place in site.scene.key_places}
    counted, contradicted = 0, 0
    for place, said in opinions.by_period.get(period, {}).items():
        counting = [
            one for one in said if one.declared and (basis is Basis.DESIGN or works(answers, one.camera) is True)
        ]
        if place in covered or len({devices[one.camera] for one in counting}) < needed.get(place, 1):
            continue
        counted += 1
        contradicted += all(one.agreement is Agreement.NOT_SEEN for one in counting)
    return DeclaredOnlyRow(basis, period, counted, contradicted, len(places_of(site)))


def as_object(site: Site, answers: Answers, opinions: Opinions) -> Json:
    """`declared` of `cammon coverage --json` (docs/json.md)."""
    only: Json = {basis.value: {} for basis in Basis}
    for row in declared_only(site, answers, opinions):
        counts = {"places": row.places, "contradicted": row.contradicted, "of": row.of}
        only[row.basis.value][row.period.value] = None if row.places is None else counts
    places = places_of(site) if opinions.by_period else ()
    return {"only": only, "places": [_place_object(place, answers, opinions) for place in places]}


def _place_object(place: str, answers: Answers, opinions: Opinions) -> Json:
    said = {period.value: _objects(answers, of_all[place]) for period, of_all in opinions.by_period.items()}
    return {"place": place, **said}


def _objects(answers: Answers, opinions: Iterable[Opinion]) -> list[Json]:
    return [
        {
            "camera": one.camera,
            "agreement": one.agreement.value,
            "share": one.share,
            "works": works(answers, one.camera),
            "reasons": [{"code": reason.code.value, "params": dict(reason.params)} for reason in one.reasons],
        }
        for one in opinions
    ]

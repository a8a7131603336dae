"""What a new lens would cover, computed by the coverage with every other camera as documented."""

from collections.abc import Mapping
from dataclasses import dataclass

from shapely import get_coordinates
from shapely.geometry.base import BaseGeometry

from cammon.upgrades.lenses import Aim, aim_at
from cammon.upgrades.model import Coverage
from cammon.upgrades.table import Pair
from cammon_coverage.model import Camera, KeyPlace, Period, PlaceAnswer, Scene

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Trial:
    """A lens tried out: pairs it brings back, pairs it loses, and the share it adds to pairs still open (0 to 1)."""

    camera: Camera
    gained: frozenset[Pair]
    lost: frozenset[Pair]
    share_added: float

    @property
    def helps(self) -> bool:
        """Whether anything is seen that was not."""
        return bool(self.gained) or self.share_added > TINY

    def value(self, scene: Scene) -> tuple[float, float]:
        """What a trial is compared by: the weight it brings back, then the share it adds."""
        weights = weights_of(scene)
        return (sum(weights[place] for place, _ in self.gained), round(self.share_added, 9))


Answers = Mapping[Pair, PlaceAnswer]


def weights_of(scene: Scene) -> dict[str, float]:
    """Key place -> its priority weight."""
    return {place.id: scene.weights.get(place.priority, 1.0) for place in scene.key_places}


def design_answers(coverage: Coverage) -> Answers:
    """Every pair's answer with all cameras as documented."""
    return {(answer.place, period): answer for period in Period for answer in coverage.design(period).places}


def open_pairs(answers: Answers) -> tuple[Pair, ...]:
    """The pairs that no documented camera covers."""
    return tuple(pair for pair, answer in answers.items() if not answer.covered)


def aim_of(scene: Scene, design: Answers, pair: Pair) -> Aim:
    """The blind spot that the documented cameras leave of a key place in one period."""
    place = next(place for place in scene.key_places if place.id == pair[0])
    blind = design[pair].blind
    return aim_at(scene, place, pair[1], place.geometry if blind is None or blind.is_empty else blind)


def tried(design: Answers, places: Mapping[str, KeyPlace], camera: Camera, changed: Coverage) -> Trial:
    """What this camera changes; `changed` is the coverage with it in place."""
    gained, lost, share = set(), set(), 0.0
    for period in Period:
        for place, covered in changed.verdicts(None, period).items():
            before = design[place, period]
            if covered and not before.covered:
                gained.add((place, period))
            elif before.covered and not covered:
                lost.add((place, period))
            elif not before.covered and place in changed.places_of(camera.id):
                share += _share_added(places[place], before, camera, period, changed)
    return Trial(camera, frozenset(gained), frozenset(lost), share)


def _share_added(place: KeyPlace, before: PlaceAnswer, camera: Camera, period: Period, changed: Coverage) -> float:
    """The share of a place that is blind by design and that this camera sees at its level."""
    if before.blind is None or before.blind.is_empty:
        return 0.0
    region = changed.seen(camera.id, period, place.level_px_per_m, place.target)
    return _measure(before.blind.intersection(region)) / max(_measure(place.geometry), TINY)


def _measure(geometry: BaseGeometry) -> float:
    """Area; of lines their length; of points their number."""
    if geometry.area > 0 or geometry.length > 0:
        return float(geometry.area or geometry.length)
    return float(len(get_coordinates(geometry)))

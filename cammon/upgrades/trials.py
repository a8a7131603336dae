"""What a new lens would cover, computed by the coverage with every other camera as documented."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cammon.upgrades.lenses import sample_points
from cammon.upgrades.model import Coverage
from cammon.upgrades.table import Pair
from cammon_coverage.model import Camera, KeyPlace, Period, PlaceAnswer, Sight, SightState


@dataclass(frozen=True, slots=True)
class Trial:
    """A lens tried out: pairs it brings back, pairs it loses, and the share it adds to pairs still open (0 to 1)."""

    camera: Camera
    gained: frozenset[Pair]
    lost: frozenset[Pair]
    share_added: float


Answers = Mapping[Pair, PlaceAnswer]


def design_answers(coverage: Coverage) -> Answers:
    """Every pair's answer with all cameras as documented."""
    return {(answer.place, period): answer for period in Period for answer in coverage.design(period).places}


def open_pairs(answers: Answers) -> tuple[Pair, ...]:
    """The pairs that no documented camera covers."""
    return tuple(pair for pair, answer in answers.items() if not answer.covered)


def missing_points(design: Answers, pair: Pair, place: KeyPlace) -> NDArray[np.float64]:
    """Sample points, rows of (x, y), of the blind spot that the documented cameras leave."""
    blind = design[pair].blind
    return sample_points(place.geometry if blind is None or blind.is_empty else blind)


def tried(coverage: Coverage, design: Answers, cameras: Iterable[str], camera: Camera, retired: str | None) -> Trial:
    """One more camera, or this camera in place of the retired one."""
    sights = {name: Sight() for name in cameras} | {camera.id: Sight()}
    if retired is not None:
        sights[retired] = Sight(SightState.BLIND, "retired")
    more = coverage.added(camera)
    gained, lost, share = set(), set(), 0.0
    for period in Period:
        for answer in more.effective(sights, period).places:
            pair = (answer.place, period)
            before = design[pair]
            if answer.covered and not before.covered:
                gained.add(pair)
            elif before.covered and not answer.covered:
                lost.add(pair)
            elif not before.covered:
                share += max(0.0, answer.share - before.share)
    return Trial(camera, frozenset(gained), frozenset(lost), share)

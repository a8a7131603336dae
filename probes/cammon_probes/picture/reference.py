"""What a camera's own history says of its pictures: some good frames, each as a few numbers and a small picture."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from . import cells
from .frame import Gray, PreparedFrame, Sharpness, prepare, sharpness_of
from .last import Last
from .register import directions, overlay
from .view import PLAIN, View

Halves = NDArray[np.float16]

SPREADS_PX = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 10.0)
"""Spreads of the blurs (Gaussian, pixels of the detail picture) at which a sketch keeps its fineness."""
_PART_PX = 80_000
"""Pixels that are blurred to learn the fineness at each spread: it is most of the cost of a sketch."""
ANCHORS = 3
"""Frames of each light that stay until a person renews them, of as many parts of the day where hours are known."""
MOST_SKETCHES = 14
"""Frames kept in all: with the frame before, 300 kB."""
HOURS_A_CLASS, HOURS_A_CLASS_OF_INFRARED = 2, 3
"""Length of the parts of the day that the bank keeps some of. A camera's own infrared light does not move."""
SEASONED_HOURS, SEASONED_HOURS_OF_INFRARED = 4, 3
"""Good frames of so many different hours show how a healthy view varies as light and shadows move on."""
SAME_HOUR = 0.75
"""Shadows so many hours apart lie nearly alike."""
HOME_SHARE = 0.025
"""A view that lies within this share of its width upon a good frame is at home: a pole sways."""
DUSK_LUMA = 55.0
"""A picture in colour that is darker than this was taken at dusk or by lamplight."""


class Light(StrEnum):
    """The light of a good frame: what it can be compared with, and what the bank keeps some of."""

    DAY = "day"
    DUSK = "dusk"
    INFRARED = "infrared"


def light_of(frame: PreparedFrame) -> Light:
    """The light that a picture was taken in, by its colour and brightness alone."""
    if frame.infrared:
        return Light.INFRARED
    return Light.DUSK if frame.mean_luma < DUSK_LUMA else Light.DAY


@dataclass(frozen=True, slots=True)
class Sketch:
    """One good frame in numbers (at most 20 kB): see `PreparedFrame` for each of them.

    `fineness_when_blurred` is the fineness that this very view would have at each of `SPREADS_PX`. `hour` is the hour
    of the day (0 to 24), None where nobody told. An `anchor` was accepted by a person or came first. `agreement` is
    its likeness (-1 to 1) to the most similar good frame that was known when it came, `offset` how far it lies from
    that one, as shares of the picture's width. `fits` (bytes, see `cells`) is how well each of its cells fits the best
    of the others. `hidden` is the share of it that looks hidden beside the anchors (see `disputed`).
    """

    light: Light
    hour: float | None
    anchor: bool
    detail_width_px: int
    mean_luma: float
    contrast: float
    darkest: float
    local_contrast: float
    sharpness: Sharpness
    fineness_when_blurred: tuple[tuple[float, float], ...]
    edges: float
    edge_fineness: float
    fine_light: float
    noise: float
    tint: tuple[float, float]
    orientation_grid: Halves = field(repr=False, compare=False)
    layout: Halves = field(repr=False, compare=False)
    thumb: Gray = field(repr=False, compare=False)
    spectrum: Gray = field(repr=False, compare=False)
    fine: Gray = field(repr=False, compare=False)
    fits: Gray = field(repr=False, compare=False)
    agreement: float = 1.0
    offset: tuple[float, float] = (0.0, 0.0)
    hidden: float = 0.0

    @property
    def infrared(self) -> bool:
        """Whether it was taken without colour."""
        return self.light is Light.INFRARED

    @property
    def time_class(self) -> tuple[Light, int | None]:
        """The light and the part of the day."""
        hours = HOURS_A_CLASS_OF_INFRARED if self.infrared else HOURS_A_CLASS
        return self.light, None if self.hour is None else int(self.hour % 24 // hours)


@dataclass(frozen=True, slots=True)
class Calm:
    """The least change (gray levels, see `frozen`) between two looks, of so many pairs of them."""

    least: float
    looks: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Sketches of good frames, oldest first, and the `last` frame, good or not.

    `calm` is how little the camera in good order changes between two looks in colour (False) and by infrared (True).
    """

    sketches: tuple[Sketch, ...] = ()
    last: Last | None = field(default=None, compare=False)
    calm: Mapping[bool, Calm] = field(default_factory=dict)

    def like(self, frame: PreparedFrame) -> tuple[Sketch, ...]:
        """The sketches that can be compared with this frame: of the same light (colour or none), size and shape."""
        infrared = frame.infrared
        return tuple([one for one in self.of_size(frame) if (one.light is Light.INFRARED) == infrared])

    def of_size(self, frame: PreparedFrame) -> tuple[Sketch, ...]:
        """The sketches of the same size and shape, whatever their light."""
        width, shape = frame.detail.shape[1], frame.thumb.shape
        return tuple([one for one in self.sketches if one.detail_width_px == width and one.thumb.shape == shape])

    def with_good(
        self, frame: NDArray[Any] | PreparedFrame, hour: float | None = None, view: View = PLAIN
    ) -> "Reference":
        """Also knows this frame, which was healthy and unremarkable. The first few of each light become anchors.

        When the bank is full one of the most frequent light and part of the day goes: of two that are alike the older,
        so that clear and dull days both stay known. An anchor never goes.
        """
        prepared = prepare(frame, view)
        sketch = sketch_of(prepared, hour)
        return self._with_sketch(prepared, replace(sketch, anchor=self.is_first(sketch)))

    def is_first(self, sketch: Sketch) -> bool:
        """Whether it is one of the first few of its light, each of another part of the day as far as that is known."""
        anchors = [one for one in self.sketches if one.anchor and one.light is sketch.light]
        known = sketch.hour is not None and any(one.time_class == sketch.time_class for one in anchors)
        return len(anchors) < ANCHORS and not known

    def _with_sketch(self, frame: PreparedFrame, sketch: Sketch) -> "Reference":
        """With one more sketch, and with how well it and those that are like it fit each other."""
        known = self.like(frame)
        if not known:
            return replace(self, sketches=_most_varied((*self.sketches, sketch)))
        sketch = _laid_upon(sketch, frame, known)
        fits = dict(zip(map(id, known), _fits(sketch, known), strict=True))
        best = np.maximum.reduce(list(fits.values()))
        others = tuple(
            replace(one, fits=np.maximum(one.fits, fits[id(one)])) if id(one) in fits else one for one in self.sketches
        )
        return replace(self, sketches=_most_varied((*others, replace(sketch, fits=best))))

    def renewed(
        self, frames: Iterable[NDArray[Any] | PreparedFrame], hour: float | None = None, view: View = PLAIN
    ) -> "Reference":
        """A person says: this is how it should look now. Forgets every good frame but these, which become anchors."""
        fresh = replace(self, sketches=())
        for frame in list(frames)[-MOST_SKETCHES:]:
            prepared = prepare(frame, view)
            fresh = fresh._with_sketch(prepared, sketch_of(prepared, hour, True))
        return fresh

    def calmer(self, change: float, *, infrared: bool) -> "Reference":
        """Also knows by how little a camera in good order may change between two looks in one light."""
        before = self.calm.get(infrared, Calm(change, 0))
        now = Calm(min(change, before.least), before.looks + 1)
        return replace(self, calm={**self.calm, infrared: now})

    def after(self, frame: NDArray[Any] | PreparedFrame, view: View = PLAIN) -> "Reference":
        """Also knows that this frame, healthy or not, was the one before the next."""
        prepared = prepare(frame, view)
        return replace(self, last=prepared.last)


def seasoned(known: tuple[Sketch, ...]) -> bool:
    """Whether good frames vary as a healthy view does: they are from enough hours, or a person chose them (no hour).

    Frames of one hour are nearly the same. What differs from them by more than they do from each other may be nothing
    but the next hour's light.
    """
    hours = {None if one.hour is None else int(one.hour) for one in known}
    least = SEASONED_HOURS_OF_INFRARED if all(one.infrared for one in known) else SEASONED_HOURS
    return None in hours or len(hours) >= least


def knows_hour(known: tuple[Sketch, ...], hour: float | None) -> bool:
    """Whether one of the good frames was taken at about this hour of the day, as far as hours are known."""
    hours = [one.hour for one in known if one.hour is not None]
    if hour is None or len(hours) < len(known):
        return True
    return any(min((hour - other) % 24, (other - hour) % 24) <= SAME_HOUR for other in hours)


def _most_varied(sketches: tuple[Sketch, ...]) -> tuple[Sketch, ...]:
    if len(sketches) <= MOST_SKETCHES:
        return sketches
    *others, newest = sketches
    grown = [one for one in others if not one.anchor]
    if not grown:
        return sketches[:MOST_SKETCHES]
    counted = Counter(one.time_class for one in others)
    most = max(counted[one.time_class] for one in grown)
    crowded = next(one for one in grown if counted[one.time_class] == most).time_class
    gone = max((one for one in grown if one.time_class == crowded), key=lambda one: _replaceable(one, sketches))
    return (*(one for one in others if one is not gone), newest)


def _replaceable(sketch: Sketch, sketches: tuple[Sketch, ...]) -> float:
    """How far a newer frame of its light and part of the day, or an anchor, shows what this one does."""
    after = sketches[sketches.index(sketch) + 1 :]
    others = [one for one in sketches if one.time_class == sketch.time_class and (one.anchor or one in after)]
    others = [one for one in others if one is not sketch]
    return float(resemblances(sketch, others).max()) if others else -1.0


def resemblances(one: PreparedFrame | Sketch, others: Sequence[Sketch]) -> NDArray[np.float32]:
    """How far a frame resembles each of some good ones, -1 to 1: the mean correlation of orientation grids and of
    layouts."""
    grids = _correlations(one.orientation_grid, [other.orientation_grid for other in others])
    layouts = _correlations(one.layout, [other.layout for other in others])
    return np.asarray((grids + layouts) / 2, dtype=np.float32)


def _correlations(one: NDArray[Any], others: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    stacked = np.stack(others).astype(np.float32)
    return np.asarray(stacked @ one.astype(np.float32) / np.float32(one.size), dtype=np.float32)


def _laid_upon(sketch: Sketch, frame: PreparedFrame, known: tuple[Sketch, ...]) -> Sketch:
    """The sketch, with how well and where its view lies upon the good frames that are known."""
    found = overlay(frame.directions, [directions(one.thumb) for one in known], HOME_SHARE)
    return replace(sketch, agreement=found.home, offset=(found.home_dx, found.home_dy))


def _fits(sketch: Sketch, known: tuple[Sketch, ...]) -> list[Gray]:
    laid = cells.laid_upon(sketch.thumb, cells.Lights.of([sketch.thumb]), [one.thumb for one in known], sways=True)
    return list(cells.kept_fits(laid.fits))


def reference_from(frames: Iterable[NDArray[Any] | PreparedFrame], view: View = PLAIN) -> Reference:
    """The reference of a camera from good frames, oldest first."""
    reference = Reference()
    for frame in frames:
        reference = reference.with_good(frame, view=view)
    return reference


def sketch_of(frame: PreparedFrame, hour: float | None = None, anchor: bool = False) -> Sketch:
    """A good frame in numbers."""
    return Sketch(
        light=light_of(frame),
        hour=hour,
        anchor=anchor,
        detail_width_px=frame.detail.shape[1],
        mean_luma=frame.mean_luma,
        contrast=frame.contrast,
        darkest=frame.darkest,
        local_contrast=frame.local_contrast,
        sharpness=frame.sharpness,
        fineness_when_blurred=_fineness_when_blurred(frame),
        edges=frame.edges,
        edge_fineness=frame.edge_fineness,
        fine_light=frame.fine_light,
        noise=frame.noise,
        tint=frame.tint,
        orientation_grid=frame.orientation_grid.astype(np.float16),
        layout=frame.layout.astype(np.float16),
        thumb=frame.thumb,
        spectrum=frame.spectrum.kept,
        fine=frame.fine,
        fits=np.zeros((2, *frame.fine.shape), np.uint8),
    )


def _fineness_when_blurred(frame: PreparedFrame) -> tuple[tuple[float, float], ...]:
    """The fineness of the whole view, less what its richest part loses at each of the spreads."""
    part = _richest_part(frame)
    at = [sharpness_of(_blurred(part, spread)).fineness for spread in SPREADS_PX]
    whole = frame.sharpness.fineness
    return tuple((whole[0] + fine - at[0][0], whole[1] + coarse - at[0][1]) for fine, coarse in at)


def _richest_part(frame: PreparedFrame) -> Gray:
    """The part of the detail picture with most fine structure, at most `_PART_PX` pixels of its shape."""
    height, width = frame.detail.shape
    shrink = min(1.0, float(np.sqrt(_PART_PX / frame.detail.size)))
    part = max(1, round(frame.fine.shape[0] * shrink)), max(1, round(frame.fine.shape[1] * shrink))
    rich = cv2.boxFilter(frame.fine.astype(np.float32), -1, part[::-1], anchor=(0, 0), borderType=cv2.BORDER_ISOLATED)
    rich = rich[: frame.fine.shape[0] - part[0] + 1, : frame.fine.shape[1] - part[1] + 1]
    row, column = np.unravel_index(int(rich.argmax()), rich.shape)
    y, x = int(row * height / frame.fine.shape[0]), int(column * width / frame.fine.shape[1])
    return frame.detail[y : y + int(height * shrink), x : x + int(width * shrink)]


def _blurred(part: Gray, spread_px: float) -> Gray:
    if not spread_px:
        return part
    return np.asarray(cv2.GaussianBlur(part, (0, 0), spread_px, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)

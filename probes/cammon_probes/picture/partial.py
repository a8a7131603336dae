"""部分遮挡: a web, a branch, drops, a sheet hide a part of the view."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..model import Fault, Finding
from .cellfeatures import features_of
from .cells import Lights, Usual, best_closely, best_fit, laid_upon, quartered, swayed
from .drops import around, tiles_with_drops
from .frame import PreparedFrame
from .grading import rising
from .hiddenness import CELLS, QUARTERS, Hiddenness
from .nearby import out_of_focus
from .nearest import nearest
from .reference import Reference, Sketch, knows_hour, seasoned
from .scales import quantile

Floats = NDArray[np.float32]

MOST_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Partial:
    """Parts of the view no longer fit any good frame, though good frames fit each other there.

    `missing` is the mean over the picture of the loss of fit (0 to 1), weighed by how much a cell looks hidden
    (`Hiddenness`, learned); or `share` of the cells lose `loss` of their fit, which many small drops do. The mask is
    where that look, and with the weight `unfit` what is lost, exceed the share `hidden` of what the surest tenth of the
    picture has: a sheet hides for sure, a web a little everywhere. A score below `doubtful` has none. While the sun is
    low, and at an hour of the day that no good frame is of, shadows lie as in none: it takes `strange_shadows` times
    the loss. A view that fits so well that it is not hidden whatever it looks like is not compared further.

    It takes history of some hours (a sheet is as good a view as a wall, and shadows move on), and of `least` frames:
    one alone does not tell how well good frames fit each other. Without any: drops on the glass, soft round
    spots (`spot_strength`, `spot_softness`) in `spots_in` of the tiles of a picture with sharp edges (`sharp`, see
    `PreparedFrame.edge_fineness`); and what hangs near the lens, out of focus in one part of at least `soft_part` of a
    picture that is else in focus.
    """

    fault: ClassVar[Fault] = Fault.PARTIAL
    missing: float = 0.047
    share: float = 0.11
    loss: float = 0.4
    hidden: float = 0.25
    unfit: float = 0.2
    doubtful: float = 0.33
    least: int = 2
    strange_shadows: float = 1.5
    spot_strength: float = 0.09
    spot_softness: float = 0.0
    spots_in: float = 0.32
    sharp: float = -1.0
    soft_part: float = 0.09
    cells: Hiddenness = field(default=CELLS, repr=False)
    quarters: Hiddenness = field(default=QUARTERS, repr=False)

    def __call__(self, frame: PreparedFrame, reference: Reference | None) -> Finding:
        """`measured` is the share of the picture that is hidden; `hidden` the mask by cells."""
        known = reference.like(frame) if reference else ()
        if not known and not (reference and reference.sketches):
            return self._without_history(frame)
        if len(known) < self.least or not seasoned(known):
            return Finding(self.fault, 0.0, 0.0, "share of picture", bad=False)
        view = Compared(frame, known)
        strength = self._strength(view.lost, np.float32(1.0))
        if strength < 1.0:
            return Finding(self.fault, rising(strength / 2, 1.0, 2.5), 0.0, "share of picture", bad=False)
        strange = frame.view.low_sun or not (frame.infrared or knows_hour(known, frame.view.hour))
        score, looks = self._look(view, strange)
        if score >= self.doubtful and view.follow_sway():
            score, looks = self._look(view, strange)
        if score < self.doubtful:
            return Finding(self.fault, score, 0.0, "share of picture", bad=False)
        mask = self._mask(view, looks, view.lost[0]) & ~frame.view.masked(*view.closely)
        return Finding(self.fault, score, float(mask.mean()), "share of picture", bad=score > 0.5, hidden=mask)

    def _look(self, view: "Compared", strange: bool) -> tuple[float, Floats]:
        """The score, and how hidden each cell looks."""
        looks = self.cells(view.features())
        strength = self._strength(view.lost, looks) / (self.strange_shadows if strange else 1.0)
        return rising(strength, 1.0, 2.5), looks

    def _mask(self, view: "Compared", looks: Floats, lost: Floats) -> NDArray[np.bool_]:
        """What is hidden, by quarters of cells: cells are surer, their quarters follow the rim."""
        by_cells = quartered(np.asarray(looks + self.unfit * np.minimum(lost, 1), dtype=np.float32))
        hidden = by_cells + self.quarters(view.features(closely=True)) + self.unfit * np.minimum(view.lost_closely(), 1)
        return np.asarray(hidden > self.hidden * quantile(hidden, 0.9), dtype=np.bool_)

    def _without_history(self, frame: PreparedFrame) -> Finding:
        found, spots = tiles_with_drops(frame.small, self.spot_strength, self.spot_softness)
        soft, part = out_of_focus(frame.small)
        drops = rising(found, self.spots_in, 2 * self.spots_in)
        if frame.edge_fineness < self.sharp:
            drops = min(drops, 0.5)
        sheet = rising(soft, self.soft_part, 2 * self.soft_part)
        score = max(sheet, drops)
        if score <= 0.5:
            return Finding(self.fault, score, 0.0, "share of picture", bad=False)
        mask = part if sheet > drops else around(spots, frame.fine.shape)
        mask &= ~frame.view.masked(*mask.shape)
        return Finding(self.fault, score, float(mask.mean()), "share of picture", bad=True, hidden=mask)

    def _strength(self, lost: Floats, looks: Floats | np.float32) -> float:
        """How far the limits are reached, from the loss of fit (2 x rows x columns) and how hidden a cell looks."""
        return max(float((looks * lost[0]).mean()) / self.missing, float((lost[0] > self.loss).mean()) / self.share)


class Compared:
    """A frame against the good frames that it resembles most, laid upon it."""

    def __init__(self, frame: PreparedFrame, known: tuple[Sketch, ...]) -> None:
        """Lays them as they are."""
        self._frame = frame
        self._now = Lights.of([frame.thumb])
        self._nearest = nearest(frame, known, MOST_COMPARED)
        self._usual = Usual.of([one.fits for one in known], known[0].fits.shape)
        self._lay(sways=False)

    def _lay(self, sways: bool) -> None:
        self._laid = laid_upon(self._frame.thumb, self._now, [one.thumb for one in self._nearest], sways)
        self.lost = np.asarray(np.maximum(self._usual.mean - best_fit(self._laid), 0), dtype=np.float32)
        """The loss of fit against what good frames have among themselves: 2 x rows x columns, 0 where it fits."""

    def follow_sway(self) -> bool:
        """Where the camera sways, lays each upon the frame where it fits best; whether it does."""
        sways = swayed(self._frame.thumb, self._nearest[0].thumb)
        if sways:
            self._lay(sways=True)
        return sways

    @property
    def closely(self) -> tuple[int, int]:
        """Rows and columns of the quarters of cells."""
        rows, columns = self._frame.fine.shape
        return 2 * rows, 2 * columns

    def lost_closely(self) -> Floats:
        """As `lost`, in the smaller window, for the quarters of cells."""
        return np.asarray(np.maximum(quartered(self._usual.mean[0]) - best_closely(self._laid)[0], 0), dtype=np.float32)

    def features(self, *, closely: bool = False) -> Floats:
        """The numbers that `Hiddenness` judges by, of cells or of their quarters."""
        fines = [sketch.fine for sketch in self._nearest]
        return features_of(self._now, self._frame.fine, self._laid, fines, self._usual, closely=closely)

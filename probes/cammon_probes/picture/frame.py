"""One preparation of a frame, shared by all checks: sizes that they work on and measures that several of them use."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model import Frame
from .cells import CELL_PX, fine_structure
from .last import Last, last_of
from .register import Directions, directions
from .scales import block_means, quantile, shrunk, within
from .spectrum import Spectrum, spectrum_of
from .view import PLAIN, View

SMALL_WIDTH_PX = 480
DETAIL_WIDTH_PX = 960
COLOUR_WIDTH_PX = 240
THUMB_PX = 12_000
"""Pixels of the smallest picture, which is kept of each good frame."""
CAPTION_SHARE = 0.06
"""The share of a picture that its caption (name and clock) may fill."""
NARROWEST = 100
"""A picture that is more than so many times as long as it is wide has nothing left of its width in the small ones."""
LAYOUT_SIZE = (24, 16)
_BLOCK_PX = 16
_ALL_BANDS, _SOME_BANDS = 32, 20
GRID_ROWS, GRID_COLUMNS, GRID_ANGLES = 6, 8, 8
INFRARED_CHROMA = 1.2
"""Mean chroma (Lab units) below which a picture is colourless: infrared light, or a camera without colour. A camera
that opens its filter for infrared switches its colour off and sends none at all; snow under clouds still has 1.5. A
dark picture (below `FULL_COLOUR_LUMA`) has less in proportion."""
FULL_COLOUR_LUMA = 60.0

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PreparedFrame:
    """A frame and what is measured on it, each at its first use.

    `small` (at most 480 wide) and `detail` (at most 960 wide) are gray, `colour` (at most 240 wide) is BGR; `gray` is
    full size.
    """

    width_px: int
    height_px: int
    gray: Gray
    detail: Gray
    small: Gray
    colour: Frame
    view: View = PLAIN

    @cached_property
    def thumb(self) -> Gray:
        """The picture in at most `THUMB_PX` pixels, whole cells: for registration and for what is hidden."""
        return within(self.small, THUMB_PX, CELL_PX)

    @cached_property
    def last(self) -> Last:
        """What the next frame is compared with, to see whether it is a new one."""
        return last_of(self.gray, self.infrared)

    @cached_property
    def spectrum(self) -> Spectrum:
        """Which spatial frequencies stand out."""
        return spectrum_of(self.small)

    @cached_property
    def fine(self) -> Gray:
        """Fine structure by cells of the thumb (see `cells`)."""
        return fine_structure(self.small, self.thumb)

    @cached_property
    def directions(self) -> Directions:
        """The directions of the thumb's edges."""
        return directions(self.thumb)

    @cached_property
    def mean_luma(self) -> float:
        """Mean gray level, 0 to 255."""
        return float(cv2.mean(self.small)[0])

    @cached_property
    def levels(self) -> Floats:
        """Share of the pixels at each of the 256 gray levels, in every second row."""
        counts = cv2.calcHist([self.small[::2]], [0], None, [256], [0, 256]).ravel()
        return np.asarray(counts / counts.sum(), dtype=np.float32)

    def level_at(self, share: float) -> int:
        """The gray level below which `share` of the pixels lie."""
        return int(np.searchsorted(np.cumsum(self.levels), share))

    def share_above(self, level: float) -> float:
        """The share of the pixels at `level` or above."""
        return float(self.levels[max(0, int(np.ceil(level))) :].sum())

    @cached_property
    def contrast(self) -> float:
        """Gray levels between the darkest and the brightest twentieth of the picture."""
        return float(self.level_at(0.95) - self.level_at(0.05))

    @cached_property
    def darkest(self) -> float:
        """Gray level of the darkest places: the 5th percentile of the least of all channels in 7 x 7 pixels.

        The dark channel of He, Sun and Tang (2009): some surface or shadow is dark nearly everywhere, unless light is
        scattered before it.
        """
        blue, green, red = cv2.split(self.colour)
        least = cv2.erode(cv2.min(cv2.min(blue, green), red), np.ones((7, 7), np.uint8))
        return quantile(least[::4, ::4], 0.05)

    @cached_property
    def local_contrast(self) -> float:
        """ln of deviation over mean in windows of 24 x 24 pixels: of the tenth of the windows that have most."""
        light = self.small.astype(np.float32)
        mean, square = block_means(light, 24), block_means(cv2.multiply(light, light), 24)
        deviation = np.sqrt(np.maximum(square - mean * mean, 0))
        return float(np.log(quantile(deviation / (mean + 8), 0.9) + 0.01))

    @cached_property
    def entropy(self) -> float:
        """Entropy of the gray levels in 64 classes, bits: 0 (one tone) to 6."""
        shares = self.levels.reshape(64, 4).sum(1)
        shares = shares[shares > 0]
        return float(-(shares * np.log2(shares)).sum())

    @cached_property
    def sharpness(self) -> "Sharpness":
        """How much fine structure there is."""
        return sharpness_of(self.detail)

    @cached_property
    def edge_fineness(self) -> float:
        """ln of fine over coarse energy where the picture has most structure: blind to contrast, keen on any blur.

        Energy of the finest band of a Laplacian pyramid over that of the next, in blocks of 16 x 16 pixels of the
        detail picture; of the blocks from the 3rd to the 35th hundredth by coarse energy, the upper quartile. The
        strongest blocks are left out, where a caption may stand; the noise of the calmest blocks is taken off.
        """
        return self._fineness_of_edges[1]

    @cached_property
    def middle_edge_fineness(self) -> float:
        """As `edge_fineness`, the median of those blocks."""
        return self._fineness_of_edges[0]

    @cached_property
    def _fineness_of_edges(self) -> tuple[float, float]:
        return fineness_of_edges(self.detail)

    @cached_property
    def fine_light(self) -> float:
        """ln of the mean of the Laplacian's size over the detail picture."""
        return float(np.log(cv2.norm(cv2.Laplacian(self.detail, cv2.CV_16S), cv2.NORM_L1) / self.detail.size + 0.1))

    @cached_property
    def _gradient(self) -> tuple[Floats, Floats]:
        """Strength and direction (radians) of the gradient at every second pixel of every second row."""
        x, y = (one[::2, ::2].astype(np.float32) for one in cv2.spatialGradient(self.small))
        strength, angle = cv2.cartToPolar(x, y)
        return np.asarray(strength, dtype=np.float32), np.asarray(angle, dtype=np.float32)

    @cached_property
    def edges(self) -> float:
        """Strength of the scene's gradients (Sobel, root mean square), as a natural logarithm."""
        scene, grain = self._edge_energies
        return float(0.5 * np.log(max(0.0, scene - grain) + 0.1))

    @cached_property
    def edges_over_grain(self) -> float:
        """ln of the strength of the scene's gradients over that of the sensor's grain: below 0 where hardly more than
        grain is seen."""
        scene, grain = self._edge_energies
        return float(0.5 * np.log((max(0.0, scene - grain) + 0.1) / (grain + 0.1)))

    @cached_property
    def _edge_energies(self) -> tuple[float, float]:
        return energies(self._gradient[0], 2)

    @cached_property
    def orientation_grid(self) -> Floats:
        """Edge strength by place and direction: 6 x 8 cells x 8 angles, its square root, to mean 0 and spread 1."""
        strength, angle = self._gradient
        turned = (angle * np.float32(GRID_ANGLES / np.pi)).astype(np.intp) & (GRID_ANGLES - 1)
        cell = (_grid_cells(*strength.shape) + turned).ravel()
        total = np.bincount(cell, strength.ravel(), GRID_ROWS * GRID_COLUMNS * GRID_ANGLES)
        root = np.sqrt(total / (strength.size / (GRID_ROWS * GRID_COLUMNS)))
        return np.asarray((root - root.mean()) / (root.std() + 1e-3), dtype=np.float32)

    @cached_property
    def layout(self) -> Floats:
        """The coarse pattern of bright and dark (24 x 16, its own wide average taken off), to mean 0 and spread 1."""
        coarse = cv2.resize(self.thumb, LAYOUT_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
        coarse -= cv2.GaussianBlur(coarse, (0, 0), LAYOUT_SIZE[0] / 4)
        return np.asarray((coarse - coarse.mean()) / (coarse.std() + 1e-3), dtype=np.float32).ravel()

    @cached_property
    def tint(self) -> tuple[float, float]:
        """Mean a and b of CIE Lab: 0, 0 is colourless."""
        mean = cv2.mean(self._lab)
        return float(mean[1]) - 128.0, float(mean[2]) - 128.0

    @cached_property
    def infrared(self) -> bool:
        """Whether the picture has no colour, as under infrared light."""
        a, b = (one.astype(np.float32) - 128 for one in cv2.split(self._lab)[1:])
        most = INFRARED_CHROMA * min(1.0, max(0.25, self.mean_luma / FULL_COLOUR_LUMA))
        return bool(cv2.mean(cv2.magnitude(a, b))[0] < most)

    @cached_property
    def _lab(self) -> Frame:
        """CIE Lab of every second pixel of every second row of the coloured picture."""
        some = np.ascontiguousarray(self.colour[::2, ::2])
        return np.asarray(cv2.cvtColor(some, cv2.COLOR_BGR2LAB), dtype=np.uint8)

    @cached_property
    def noise(self) -> float:
        """Gray levels by which pixels leave their neighbourhood where the picture is calmest (its calmest tenth).

        Mean of |picture - median of 3 x 3| in blocks of 16 x 16 pixels, their tenth percentile; at full size, since
        shrinking a picture takes its noise away. Of a large picture only some rows of blocks are looked at.
        """
        away = [cv2.absdiff(band, cv2.medianBlur(band, 3)) for band in _bands(self.gray)]
        return quantile(np.concatenate([block_means(one, _BLOCK_PX) for one in away]), 0.1)

    @cached_property
    def drawn_share(self) -> float:
        """Share of the pixels that equal their right and lower neighbours exactly: high where nothing is filmed.

        Every fourth row is looked at, fewer of a large picture.
        """
        step = 4 * max(1, self.height_px // 480)
        upper, lower = self.gray[:-1:step], self.gray[1::step]
        return float(((upper[:, :-1] == upper[:, 1:]) & (upper[:, :-1] == lower[:, :-1])).mean())


@dataclass(frozen=True, slots=True)
class Sharpness:
    """`laplacian`: logarithm of the Laplacian's energy; `bands`: those of a Laplacian pyramid, the finest first."""

    laplacian: float
    bands: tuple[float, float, float, float]

    @property
    def fineness(self) -> tuple[float, float]:
        """Structure against what is four times coarser, at the finest scale and at the next: contrast drops out."""
        return self.bands[0] - self.bands[2], self.bands[1] - self.bands[3]


def sharpness_of(gray: Gray) -> Sharpness:
    """The sharpness of a gray picture at its own scale."""
    picture = gray.astype(np.float32)
    laplacian = structure(cv2.Laplacian(picture, cv2.CV_32F), 1)
    bands = []
    for level in range(4):
        lower = cv2.pyrDown(picture)
        band = picture - cv2.pyrUp(lower, dstsize=(picture.shape[1], picture.shape[0]))
        bands.append(float(np.log(structure(band, 2**level) + 0.02)))
        picture = np.asarray(lower, dtype=np.float32)
    return Sharpness(float(np.log(laplacian + 0.1)), (bands[0], bands[1], bands[2], bands[3]))


def fineness_of_edges(gray: Gray) -> tuple[float, float]:
    """Median and upper quartile of ln(fine over coarse energy) where there is structure."""
    lower = np.asarray(cv2.pyrDown(gray), dtype=np.uint8)
    energies = block_means(_band_energy(gray, lower), _BLOCK_PX)
    wide = block_means(_band_energy(lower, np.asarray(cv2.pyrDown(lower), dtype=np.uint8)), _BLOCK_PX // 2)
    rows, columns = min(energies.shape[0], wide.shape[0]), min(energies.shape[1], wide.shape[1])
    energies, wide = energies[:rows, :columns].ravel(), wide[:rows, :columns].ravel()
    scene = np.maximum(energies - quantile(energies, 0.05), 0)
    order = np.argsort(-wide)
    chosen = order[int(0.03 * len(order)) : max(1, int(0.35 * len(order)))]
    ratios = np.log((scene[chosen] + 0.1) / (wide[chosen] + 1.0))
    return quantile(ratios, 0.5), quantile(ratios, 0.75)


def _band_energy(picture: Gray, lower: Gray) -> NDArray[np.uint16]:
    """Energy of what a picture has and the next smaller one of its pyramid has not."""
    band = cv2.absdiff(picture, cv2.pyrUp(lower, dstsize=(picture.shape[1], picture.shape[0])))
    return np.multiply(band, band, dtype=np.uint16)


def structure(signal: NDArray[Any], step: int) -> float:
    """The energy of a filtered picture that is the scene's: neither the caption's nor the sensor's.

    A lens out of focus softens the scene but neither caption nor noise.
    """
    scene, grain = energies(signal, step)
    return max(0.0, scene - grain)


def energies(signal: NDArray[Any], step: int) -> tuple[float, float]:
    """The mean energy of a filtered picture, and that of its calmest tenth, where only the sensor's noise is.

    Energy by blocks of 16 x 16 pixels (of the picture before `step`-fold shrinking); the strongest blocks, where a
    caption may stand, are left out.
    """
    energy = np.sort(block_means(cv2.multiply(signal, signal), max(1, _BLOCK_PX // step)).ravel())
    scene = energy[: max(1, round(len(energy) * (1.0 - CAPTION_SHARE)))]
    return float(scene.mean()), float(energy[len(energy) // 10])


def _bands(gray: Gray) -> list[Gray]:
    """Rows of blocks, all of them where there are few, else some spread over the height."""
    rows = max(1, gray.shape[0] // _BLOCK_PX)
    if rows <= _ALL_BANDS:
        return [gray]
    chosen = range(0, rows, -(-rows // _SOME_BANDS))
    return [gray[row * _BLOCK_PX : (row + 1) * _BLOCK_PX] for row in chosen]


@lru_cache(maxsize=32)
def _grid_cells(height: int, width: int) -> NDArray[np.intp]:
    """The number of the first angle of each pixel's cell in an orientation grid."""
    row = (np.arange(height) * GRID_ROWS // height)[:, None]
    column = (np.arange(width) * GRID_COLUMNS // width)[None, :]
    return np.asarray((row * GRID_COLUMNS + column) * GRID_ANGLES, dtype=np.intp)


def prepare(frame: NDArray[Any] | PreparedFrame, view: View = PLAIN) -> PreparedFrame:
    """Prepares a frame: BGR, gray or with an alpha channel, 8 or 16 bits. ValueError for anything else.

    What a privacy mask of the view hides becomes the mean colour of the rest. A prepared frame stays as it is.
    """
    if isinstance(frame, PreparedFrame):
        return frame
    picture = _without_masked(_as_bgr(frame), view)
    height, width = picture.shape[:2]
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    detail = shrunk(gray, DETAIL_WIDTH_PX)
    return PreparedFrame(
        width, height, gray, detail, shrunk(detail, SMALL_WIDTH_PX), shrunk(picture, COLOUR_WIDTH_PX), view
    )


def _without_masked(picture: Frame, view: View) -> Frame:
    if not view.privacy:
        return picture
    masked = view.masked(*picture.shape[:2])
    if not masked.any() or masked.all():
        return picture
    picture = picture.copy()
    picture[masked] = picture[~masked].mean(axis=0).round().astype(np.uint8)
    return picture


def _as_bgr(frame: NDArray[Any]) -> Frame:
    if frame.dtype == np.uint16:
        frame = (frame >> 8).astype(np.uint8)
    if frame.dtype != np.uint8:
        raise ValueError(f"a frame has 8 or 16 bits a channel, not {frame.dtype}")
    if frame.ndim == 2:
        frame = frame[..., None]
    if frame.ndim != 3 or frame.shape[2] not in (1, 3, 4):
        raise ValueError(f"a frame is height x width x 3, not {frame.shape}")
    if min(frame.shape[:2]) < 16:
        raise ValueError(f"a frame of {frame.shape[1]} x {frame.shape[0]} pixels is too small to judge")
    if max(frame.shape[:2]) > NARROWEST * min(frame.shape[:2]):
        raise ValueError(f"a frame of {frame.shape[1]} x {frame.shape[0]} pixels is too narrow to judge")
    if frame.shape[2] == 1:
        return np.repeat(frame, 3, axis=2)
    return np.ascontiguousarray(frame[..., :3])

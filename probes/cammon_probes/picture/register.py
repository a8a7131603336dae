"""How one view lies upon another: correlation of the directions of edges, which light does not change."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .scales import quantile

Gray = NDArray[np.uint8]
Directions = NDArray[np.complex64]
"""At each pixel the direction of its edge (angle doubled, so that light and dark may change places), 0 to 1 strong."""

_BORDER_PX = 2
_LEAST_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Overlay:
    """The best place of one view upon another.

    `home` is the likeness (-1 to 1) at home, that is without a shift but for a swaying pole; `away` that at the best
    place elsewhere, `dx` and `dy` the shift to it as shares of the picture's width (x right, y down), `which` the
    number of the view that fits there. `home_dx`, `home_dy` are the shift of the best place at home.
    """

    home: float
    away: float
    dx: float
    dy: float
    which: int
    home_dx: float
    home_dy: float


def directions(picture: Gray) -> Directions:
    """The directions of the edges; the border is left out, where a view has no neighbours."""
    light = cv2.log(picture.astype(np.float32) + 10)
    x, y = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength = cv2.magnitude(x, y)
    soft = strength * (strength + 1.5 * quantile(strength[::2, ::2], 0.5) + 0.02) + 1e-9
    field = np.empty(picture.shape, np.complex64)
    field.real = (x * x - y * y) / soft
    field.imag = 2 * x * y / soft
    field[:_BORDER_PX] = field[-_BORDER_PX:] = 0
    field[:, :_BORDER_PX] = field[:, -_BORDER_PX:] = 0
    return field


def likeness(one: Directions, other: Directions) -> float:
    """Likeness of two views as they lie, -1 to 1."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other)) + 1e-9
    return float(np.vdot(one, other).real) / length


def overlay(view: Directions, others: Sequence[Directions], home_share: float) -> Overlay:
    """Lays a view upon others of the same shape; shifts up to `home_share` of the width count as at home."""
    height, width = view.shape
    size = cv2.getOptimalDFTSize(height + height // 2), cv2.getOptimalDFTSize(width + width // 2)
    spectrum = _spectrum(view, size)
    x, y = _shifts(size[1])[None, :], _shifts(size[0])[:, None]
    overlap = np.maximum(0.0, 1 - np.abs(y) / height) * np.maximum(0.0, 1 - np.abs(x) / width)
    reach = home_share * width + 1
    near = (np.abs(x) <= reach) & (np.abs(y) <= reach)
    fits = np.stack([_fit(spectrum, view, other, size) for other in others]) / np.maximum(overlap, _LEAST_OVERLAP)
    home_at = _best(np.where(near, fits, -np.inf))
    away_at = _best(np.where(near | (overlap < _LEAST_OVERLAP), -np.inf, fits))
    return Overlay(
        home=float(fits[home_at]),
        away=float(fits[away_at]),
        dx=float(x[0, away_at[2]]) / width,
        dy=float(y[away_at[1], 0]) / width,
        which=int(away_at[0]),
        home_dx=float(x[0, home_at[2]]) / width,
        home_dy=float(y[home_at[1], 0]) / width,
    )


def _best(fits: NDArray[np.float32]) -> tuple[int, int, int]:
    which, row, column = np.unravel_index(int(fits.argmax()), fits.shape)
    return int(which), int(row), int(column)


def _spectrum(view: Directions, size: tuple[int, int]) -> NDArray[np.float32]:
    planes = np.zeros((*size, 2), np.float32)
    planes[: view.shape[0], : view.shape[1], 0] = view.real
    planes[: view.shape[0], : view.shape[1], 1] = view.imag
    return np.asarray(cv2.dft(planes, nonzeroRows=view.shape[0]), dtype=np.float32)


def _fit(
    spectrum: NDArray[np.float32], view: Directions, other: Directions, size: tuple[int, int]
) -> NDArray[np.float32]:
    length = float(np.linalg.norm(view) * np.linalg.norm(other)) + 1e-9
    product = cv2.mulSpectrums(spectrum, _spectrum(other, size), 0, conjB=True)
    return np.asarray(cv2.idft(product, flags=cv2.DFT_SCALE)[..., 0] / length, dtype=np.float32)


def _shifts(size: int) -> NDArray[np.float64]:
    return np.asarray(np.fft.fftfreq(size) * size)

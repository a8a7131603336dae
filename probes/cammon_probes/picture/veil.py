"""What a veil before the lens does to a picture, told apart from light: with the camera's good frames and without."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .frame import PreparedFrame
from .reference import Sketch
from .scales import block_means, quantile

_CLIPPED = 240
_LEAST_PIXELS = 200
_MOST = 2.0
_TRACE_OF_COLOUR = 0.8


def contrast_against(frame: PreparedFrame, known: Sequence[Sketch]) -> float:
    """How much the scene's contrast has grown (above 1) or shrunk, where neither picture is clipped; 1 where unknown.

    The ratio of the deviations of both pictures' gray levels; of the good frames the one counts that correlates best.
    """
    now = frame.thumb
    correlations, ratios = [-1.0], [1.0]
    for sketch in known:
        if sketch.thumb.shape != now.shape:
            continue
        clear = (now < _CLIPPED) & (sketch.thumb < _CLIPPED)
        if np.count_nonzero(clear) >= _LEAST_PIXELS:
            ours, good = now[clear].astype(np.float32), sketch.thumb[clear].astype(np.float32)
            spread, usual = float(ours.std()) + 0.1, float(good.std()) + 0.1
            correlations.append(float(((ours - ours.mean()) * (good - good.mean())).mean()) / (spread * usual))
            ratios.append(spread / usual)
    return ratios[int(np.argmax(correlations))]


def veil_alone(frame: PreparedFrame) -> float:
    """The veil that a picture shows by itself: the mean of how bright its darkest places and how low its contrast are.

    Each is in units of what no clear view shows: the darkest places 75 gray levels, the local contrast 17 % (ln -1.75).
    """
    lifted = (frame.darkest - 45.0) / 30.0
    lost = (-1.5 - frame.local_contrast) / 0.25
    return (float(np.clip(lifted, -_MOST, _MOST)) + float(np.clip(lost, -_MOST, _MOST))) / 2


def fog_alone(frame: PreparedFrame) -> float:
    """How faint and soft a picture is, above 0 where both more than any clear view: fog behind a crisp caption.

    The lesser of two: how far the deviation in three quarters of the windows of 24 x 24 pixels is below 12.5 gray
    levels (by 4), and how soft its edges are (`PreparedFrame.middle_edge_fineness` below -0.75, by 0.4).
    """
    light = frame.small.astype(np.float32)
    mean, square = block_means(light, 24), block_means(cv2.multiply(light, light), 24)
    deviation = quantile(np.sqrt(np.maximum(square - mean * mean, 0)), 0.75)
    return min((12.5 - deviation) / 4.0, (-0.75 - frame.middle_edge_fineness) / 0.4)


def least_chroma(frame: PreparedFrame) -> float:
    """Chroma (CIE Lab units) that three quarters of the picture exceed: next to nothing unless a hue lies over all."""
    return quantile(_chroma(frame), 0.25)


def in_colour(frame: PreparedFrame) -> bool:
    """Whether there is colour, however dark the picture is: under infrared light there is none at all."""
    return float(_chroma(frame).mean()) > _TRACE_OF_COLOUR


def _chroma(frame: PreparedFrame) -> NDArray[np.float32]:
    lab = cv2.cvtColor(np.ascontiguousarray(frame.colour[::3, ::3]), cv2.COLOR_BGR2LAB)
    away: NDArray[np.float32] = lab[..., 1:].astype(np.float32) - 128
    return np.asarray(cv2.magnitude(away[..., 0], away[..., 1]), dtype=np.float32)

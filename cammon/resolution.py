"""A loss of resolution on one stream of a camera told in the pixels of another.

Pictures mostly come from the sub stream, while coverage counts the pixels of the main stream.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

from cammon.sitefiles.model import Site
from cammon_probes.model import Finding


def loss_on(loss: float, from_px: int, to_px: int) -> float:
    """The loss of resolution (MTF50 in order / MTF50 now, >= 1) on a stream `to_px` wide that is `loss` on `from_px`.

    Spots are taken as Gaussian: their variances add, and their MTF50 is sqrt(ln 2 / 2) / pi over the standard deviation
    (Fourier transform of a Gaussian), so that a loss is a ratio of standard deviations. With a sharp spot of s0 pixels
    of whichever stream and a blur of s pixels of the first, loss^2 = 1 + (s / s0)^2. The blur is of the same optics,
    hence s x to_px / from_px pixels of the second: its loss^2 = 1 + (to_px / from_px)^2 (loss^2 - 1), whatever s0 is.
    """
    return math.sqrt(1.0 + (to_px / from_px) ** 2 * (max(1.0, loss) ** 2 - 1.0))


def main_widths(site: Site) -> dict[str, int | None]:
    """How many pixels wide the main stream of each camera is: as coverage counts them, else as the ledger has it."""
    lenses = {camera.id: camera.lens.width_px for camera in site.scene.cameras}
    return {camera.id: lenses.get(camera.id, camera.expected.width_px) for camera in site.cameras}


def of_main_stream(findings: Iterable[Finding], looked_at_px: int, main_px: int | None) -> tuple[Finding, ...]:
    """Findings on a picture `looked_at_px` wide, with the loss of resolution that the main stream has.

    As they are where its width is not known.
    """
    if main_px is None:
        return tuple(findings)
    return tuple(
        one
        if one.resolution_loss is None
        else replace(one, resolution_loss=loss_on(one.resolution_loss, looked_at_px, main_px))
        for one in findings
    )

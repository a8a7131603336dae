"""A loss of resolution seen on the sub stream, in the pixels of the main stream that coverage counts."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cammon.resolution import loss_on, main_widths, of_main_stream
from cammon.sitefiles import read_site
from cammon_probes.model import Fault, Finding, Frame
from cammon_probes.picture.blur import SHARP_SPREAD_PX, Blur
from cammon_probes.picture.frame import prepare
from cammon_probes.picture.reference import reference_from

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
losses = st.floats(1.0, 40.0)
widths = st.integers(320, 8000)


def mtf50(spread_px: float) -> float:
    """Half-height frequency of a spot of this spread, in cycles per pixel, by Fourier transform of the spot itself."""
    at = np.arange(-4096, 4096) / 16
    spot = np.exp(-0.5 * (at / spread_px) ** 2)
    height = np.abs(np.fft.rfft(spot))
    return float(np.interp(-0.5, -height / height[0], np.fft.rfftfreq(at.size, 1 / 16)))


@given(st.floats(0.0, 6.0), st.sampled_from([640, 704, 1280, 1920]), st.sampled_from([640, 1920, 3840]))
def test_it_is_what_transforming_the_spots_gives(blur_px: float, looked_at_px: int, main_px: int) -> None:
    """One blur of the optics, on two streams that are each as sharp as their pixels allow."""

    def loss(on_px: int) -> float:
        here_px = blur_px * on_px / looked_at_px
        return mtf50(SHARP_SPREAD_PX) / mtf50(float(np.hypot(SHARP_SPREAD_PX, here_px)))

    assert loss_on(loss(looked_at_px), looked_at_px, main_px) == pytest.approx(loss(main_px), rel=0.01)


@given(losses, widths, widths, widths)
def test_by_way_of_a_third_stream_it_is_the_same(loss: float, one: int, other: int, third: int) -> None:
    assert loss_on(loss, one, one) == pytest.approx(loss)
    assert loss_on(loss_on(loss, one, other), other, third) == pytest.approx(loss_on(loss, one, third))
    assert loss_on(loss_on(loss, one, other), other, one) == pytest.approx(loss)


@given(losses, widths, widths, widths)
def test_a_blur_never_gives_a_wider_stream_more_than_it_gives_a_narrower_one(
    loss: float, looked_at_px: int, one: int, other: int
) -> None:
    """What is left to see by (pixels over loss) grows with the pixels, and the loss too."""
    narrow, wide = sorted((one, other))
    lost = loss_on(loss, looked_at_px, narrow), loss_on(loss, looked_at_px, wide)
    assert 1.0 <= lost[0] <= lost[1]
    assert narrow / lost[0] <= wide / lost[1] * (1 + 1e-9)


def test_where_a_width_or_a_loss_is_not_known_all_stays() -> None:
    blur = Finding(Fault.BLUR, 0.9, 0.5, "", bad=True, resolution_loss=2.0)
    unknown, other = replace(blur, resolution_loss=None), Finding(Fault.BLACK, 0.0, 90.0, "", bad=False)
    assert of_main_stream((blur, unknown, other), 640, None) == (blur, unknown, other)
    told = of_main_stream((blur, unknown, other), 640, 1920)
    assert told[1:] == (unknown, other)
    assert told[0].resolution_loss == pytest.approx(np.sqrt(1 + 9 * 3))


def picture(seed: int, spread_px: float = 0.0) -> Frame:
    """The main stream, 1920 wide: fine structure through a lens out of focus by `spread_px`, then a sensor's noise."""
    rng = np.random.default_rng(3)
    frame = np.zeros((1080, 1920), np.float32)
    for cells in (40, 160, 640):
        frame += cv2.resize(rng.uniform(20, 90, (cells * 9 // 16, cells)).astype(np.float32), (1920, 1080))
    if spread_px:
        frame = cv2.GaussianBlur(frame, (0, 0), spread_px)
    noisy = frame + np.random.default_rng(seed).normal(0, 1, frame.shape)
    return np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def sub(frame: Frame) -> Frame:
    return np.asarray(cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA), dtype=np.uint8)


@pytest.mark.parametrize("spread_px", [6.0, 9.0])
def test_the_sub_stream_tells_of_the_main_stream_what_that_tells_itself(spread_px: float) -> None:
    known = reference_from([sub(picture(seed)) for seed in range(3)])
    found = Blur()(prepare(sub(picture(9, spread_px))), known)
    assert found.bad
    (told,) = of_main_stream((found,), 640, 1920)
    truth = np.hypot(SHARP_SPREAD_PX, spread_px) / SHARP_SPREAD_PX
    assert found.resolution_loss is not None
    assert told.resolution_loss is not None
    assert truth / 1.5 < told.resolution_loss < truth * 1.5
    assert found.resolution_loss < truth / 2, "what the sub stream alone would have said"


def test_the_width_that_coverage_counts(repository: Path, tmp_path: Path) -> None:
    site = read_site(repository / "config" / "demo-mine").site
    assert site is not None
    assert main_widths(site) == {camera.id: camera.lens.width_px for camera in site.scene.cameras}
    (tmp_path / "site.toml").write_text('name = "x"\n')
    (tmp_path / "cameras.csv").write_text("id,address,resolution\nC1,127.0.0.1,2560x1440\nC2,127.0.0.2,\n")
    bare = read_site(tmp_path).site
    assert bare is not None
    assert main_widths(bare) == {"C1": 2560, "C2": None}

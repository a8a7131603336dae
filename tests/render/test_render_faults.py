"""Picture faults do to a picture what their names say."""

import cv2
import numpy as np
import pytest

from cammon.virtual.render import PICTURE_FAULTS, Stage, resolve
from cammon.virtual.render.picture_faults import apply_faults, hidden_mask

SIZE = (640, 360)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """Checks of two greys with fine texture: edges everywhere."""
    rows, columns = np.mgrid[0:360, 0:640]
    checks = 70 + 90 * ((rows // 24 + columns // 24) % 2)
    texture = np.random.default_rng(1).normal(0, 10, (360, 640))
    return np.repeat(np.clip(checks + texture, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def spoilt(picture: np.ndarray, name: str, **given: float) -> np.ndarray:
    resolved = {name: resolve(name, given)}
    before = picture.copy()
    after = apply_faults(picture, resolved, PICTURE_FAULTS[name].stage, np.random.default_rng(1))
    assert np.array_equal(picture, before), "the picture that was handed in has changed"
    assert after.shape == picture.shape
    assert after.dtype == np.uint8
    return after


def fineness(picture: np.ndarray) -> float:
    return float(cv2.Laplacian(picture[..., 1], cv2.CV_64F).var())


def test_black(picture: np.ndarray) -> None:
    assert spoilt(picture, "black").max() < 16


@pytest.mark.parametrize(("weaker", "stronger"), [(1, 4), (4, 14), (14, 40)])
def test_blur_takes_fine_structure_with_its_radius(picture: np.ndarray, weaker: float, stronger: float) -> None:
    once, more = spoilt(picture, "blur", radius_px=weaker), spoilt(picture, "blur", radius_px=stronger)
    assert fineness(more) < 0.7 * fineness(once)
    assert abs(more.mean() - picture.mean()) < 2


def test_a_blur_of_no_radius_changes_nothing(picture: np.ndarray) -> None:
    assert np.array_equal(spoilt(picture, "blur", radius_px=0), picture)


def test_covered_is_dark_and_almost_even(picture: np.ndarray) -> None:
    after = spoilt(picture, "covered")
    assert 10 < after.mean() < 60
    assert after[..., 1].std() < 12
    assert np.corrcoef(after[..., 1].ravel(), picture[..., 1].ravel())[0, 1] < 0.1


@pytest.mark.parametrize("kind", [0, 1, 2], ids=["blob", "branch", "sheet"])
@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("seed", [0, 5])
def test_partial_hides_the_share_asked_for_and_leaves_the_rest(
    picture: np.ndarray, kind: int, share: float, seed: int
) -> None:
    after = spoilt(picture, "partial", kind=kind, share=share, seed=seed)
    mask = hidden_mask(*SIZE, share, kind, seed)
    assert (mask > 0.5).mean() == pytest.approx(share, abs=0.04)
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    hidden = mask == 1
    assert np.corrcoef(after[hidden][:, 1], picture[hidden][:, 1])[0, 1] < 0.2


def test_partial_stays_the_same_from_frame_to_frame(picture: np.ndarray) -> None:
    assert np.array_equal(spoilt(picture, "partial", seed=1), spoilt(picture, "partial", seed=1))


@pytest.mark.parametrize(("hue_deg", "strongest"), [(0, 2), (120, 1), (240, 0)], ids=["red", "green", "blue"])
def test_a_colour_cast_has_its_hue(picture: np.ndarray, hue_deg: float, strongest: int) -> None:
    mean = spoilt(picture, "colour_cast", hue_deg=hue_deg, strength=0.4).reshape(-1, 3).mean(axis=0)
    assert mean.argmax() == strongest
    assert mean[strongest] > 1.3 * np.delete(mean, strongest).max()


@pytest.mark.parametrize("sigma", [5.0, 20.0, 50.0])
def test_noise_has_its_strength(sigma: float) -> None:
    grey = np.full((360, 640, 3), 128, np.uint8)
    assert spoilt(grey, "noise", sigma=sigma).std() == pytest.approx(sigma, rel=0.2)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("underexposed", 5, 40), ("overexposed", 215, 255), ("signal_loss", 40, 110)]
)
def test_exposures_and_the_placeholder_have_their_brightness(
    picture: np.ndarray, name: str, low: float, high: float
) -> None:
    assert low < spoilt(picture, name).mean() < high


def test_fog_takes_contrast(picture: np.ndarray) -> None:
    assert spoilt(picture, "low_contrast", share=0.8).std() == pytest.approx(0.2 * picture.std(), rel=0.1)


def test_stripes_lie_across(picture: np.ndarray) -> None:
    change = spoilt(picture, "stripes").astype(int) - picture
    assert change.mean(axis=(1, 2)).std() > 20
    assert change.mean(axis=(0, 2)).std() < 2


def test_corruption_breaks_rows_of_blocks(picture: np.ndarray) -> None:
    broken = (spoilt(picture, "corrupted", share=0.5) != picture).any(axis=(1, 2))
    rows = broken[:352].reshape(-1, 16).any(axis=1)
    assert 0.2 < rows.mean() < 0.8


def test_every_fault_of_the_registry_says_what_is_allowed() -> None:
    for name, fault in PICTURE_FAULTS.items():
        assert resolve(name, {}) == {key: one.default for key, one in fault.parameters.items()}
        assert all(one.low <= one.default <= one.high for one in fault.parameters.values())
    assert {name for name, fault in PICTURE_FAULTS.items() if fault.stage is Stage.POSE} == {"moved"}

"""What others measure on a picture: the recipes of tutorials, ffmpeg's filters, BRISQUE.

Where they come without a threshold (ffmpeg's measures, BRISQUE) they get the best that can be had: limits taken from
clean frames, as ours do in the cross-validation.
"""

import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from picturepack import Pack, PackTest, Picture
from picturescores import Told

from cammon_probes.model import PICTURE_FAULTS

Measured = Callable[[Pack, PackTest], Told]

FREEZE_DB = (-90, -70, -60, -55, -50, -47, -44, -42, -40, -38, -36, -34, -32, -30)
"""freezedetect's noise tolerances that are tried in turn (the filter's own default is -60)."""
FILTERS = {
    "blackdetect": "blackdetect=d=0.01",
    "blurdetect": "blurdetect",
    "freezedetect": "freezedetect=d=0.5",
    "signalstats": "signalstats=stat=tout+vrep",
    "blockdetect": "blockdetect",
}
FLAT_PICTURE = 200.0
"""BRISQUE of a picture of one tone, where its fit divides by nothing: worse than any that it is made for."""


@dataclass(frozen=True)
class Peer:
    """A diagnoser to stand beside ours. `scaled`: its scores can be compared with each other as they are."""

    name: str
    told: Measured
    scaled: bool


def peers() -> Iterator[Peer]:
    """Those that this machine has; the reason is printed for those that it has not."""
    yield Peer("recipes", recipe, scaled=True)
    if shutil.which("ffmpeg"):
        yield Peer("ffmpeg", ffmpeg, scaled=False)
    else:
        print("ffmpeg is left out: it is not installed (make system-packages)")
    score = brisque_score()
    if score is not None:
        yield Peer("BRISQUE", lambda pack, test: _brisque(score, pack, test), scaled=False)


def recipe(pack: Pack, test: PackTest) -> Told:
    """Variance of the Laplacian below 100, mean below 30 or above 225: scores of 0.5 at these limits."""
    sharp, mean = laplacian_and_mean(pack.picture(test.frame))
    scores = {"black": 15 / (mean + 0.1), "overexposed": max(0.0, (mean - 195) / 60), "blur": 50 / (sharp + 0.1)}
    scores["underexposed"] = scores["black"]
    verdict = next((name for name, score in scores.items() if score > 0.5), "ok")
    return Told(test, scores, verdict, _no_mask(test))


def laplacian_and_mean(picture: Picture) -> tuple[float, float]:
    """What the recipes measure."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(gray, cv2.CV_64F).var()), float(gray.mean())


def ffmpeg(pack: Pack, test: PackTest) -> Told:
    """The filters' documented measures on the frame, after the one before where there is one: 1 s of each."""
    files = [*test.previous[-1:], test.frame]
    if len(files) == 2 and pack.picture(files[0]).shape != pack.picture(files[1]).shape:
        files = files[1:]
    inputs = [part for file in files for part in ("-framerate", "1", "-i", str(pack.folder / file))]
    freeze = [f"freezedetect=n={level}dB:d=0.5" for level in FREEZE_DB]
    kept = [filter_ for name, filter_ in FILTERS.items() if name != "freezedetect"]
    chain = ",".join([*freeze, *kept, "metadata=print:file=-"])
    joined = "".join(f"[{number}:v]" for number in range(len(files)))
    graph = f"{joined}concat=n={len(files)},setpts=N/TB,{chain}" if len(files) > 1 else chain
    command = ["ffmpeg", "-hide_banner", "-nostats", *inputs, "-filter_complex", graph, "-f", "null", "-"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return Told(test, _ffmpeg_scores(answer.stdout, answer.stderr, len(files) > 1), iou=_no_mask(test))


def _ffmpeg_scores(metadata: str, log: str, two: bool) -> dict[str, float]:
    """The higher, the worse. What a filter calls black or frozen comes before all that is merely dark or calm."""
    last: dict[str, float] = {}
    for name, value in re.findall(r"lavfi\.(?:signalstats\.)?(\w+)=(-?[\d.]+(?:e[-+]\d+)?)", metadata):
        last[name] = float(value)
    black = "black_start" in log
    return {
        "black": (1000.0 if black else 0.0) - last["YAVG"],
        "underexposed": -last["YAVG"],
        "overexposed": last["YAVG"],
        "blur": last.get("blur", 0.0),
        "low_contrast": last["YLOW"] - last["YHIGH"],
        "colour_cast": float(np.hypot(last["UAVG"] - 128, last["VAVG"] - 128)),
        "noise": last["TOUT"],
        "stripes": last["VREP"],
        "signal_loss": last["VREP"],
        "corrupted": last.get("block", 0.0),
        "frozen": float(_still(log)) if two else 0.0,
    }


def _still(log: str) -> int:
    """How many of the freezedetect filters call the clip frozen to its end: its first picture lasts 1 s as well."""
    begun, ended = (
        set(re.findall(rf"freezedetect\S* @ (\S+)\].*{what}", log)) for what in ("freeze_start", "freeze_end")
    )
    return len(begun - ended)


def brisque_score() -> Callable[[Picture], float] | None:
    """PyPI's `brisque` on a BGR picture, 0 (good) to 100 and more; None where it is not installed, and why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from brisque import BRISQUE
    except ImportError as error:
        print(f"BRISQUE is left out: {error} (pip install brisque; it needs a C++ compiler for libsvm)")
        return None

    class Brisque(BRISQUE):  # type: ignore[misc]
        """Its fits come as arrays of one number, which numpy no longer takes for a number."""

        def scale_features(self, features: Sequence[object]) -> object:
            return super().scale_features([float(np.ravel(one)[0]) for one in features])

    judge = Brisque()

    def score(picture: Picture) -> float:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                value = float(judge.score(picture[..., ::-1]))
            except (ValueError, FloatingPointError):
                return FLAT_PICTURE
        return value if np.isfinite(value) else FLAT_PICTURE

    return score


def _brisque(score: Callable[[Picture], float], pack: Pack, test: PackTest) -> Told:
    """One number for all faults: it says how bad a picture is, and not what is wrong with it."""
    value = score(pack.picture(test.frame))
    return Told(test, dict.fromkeys((fault.value for fault in PICTURE_FAULTS), value), iou=_no_mask(test))


def _no_mask(test: PackTest) -> float | None:
    return 0.0 if test.mask else None

"""CPU of one look, ours and others', on the same pictures in the same run, and memory of one camera's history.

A look begins with the bytes of a JPEG as a camera sends them. The pictures are those of the pack's cameras that have
eight good frames, and their mirror images; for 1080p they are enlarged and given a sensor's noise, which is what makes
decoding dear. Every camera comes in turn, so that nothing of the one before is at hand.
"""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from picturepack import Pack, Picture
from picturepeers import FILTERS, brisque_score, laplacian_and_mean

from cammon_probes.picture.kept import as_bytes
from cammon_probes.picture.reference import Reference, reference_from
from cammon_probes.picture.registry import judge

SIZES = ((1920, 1080), (640, 360))
GOOD_FRAMES, ROUNDS, SLOW_ROUNDS, STREAM_FRAMES = 8, 4, 1, 25
NOISE, QUALITY = 2.0, 85
MIRRORS: tuple[int | None, ...] = (None, 1, 0, -1)
Look = Callable[["Case"], object]


@dataclass(frozen=True)
class Case:
    """A camera with eight good frames and the JPEG of its next look."""

    reference: Reference
    jpeg: bytes

    def picture(self) -> Picture:
        """The decoded look."""
        return np.asarray(cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def cases(pack: Pack, size: tuple[int, int]) -> list[Case]:
    """The cameras, each in four ways to hang it: more than what the program keeps at hand of the last ones."""
    rng = np.random.default_rng(1)
    found = []
    for camera in pack.cameras_with_history:
        files = pack.good_files(camera)
        if len(files) < GOOD_FRAMES:
            continue
        frame = next(test.frame for test in pack.tests if test.camera == camera and test.fault == "ok")
        pictures = [_sized(pack.picture(file), size, rng) for file in (*files[:GOOD_FRAMES], frame)]
        found += [_case(pictures, mirror) for mirror in MIRRORS]
    return found


def _case(pictures: Sequence[Picture], mirror: int | None) -> Case:
    turned = [one if mirror is None else np.asarray(cv2.flip(one, mirror), dtype=np.uint8) for one in pictures]
    reference = reference_from(turned[:-1]).after(turned[-2])
    return Case(reference, cv2.imencode(".jpg", turned[-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())


def _sized(picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(large + rng.normal(0, NOISE, large.shape), 0, 255).astype(np.uint8)


def cost_table(pack: Pack) -> dict[tuple[int, int], float]:
    """Prints the table; the CPU milliseconds of one of our looks (median over cameras), by size of the picture."""
    score = brisque_score()
    ours = {}
    for size in SIZES:
        known = cases(pack, size)
        times = _cpu_ms(known, lambda case: judge(case.picture(), case.reference), ROUNDS)
        ours[size] = statistics.median(times)
        spread = f"{min(times):.1f} to {max(times):.1f}"
        print(f"\nCPU of one look, {size[0]} x {size[1]}, decoding included: ms, and as a multiple of ours")
        _line(f"cammon, {GOOD_FRAMES} good frames ({len(known)} cameras, {spread})", ours[size], ours[size])
        _line("  of this decoding", statistics.median(_cpu_ms(known, Case.picture, ROUNDS)), ours[size])
        laplacian = _cpu_ms(known, lambda case: laplacian_and_mean(case.picture()), ROUNDS)
        _line("recipes: Laplacian and mean", statistics.median(laplacian), ours[size])
        for name, filters in ({**FILTERS, "these five together": ",".join(FILTERS.values())}).items():
            _line(f"ffmpeg {name}", _ffmpeg_ms(known, filters), ours[size])
        if score is not None:
            slow = _cpu_ms(known[::4], lambda case: score(case.picture()), SLOW_ROUNDS)
            _line("BRISQUE", statistics.median(slow), ours[size])
    return ours


def _line(name: str, ms: float, ours: float) -> None:
    print(f"  {name:58} {ms:8.1f}  x {ms / ours:.2f}")


def _cpu_ms(known: Sequence[Case], look: Look, rounds: int) -> list[float]:
    """The least of the rounds for each camera: what else runs on the machine makes a look dearer, never cheaper."""
    look(known[0])
    return [min(times) for times in zip(*(_round(known, look) for _ in range(rounds)), strict=True)]


def _round(known: Sequence[Case], look: Look) -> list[float]:
    times = []
    for case in known:
        begun = time.process_time()
        look(case)
        times.append(1000 * (time.process_time() - begun))
    return times


def _ffmpeg_ms(known: Sequence[Case], filters: str) -> float:
    """Of one picture more in a stream of them, on one thread: the start of the process is not counted."""
    stream = [known[number % len(known)].jpeg for number in range(STREAM_FRAMES)]
    whole, start = (min(_ffmpeg_cpu_s(part, filters) for _ in range(2)) for part in (stream, stream[:1]))
    return (whole - start) * 1000 / (STREAM_FRAMES - 1)


def _ffmpeg_cpu_s(jpegs: Sequence[bytes], filters: str) -> float:
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    one = ["-threads", "1", "-filter_threads", "1"]
    source = ["-f", "image2pipe", "-framerate", "1", "-c:v", "mjpeg", "-i", "-"]
    command = ["ffmpeg", "-v", "error", *one, *source, "-vf", filters, "-f", "null", "-"]
    subprocess.run(command, input=b"".join(jpegs), check=True, env={**os.environ, "AV_LOG_FORCE_NOCOLOR": "1"})
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime


def memory_kb(pack: Pack) -> tuple[float, float]:
    """The largest history of the pack's cameras in memory (with the frame before), and as bytes in the store."""
    held, stored = 0.0, 0.0
    for camera in pack.cameras_with_history:
        files = pack.good_files(camera)
        reference = reference_from(pack.picture(file) for file in [*files, *files][:12]).after(pack.picture(files[0]))
        held = max(held, _held_bytes(reference) / 1000)
        stored = max(stored, len(as_bytes(reference)) / 1000)
    return held, stored


def _held_bytes(reference: Reference) -> int:
    """The arrays of a reference; the numbers beside them are a few hundred bytes a sketch."""
    last = reference.last
    arrays: list[NDArray[np.generic]] = [] if last is None else [last.blocks, last.calm]
    for sketch in reference.sketches:
        values = (getattr(sketch, name) for name in type(sketch).__dataclass_fields__)
        arrays += [value for value in values if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in arrays)

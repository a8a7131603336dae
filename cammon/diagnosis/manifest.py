"""The manifest of a batch: which frames to judge, of which camera, and what good frames of it are known."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cammon.problem import UserError
from cammon_probes.picture.view import PLAIN, Polygon, View

FILE_NAME = "manifest.json"
LARGEST_MANIFEST = 64 << 20
MOST_REFERENCES = 64
"""Of more good frames of one camera the newest count; the bank keeps fewer still."""
MOST_PREVIOUS = 8
"""Of more frames before a test the last count."""
LONGEST_NUMBER, LONGEST_SHOWN = 300, 80


@dataclass(frozen=True, slots=True)
class GoodFrame:
    """A known good frame; `hour` of its day, None where the manifest does not tell a time."""

    file: str
    hour: float | None = None


@dataclass(frozen=True, slots=True)
class BatchCamera:
    """A camera of the batch: its good frames, oldest first, and what is known of its view."""

    id: str
    good: tuple[GoodFrame, ...] = ()
    view: View = PLAIN


@dataclass(frozen=True, slots=True)
class BatchTest:
    """One frame to judge. `previous` are the frames before it; `problem` says why it cannot be judged at all."""

    id: str
    camera: BatchCamera
    frame: str = ""
    previous: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """All tests, and the folder from which their paths count. `asides`: what was left out of account, a line each."""

    folder: Path
    tests: tuple[BatchTest, ...]
    asides: tuple[str, ...] = ()

    def path(self, file: str) -> Path:
        """Where a file of the manifest lies. ValueError when its name leads out of the folder."""
        name = PurePosixPath(file)
        if not file or name.is_absolute() or ".." in name.parts or "\\" in file or "\0" in file:
            raise ValueError("leads out of the manifest's folder; write a path below it, with /")
        return self.folder / name


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, or in the folder that holds one called manifest.json. UserError when it is none."""
    file = path / FILE_NAME if path.is_dir() else path
    about = _object(file)
    cameras = _cameras(file, about.get("cameras", {}))
    tests = about.get("tests")
    if not isinstance(tests, list):
        raise UserError(f"{file}: 'tests' has to be a list of objects with id, camera and frame, not {shown(tests)}")
    asides = tuple(_asides(file, about.get("cameras", {})))
    return Manifest(file.parent, tuple(_tests(tests, cameras)), asides)


def _object(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_MANIFEST + 1)
        if len(data) > LARGEST_MANIFEST:
            raise UserError(f"{file}: larger than {LARGEST_MANIFEST >> 20} MB; split the batch")
        about = json.loads(data.decode("utf-8-sig"), parse_int=_whole, object_pairs_hook=_each_once)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}; name a manifest or a folder with a {FILE_NAME}") from None
    except _Twice as error:
        raise UserError(f"{file}: the name {shown(error.name)} stands twice in one object; give each its own") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}: not JSON ({error}); write it with a JSON library") from None
    if not isinstance(about, dict):
        raise UserError(f"{file}: has to be an object with version, cameras and tests, not {shown(about)}")
    if about.get("version", 1) != 1:
        raise UserError(f"{file}: version {shown(about['version'])} is not known; write 1")
    return about


def _whole(digits: str) -> float:
    """A whole number; beyond all sense it becomes infinite, and is then told by the field that it stands in."""
    return int(digits) if len(digits) < LONGEST_NUMBER else float(digits)


class _Twice(Exception):
    """A name that stands twice in one JSON object."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _cameras(file: Path, about: object) -> dict[str, BatchCamera]:
    if not isinstance(about, dict):
        raise UserError(f"{file}: 'cameras' has to be an object, camera id: {{\"refs\": [...]}}, not {shown(about)}")
    faults: list[str] = []
    found = {}
    for name, camera in about.items():
        try:
            found[name] = _camera(name, camera)
        except (ValueError, TypeError) as error:
            faults.append(f"{file}: camera {shown(name)}: {error}")
    if faults:
        raise UserError(*faults)
    return found


def _camera(name: str, about: object) -> BatchCamera:
    if not isinstance(about, dict):
        raise TypeError(f"has to be an object with refs, not {shown(about)}")
    good = about.get("refs", [])
    if not isinstance(good, list):
        raise TypeError(f"'refs' has to be a list of objects with a file, not {shown(good)}")
    for number, one in enumerate(good, start=1):
        if not isinstance(one, dict) or not isinstance(one.get("file"), str):
            raise TypeError(
                f"number {number} of 'refs' has to be an object with the path of a 'file', not {shown(one)}"
            )
    frames = tuple(GoodFrame(one["file"], _hour_or_none(one.get("time"))) for one in good[-MOST_REFERENCES:])
    return BatchCamera(name, frames, _view(about))


def _view(about: Mapping[str, Any]) -> View:
    """What the manifest may tell of a camera's view beyond its good frames: all of it optional."""
    hfov, away = about.get("hfov_deg"), about.get("away", False)
    if hfov is not None and not _is_number(hfov):
        raise TypeError(f"'hfov_deg' has to be a number of degrees, not {shown(hfov)}; leave it out if it is not known")
    if not isinstance(away, bool):
        raise TypeError(f"'away' has to be true or false, not {shown(away)}")
    polygons = tuple(_polygons(about.get("privacy", [])))
    try:
        return View(polygons, None if hfov is None else float(hfov), away)
    except ValueError as error:
        raise ValueError(f"'hfov_deg': {error}; leave it out if it is not known") from None


def _polygons(about: object) -> Iterator[Polygon]:
    """Privacy masks: lists of three corners or more, each two shares of the picture's width and height."""
    if not isinstance(about, list):
        raise TypeError(f"'privacy' has to be a list of polygons, not {shown(about)}")
    for number, corners in enumerate(about, start=1):
        where = f"polygon {number} of 'privacy'"
        if not isinstance(corners, list) or len(corners) < 3:
            raise TypeError(f"{where} has to be a list of three corners or more, not {shown(corners)}")
        wrong = [corner for corner in corners if not _is_corner(corner)]
        if wrong:
            raise TypeError(f"{where}: a corner is [x, y] in shares of the picture, 0 to 1, not {shown(wrong[0])}")
        yield tuple((float(x), float(y)) for x, y in corners)


def _is_corner(about: object) -> bool:
    return isinstance(about, list) and len(about) == 2 and all(_is_number(one) and 0 <= one <= 1 for one in about)


def _is_number(about: object) -> bool:
    return isinstance(about, int | float) and not isinstance(about, bool)


def shown(value: object) -> str:
    """A value as it stands in the file, on one line, and not longer than that; what cannot be printed escaped."""
    written = json.dumps(value, ensure_ascii=False)
    text = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in written)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _asides(file: Path, cameras: Mapping[str, Any]) -> Iterator[str]:
    """Times of good frames that are none. Such a frame is as good as one without: it counts, its hour does not."""
    for name, camera in cameras.items():
        good = camera.get("refs", [])
        for number, one in enumerate(good, start=1):
            try:
                _hour(one.get("time"))
            except ValueError:
                yield (
                    f"{file}: camera {shown(name)}: number {number} of 'refs': 'time' is no time: {shown(one['time'])};"
                    " write it as 2026-05-01T12:30:00, or leave it out: its hour is not counted"
                )


def _hour_or_none(time: object) -> float | None:
    try:
        return _hour(time)
    except ValueError:
        return None


def _hour(time: object) -> float | None:
    """The hour of the day (12.5 at half past twelve); None where no time is told. ValueError where it is none, a day
    alone among them."""
    if time is None:
        return None
    if not isinstance(time, str) or len(time) < len("20260501T12"):
        raise ValueError("no time")
    at = datetime.fromisoformat(time)
    return at.hour + at.minute / 60


def _tests(tests: list[Any], cameras: Mapping[str, BatchCamera]) -> Iterator[BatchTest]:
    """The tests in order; one that is wrong keeps its place and says why. Without an id of its own it is called by its
    number, so that no two answers have the same."""
    seen: set[str] = set()
    for number, about in enumerate(tests, start=1):
        test = _test(number, about, cameras)
        if test.id in seen:
            problem = f"test {number}: the id {shown(test.id)} stands twice; give each test its own"
            test = BatchTest(f"#{number}", test.camera, problem=problem)
        seen.add(test.id)
        yield test


def _test(number: int, about: object, cameras: Mapping[str, BatchCamera]) -> BatchTest:
    given = about if isinstance(about, dict) else {}
    name, frame, previous = given.get("id"), given.get("frame"), given.get("prev") or []
    camera = cameras.get(str(given.get("camera")), BatchCamera(""))
    if not isinstance(about, dict):
        problem = f"has to be an object with id, camera and frame, not {shown(about)}"
    elif not isinstance(name, str) or not name:
        problem = f"'id' has to be a text, not {shown(name)}"
    elif not camera.id:
        problem = f"'camera' is {shown(given.get('camera'))}, which is none of 'cameras'"
    elif not isinstance(frame, str):
        problem = f"'frame' has to be the path of a picture, not {shown(frame)}"
    elif not isinstance(previous, list) or not all(isinstance(one, str) for one in previous):
        problem = f"'prev' has to be a list of paths, not {shown(previous)}"
    else:
        return BatchTest(name, camera, frame, tuple(previous[-MOST_PREVIOUS:]))
    called = name if isinstance(name, str) and name else f"#{number}"
    return BatchTest(called, camera, problem=f"test {number}: {problem}")

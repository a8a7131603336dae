"""The manifest of a batch: which frames to judge, of which camera, and what good frames of it are known."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cammon.problem import UserError
from cammon_probes.picture.view import PLAIN, View

FILE_NAME = "manifest.json"
LARGEST_MANIFEST = 64 << 20
MOST_REFERENCES = 64
"""Of more good frames of one camera the newest count; the bank keeps fewer still."""


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
    """All tests, and the folder from which their paths count."""

    folder: Path
    tests: tuple[BatchTest, ...]

    def path(self, file: str) -> Path:
        """Where a file of the manifest lies. ValueError when its name leads out of the folder."""
        name = PurePosixPath(file)
        if not file or name.is_absolute() or ".." in name.parts or "\\" in file or "\0" in file:
            raise ValueError(f"{file!r} leads out of the manifest's folder")
        return self.folder / name


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, or in the folder that holds one called manifest.json. UserError when it is none."""
    file = path / FILE_NAME if path.is_dir() else path
    about = _object(file)
    cameras = _cameras(file, about.get("cameras", {}))
    tests = about.get("tests")
    if not isinstance(tests, list):
        raise UserError(f"{file}: 'tests' has to be a list of objects with id, camera and frame")
    return Manifest(file.parent, tuple(_tests(tests, cameras)))


def _object(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST_MANIFEST:
            raise UserError(f"{file}: larger than {LARGEST_MANIFEST >> 20} MB; split the batch")
        about = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}; name a manifest or a folder with a {FILE_NAME}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}: not JSON in UTF-8 ({error})") from None
    if not isinstance(about, dict):
        raise UserError(f"{file}: has to be an object with version, cameras and tests")
    if about.get("version", 1) != 1:
        raise UserError(f"{file}: version {about['version']!r} is not known; 1 is")
    return about


def _cameras(file: Path, about: object) -> dict[str, BatchCamera]:
    if not isinstance(about, dict):
        raise UserError(f"{file}: 'cameras' has to be an object: camera id -> its good frames")
    faults: list[str] = []
    found = {}
    for name, camera in about.items():
        try:
            found[name] = _camera(name, camera)
        except (ValueError, TypeError) as error:
            faults.append(f"{file}: camera {name!r}: {error}")
    if faults:
        raise UserError(*faults)
    return found


def _camera(name: str, about: object) -> BatchCamera:
    if not isinstance(about, dict):
        raise TypeError("has to be an object with refs")
    good = about.get("refs", [])
    if not isinstance(good, list):
        raise TypeError("'refs' has to be a list of objects with a file")
    if not all(isinstance(one, dict) and isinstance(one.get("file"), str) for one in good):
        raise ValueError("each of 'refs' has to be an object with a file")
    frames = tuple(GoodFrame(one["file"], _hour(one.get("time"))) for one in good[-MOST_REFERENCES:])
    return BatchCamera(name, frames, _view(about))


def _view(about: Mapping[str, Any]) -> View:
    """What the manifest may tell of a camera's view beyond its good frames: all of it optional."""
    privacy = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in about.get("privacy", ()))
    hfov = about.get("hfov_deg")
    return View(privacy, None if hfov is None else float(hfov), bool(about.get("away", False)))


def _hour(time: object) -> float | None:
    try:
        at = datetime.fromisoformat(time) if isinstance(time, str) else None
    except ValueError:
        return None
    return None if at is None else at.hour + at.minute / 60


def _tests(tests: list[Any], cameras: Mapping[str, BatchCamera]) -> Iterator[BatchTest]:
    """The tests in order; one that is wrong keeps its place and says why. Without an id it is called by its number."""
    seen: set[str] = set()
    for number, about in enumerate(tests, start=1):
        test = _test(number, about, cameras)
        if test.id in seen:
            test = BatchTest(test.id, test.camera, problem=f"test {number}: the id {test.id!r} stands twice")
        seen.add(test.id)
        yield test


def _test(number: int, about: object, cameras: Mapping[str, BatchCamera]) -> BatchTest:
    about = about if isinstance(about, dict) else {}
    name = about.get("id")
    camera = cameras.get(str(about.get("camera")), BatchCamera(str(about.get("camera"))))
    frame, previous = about.get("frame"), about.get("prev") or []
    if not isinstance(name, str) or not name:
        return BatchTest(f"#{number}", camera, problem=f"test {number} has no id")
    if camera.id not in cameras:
        return BatchTest(name, camera, problem=f"no camera {camera.id!r} in the manifest")
    if not isinstance(frame, str):
        return BatchTest(name, camera, problem="'frame' has to be the path of a picture")
    if not isinstance(previous, list) or not all(isinstance(one, str) for one in previous):
        return BatchTest(name, camera, problem="'prev' has to be a list of paths")
    return BatchTest(name, camera, frame, tuple(previous))

"""The development pack of pictures, named by CAMMON_DATA: read where it lies, never copied."""

import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cammon_probes.picture.reference import Reference, reference_from

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class PackTest:
    """One picture to judge, and what it shows: `labels` are the names that count as right."""

    id: str
    camera: str
    frame: str
    previous: tuple[str, ...]
    fault: str
    labels: tuple[str, ...]
    severity: int
    variant: str
    real: bool
    night: bool
    mask: str | None

    @property
    def scene(self) -> str:
        """The scene: a camera and its zoomed twin are one."""
        return self.camera.removesuffix("_z")


class Pack:
    """Cameras with good frames, tests with labels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = json.loads((folder / "manifest.json").read_text())
        self._labels = json.loads((folder / "labels.json").read_text())
        self._references: dict[str, Reference] = {}

    @classmethod
    def from_environment(cls) -> "Pack":
        """The pack below the folder that CAMMON_DATA names; ends the program when it names none."""
        folder = Path(os.environ.get("CAMMON_DATA", "")) / "pictures"
        if not (folder / "manifest.json").is_file():
            sys.exit("CAMMON_DATA must name the folder of outside data (with pictures/manifest.json)")
        return cls(folder)

    @cached_property
    def tests(self) -> tuple[PackTest, ...]:
        """All tests, in the order of the manifest."""
        return tuple(self._test(one, self._labels[one["id"]]) for one in self._manifest["tests"])

    def _test(self, one: dict[str, object], label: dict[str, object]) -> PackTest:
        return PackTest(
            id=str(one["id"]),
            camera=str(one["camera"]),
            frame=str(one["frame"]),
            previous=tuple(one.get("prev", ())),  # type: ignore[arg-type]
            fault=str(label["fault"]),
            labels=tuple(label["labels"]),  # type: ignore[arg-type]
            severity=int(label["severity"]),  # type: ignore[call-overload]
            variant=str(label["variant"]),
            real=bool(label["real"]),
            night=bool(label["night"]),
            mask=label.get("mask"),  # type: ignore[arg-type]
        )

    @property
    def cameras_with_history(self) -> list[str]:
        """Cameras of which good frames are known."""
        return [camera for camera, about in self._manifest["cameras"].items() if about["refs"]]

    def picture(self, file: str) -> Picture:
        """A picture of the pack, BGR."""
        return np.asarray(cv2.imread(str(self.folder / file)), dtype=np.uint8)

    def reference(self, camera: str) -> Reference:
        """The good frames of a camera as a reference; made once."""
        if camera not in self._references:
            self._references[camera] = reference_from(self.picture(file) for file in self.good_files(camera))
        return self._references[camera]

    def good_files(self, camera: str) -> list[str]:
        """The good frames of a camera, oldest first."""
        return [str(good["file"]) for good in self._manifest["cameras"][camera]["refs"]]

"""The site into which something is taken over: its coordinate system, its middle, and what its files say now."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from cammon.importing.model import Refused
from cammon.sitefiles.bytes import present, read_bytes, read_text
from cammon.sitefiles.faults import Faults
from cammon.sitefiles.frame import LOCAL, MapFrame, horizontal_system
from cammon.sitefiles.geojson import read_geojson
from cammon.sitefiles.model import Problem, Severity, Site, SiteReading
from cammon.sitefiles.reader import read_site
from cammon.sitefiles.sitetoml import read_settings

MAP = "map.geojson"
LEDGERS = ("cameras.csv", "cameras.xlsx")
EMPTY_LEDGER = "id\n"


@dataclass(frozen=True, slots=True)
class Into:
    """The site folder, its coordinate system, and what was read of it before anything is changed."""

    folder: Path
    crs: str
    before: SiteReading

    @property
    def geographic(self) -> bool:
        """Whether the map's coordinates are degrees."""
        return self.crs != LOCAL and bool(horizontal_system(self.crs).is_geographic)

    @property
    def unit_m(self) -> float:
        """About how many metres one unit of the map is."""
        return METRES_PER_DEGREE if self.geographic else 1.0

    @property
    def site(self) -> Site | None:
        """The site as it is now, None while a fault is fatal."""
        return self.before.site

    def middle(self) -> tuple[MapFrame, float, float] | None:
        """The site's frame and its middle in local metres; None while there is nothing to have a middle."""
        if self.site is None:
            return None
        scene = self.site.scene
        shapes = [place.geometry for place in scene.key_places] + [item.footprint for item in scene.obstacles]
        points = [shapely.get_coordinates(shape)[0] for shape in shapes]
        points += [np.array([camera.pose.x, camera.pose.y]) for camera in scene.cameras]
        if not points:
            return None
        x, y = np.median(np.array(points), axis=0)
        return self.site.frame, float(x), float(y)


METRES_PER_DEGREE = 111_320.0


def site_to_fill(folder: Path) -> Into:
    """The site in a folder. Raises Refused where site.toml cannot be read, because nobody knows its coordinates."""
    faults = Faults()
    if not folder.is_dir():
        faults.of(folder.name or str(folder)).fatal("no_site_folder")
        raise Refused(*faults.problems)
    own = faults.of("site.toml")
    content = read_bytes(folder / "site.toml", own)
    text = None if content is None else read_text(content, own)
    settings = None if text is None else read_settings(text, own)
    if settings is None:
        raise Refused(*faults.problems)
    return Into(folder, settings.crs, trial(folder, {}))


def raw_map(folder: Path) -> dict[str, Any]:
    """map.geojson as it stands, an empty collection where there is none. Raises Refused for one that is broken."""
    if not present(folder / MAP):
        return {"type": "FeatureCollection", "features": []}
    faults = Faults()
    own = faults.of(MAP)
    content = read_bytes(folder / MAP, own)
    text = None if content is None else read_text(content, own)
    if text is None or read_geojson(text, own) is None:
        raise Refused(*(problem for problem in faults.problems if problem.severity is Severity.FATAL))
    whole: dict[str, Any] = json.loads(text)
    return whole


def trial(folder: Path, changed: Mapping[str, str]) -> SiteReading:
    """What reading the site would give if these files stood in it; the folder itself stays as it is."""
    with tempfile.TemporaryDirectory(prefix="cammon-") as other:
        copy = Path(other) / folder.resolve().name
        copy.mkdir()
        for entry in folder.iterdir():
            if entry.is_file() and entry.name not in changed and entry.suffix in {".toml", ".csv", ".xlsx", ".geojson"}:
                shutil.copyfile(entry, copy / entry.name)
        for name, text in changed.items():
            (copy / name).write_text(text, encoding="utf-8")
        if not any((copy / name).exists() for name in LEDGERS):
            (copy / LEDGERS[0]).write_text(EMPTY_LEDGER, encoding="utf-8")
        return read_site(copy)


def new_problems(before: SiteReading, after: SiteReading) -> list[Problem]:
    """The problems that were not there before."""
    known = {_key(problem) for problem in before.problems}
    return [problem for problem in after.problems if _key(problem) not in known]


def _key(problem: Problem) -> tuple[str, ...]:
    return problem.file, problem.where, problem.column, problem.value, problem.code


def write_whole(path: Path, text: str) -> None:
    """The file as a whole or not at all: a reader sees the old one or the new one, a failure leaves the old one.

    Raises OSError.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

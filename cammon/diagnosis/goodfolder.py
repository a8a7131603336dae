"""A folder of good pictures: a folder for each camera, called by its id; each picture has its time in its name."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from cammon.problem import UserError

from .manifest import shown

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
MOST_PICTURES = 48
"""Of one camera: of more those count that are spread over the day. The bank keeps fewer still."""
_TIME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_. ]?(\d\d)[-_. ]?(\d\d)[-_. T]*([01]\d|2[0-3])[-_.:]?([0-5]\d)(?:[-_.:]?([0-5]\d))?"
)


@dataclass(frozen=True, slots=True)
class GoodPicture:
    """A file, and when it was taken."""

    path: Path
    at: datetime


@dataclass(frozen=True, slots=True)
class GoodFolder:
    """By camera: its pictures, oldest first. `asides`: what is not used, a line each."""

    pictures: Mapping[str, Sequence[GoodPicture]]
    asides: tuple[str, ...] = ()


def read_good_folder(folder: Path, cameras: Collection[str], zone: tzinfo) -> GoodFolder:
    """The pictures below `folder`; times are the site's. UserError when nothing can be read or nothing is there."""
    try:
        inside = sorted(folder.iterdir())
        held = {one.name: sorted(one.iterdir()) for one in inside if one.is_dir() and one.name in cameras}
    except OSError as error:
        raise UserError(
            f"{error.filename}: cannot be read ({error.strerror}); name a folder of good pictures"
        ) from None
    asides = [
        f"{folder}: {shown(one.name)} is the id of no camera of the site; call each folder by its camera"
        for one in inside
        if one.is_dir() and one.name not in cameras
    ]
    found: dict[str, list[GoodPicture]] = defaultdict(list)
    for camera, files in held.items():
        for file in (one for one in files if one.suffix.lower() in ENDINGS):
            at = time_in(file.stem)
            if at is None:
                asides.append(f"{camera}: no time in the name {shown(file.name)}; call it like 2026-05-01T12-30.jpg")
            else:
                found[camera].append(GoodPicture(file, at.replace(tzinfo=zone)))
    if not found:
        raise UserError(*asides, f"{folder}: no good picture there; put them into a folder for each camera, as CAM01/")
    return GoodFolder({camera: spread(pictures) for camera, pictures in found.items()}, tuple(asides))


def time_in(name: str) -> datetime | None:
    """The time that a file's name tells, year first and to the minute at least; None where it tells none."""
    for digits in _TIME.findall(name):
        year, month, day, hour, minute, second = (int(one or 0) for one in digits)
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- the site's own time
        except ValueError:
            continue
    return None


def spread(pictures: Sequence[GoodPicture], most: int = MOST_PICTURES) -> tuple[GoodPicture, ...]:
    """At most so many of them, oldest first: as many of each hour of the day as there is room for, the newest ones."""
    of_hour: dict[int, list[GoodPicture]] = defaultdict(list)
    for one in sorted(pictures, key=lambda one: one.at, reverse=True):
        of_hour[one.at.hour].append(one)
    ranked = sorted(((rank, one) for ones in of_hour.values() for rank, one in enumerate(ones)), key=lambda two: two[0])
    return tuple(sorted((one for _, one in ranked[:most]), key=lambda one: one.at))

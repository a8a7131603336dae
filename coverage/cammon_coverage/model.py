"""The nouns of coverage: cameras as geometry, key places, obstacles, and the answers about them. Values only.

Metres and degrees throughout: x east, y north, heights above local ground, azimuth clockwise from north,
tilt positive downwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


class Projection(StrEnum):
    """How a lens maps directions to pixels. A fisheye is equidistant."""

    RECTILINEAR = "rectilinear"
    FISHEYE = "fisheye"


class Period(StrEnum):
    """The two lights under which a site is judged."""

    DAY = "day"
    NIGHT = "night"


class Basis(StrEnum):
    """Design: every camera as documented. Effective: only what works now."""

    DESIGN = "design"
    EFFECTIVE = "effective"


class DensityModel(StrEnum):
    """How pixel density follows from distance (docs/coverage.md)."""

    IEC_FLAT = "iec-flat"
    ARC = "arc"
    DATASHEET = "datasheet"


class SightState(StrEnum):
    """What health leaves of a camera's sight."""

    SEES = "sees"
    BLIND = "blind"
    UNKNOWN = "unknown"


class ReasonCode(StrEnum):
    """Why a key place is not covered. The parameters of each stand beside it."""

    NO_CAMERA_IN_RANGE = "no_camera_in_range"
    """no parameters"""
    OUTSIDE_VIEW = "outside_view"
    """camera: the nearest camera that would reach it but looks elsewhere"""
    HIDDEN_BY_OBSTACLE = "hidden_by_obstacle"
    """obstacle, camera"""
    DENSITY_TOO_LOW = "density_too_low"
    """camera, density_px_per_m, level_px_per_m"""
    TOO_DARK = "too_dark"
    """camera, night_range_m"""
    WRONG_SIDE = "wrong_side"
    """camera: sees it, but not from the facing asked for"""
    TOO_STEEP = "too_steep"
    """camera, depression_deg, max_depression_deg"""
    REDUNDANCY_SHORT = "redundancy_short"
    """devices, redundancy"""
    CAMERA_FAULTY = "camera_faulty"
    """camera, fault"""
    CAMERA_UNKNOWN = "camera_unknown"
    """camera, fault (or "not_looked_at")"""
    CAMERA_WITHOUT_POSE = "camera_without_pose"
    """camera"""
    INSIDE_OBSTACLE = "inside_obstacle"
    """obstacle"""
    HIDDEN_BY_TERRAIN = "hidden_by_terrain"
    """camera"""
    MASKED = "masked"
    """camera: would see it, but a privacy mask lies over it"""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with parameters; put into words at the edge, in the reader's language."""

    code: ReasonCode
    params: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a lens hangs and where it looks."""

    x: float
    y: float
    height_m: float
    azimuth_deg: float
    tilt_deg: float
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Lens:
    """What a lens and its sensor can show.

    `vfov_deg` None: from the aspect ratio of square pixels. `night_range_m` None: lit areas only.
    `detection_m`: the maker's printed detection distance (25 px/m), for the datasheet density model.
    """

    hfov_deg: float
    width_px: int
    height_px: int
    vfov_deg: float | None = None
    projection: Projection = Projection.RECTILINEAR
    night_range_m: float | None = None
    detection_m: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A position other than home that a PTZ camera can be sent to."""

    name: str
    azimuth_deg: float
    tilt_deg: float
    hfov_deg: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A viewpoint: one lens in one place. Cameras with the same `device` are one box and fail as one.

    `pose` and `lens` are those of the home position; `presets` are the other positions of a PTZ camera (what they
    show is reachable, never covered). `masks`: privacy masks, polygons in the picture at home, as shares of its
    width and height from its upper left corner.
    """

    id: str
    pose: Pose
    lens: Lens
    device: str
    switch: str | None = None
    recorder: str | None = None
    power: str | None = None
    presets: tuple[Preset, ...] = ()
    masks: tuple[BaseGeometry, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The vertical segment over a plan point that must be seen, both ends of it."""

    z0_m: float = 0.0
    z1_m: float = 1.8


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A point, line or area (also multi-part, with holes) that must be covered at a level."""

    id: str
    name: str
    geometry: BaseGeometry
    level_px_per_m: float
    target: Target = Target()
    priority: int = 2
    redundancy: int = 1
    facing_deg: float | None = None
    facing_tolerance_deg: float = 45.0
    max_depression_deg: float | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A prism: a footprint (Polygon or MultiPolygon, courtyards as holes) from `base_m` to `top_m`.

    `hollow`: a camera may hang inside it (a shed that is open within).
    """

    id: str
    footprint: BaseGeometry
    base_m: float
    top_m: float
    hollow: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class LitArea:
    """Ground that is lit by night."""

    id: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class MountingPlace:
    """A point where a camera could be added."""

    id: str
    name: str
    x: float
    y: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything coverage needs to know of a site, in local metres."""

    cameras: tuple[Camera, ...]
    key_places: tuple[KeyPlace, ...]
    obstacles: tuple[Obstacle, ...] = ()
    lit_areas: tuple[LitArea, ...] = ()
    mounting_places: tuple[MountingPlace, ...] = ()
    boundary: BaseGeometry | None = None
    density_model: DensityModel = DensityModel.IEC_FLAT
    weights: Mapping[int, float] = field(default_factory=lambda: {1: 4.0, 2: 2.0, 3: 1.0})
    tolerance_share: float = 0.001
    hole_length_m: float = 0.5
    hole_area_m2: float = 0.25


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera's health leaves of its sight, and the fault that took the rest.

    `density_divisor`: loss of resolution (blur). `width_px`: the stream's actual width where it differs from the
    ledger's. `hidden`: grid of picture blocks (rows x columns), True where the view is hidden.
    """

    state: SightState = SightState.SEES
    cause: str | None = None
    density_divisor: float = 1.0
    width_px: int | None = None
    hidden: NDArray[np.bool_] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SeenBy:
    """A camera that sees part of a key place at its level.

    `share` of the place it sees so; `density_px_per_m` at the worst point of what it sees.
    """

    camera: str
    share: float
    density_px_per_m: float


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """How much of one key place is covered, on one basis and in one period.

    `covered` None: it depends on cameras whose state is unknown. `share` counts only what is surely seen by the
    redundancy asked for; `unknown_share` is what cameras of unknown state would add. `blind` is the blind spot.
    """

    place: str
    share: float
    covered: bool | None
    unknown_share: float = 0.0
    seen_by: tuple[SeenBy, ...] = ()
    reasons: tuple[Reason, ...] = ()
    blind: BaseGeometry | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """The coverage of a site on one basis in one period.

    `ratio` = covered key places / key places; `weighted_ratio` the same by priority weight; `area_share` over the
    areas. All None when the site has no key place (`area_share`: no area), and on the effective basis before any
    reading.
    """

    basis: Basis
    period: Period
    places: tuple[PlaceAnswer, ...]
    ratio: float | None
    weighted_ratio: float | None
    area_share: float | None


@dataclass(frozen=True, slots=True)
class Thread:
    """What hangs on one thing: the key places covered now that would not be covered without it.

    `kind` is camera, device, switch, recorder or power.
    """

    kind: str
    id: str
    places: tuple[str, ...]
    share_lost: float


@dataclass(frozen=True, slots=True)
class ReachedBy:
    """A preset from which a PTZ camera would show part of a key place at its level.

    `share` of the place it would show; `density_px_per_m` at the worst point of that.
    """

    camera: str
    preset: str
    share: float
    density_px_per_m: float


@dataclass(frozen=True, slots=True)
class Reachable:
    """The presets that could show one key place, the one that would show most first."""

    place: str
    by: tuple[ReachedBy, ...] = ()


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A connected piece of what is blind, all of it for the one reason.

    `place`: the key place that it is a part of, None for watched ground. `length_m` of a line, `area_m2` of an area.
    """

    geometry: BaseGeometry
    reason: Reason
    area_m2: float
    length_m: float = 0.0
    place: str | None = None


@dataclass(frozen=True, slots=True)
class BlindGround:
    """The blind spots of the watched ground, and what was too small to be listed."""

    spots: tuple[BlindSpot, ...]
    ground_m2: float
    blind_m2: float
    dropped: int
    dropped_m2: float

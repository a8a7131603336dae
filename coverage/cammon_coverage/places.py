"""Key places and how much of each is covered: by k devices, within the tolerances of the site."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cammon_coverage.model import KeyPlace, Scene
from cammon_coverage.parts import AreaPart, LinePart, Part, nothing_of, whole


@dataclass(frozen=True, slots=True)
class Tolerance:
    """When a place still counts as covered: missing share, longest hole, largest hole."""

    share: float
    hole_length_m: float
    hole_area_m2: float

    @classmethod
    def of(cls, scene: Scene) -> "Tolerance":
        """The tolerance that a scene states."""
        return cls(scene.tolerance_share, scene.hole_length_m, scene.hole_area_m2)


@dataclass(frozen=True, slots=True)
class Ask:
    """A key place with all of it as a part."""

    place: KeyPlace
    all: Part = field(compare=False)
    nothing: Part = field(compare=False)

    @classmethod
    def of(cls, place: KeyPlace) -> "Ask":
        """The place made ready to be measured."""
        part = whole(place.geometry)
        return cls(place, part, nothing_of(part))

    def share(self, part: Part) -> float:
        """The share of the place, 0 to 1. An empty place has no share covered."""
        return min(1.0, part.size / self.all.size) if self.all.size > 0 else 0.0

    def covered_by(self, part: Part, tolerance: Tolerance) -> bool:
        """Whether a part counts as all of the place."""
        if self.all.is_empty or self.share(part) < 1 - tolerance.share:
            return False
        blind = self.all.without(part)
        largest = next(iter(blind.pieces()), None)
        if largest is None:
            return True
        if isinstance(largest, AreaPart):
            return largest.size <= tolerance.hole_area_m2
        return isinstance(largest, LinePart) and largest.size <= tolerance.hole_length_m

    def seen_by_devices(self, parts: Mapping[str, Part], device_of: Mapping[str, str]) -> Part:
        """What at least k (the redundancy asked) different devices see, from what each camera sees."""
        by_device: dict[str, list[Part]] = {}
        for camera, part in parts.items():
            if not part.is_empty:
                by_device.setdefault(device_of[camera], []).append(part)
        return self.seen_at_least(max(1, self.place.redundancy), by_device.values())

    def seen_at_least(self, k: int, groups: Iterable[list[Part]]) -> Part:
        """What at least k groups of parts cover."""
        if k == 1:
            return self.nothing.joined([part for group in groups for part in group])
        layers = [self.nothing] * k
        for group in groups:
            own = group[0].joined(group[1:]) if len(group) > 1 else group[0]
            for depth in range(k - 1, 0, -1):
                layers[depth] = layers[depth].joined([layers[depth - 1].common(own)])
            layers[0] = layers[0].joined([own])
        return layers[-1]

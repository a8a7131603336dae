"""PTZ cameras on the map: they rest at their home preset, and the other presets are what they could be sent to."""

from collections.abc import Mapping, Sequence

from cammon.sitefiles.model import Preset
from cammon_coverage import model as coverage
from cammon_coverage.presets import with_presets


def at_home(cameras: Sequence[coverage.Camera], presets: Mapping[str, Sequence[Preset]]) -> tuple[coverage.Camera, ...]:
    """The cameras with their presets; one without a home preset rests where the ledger says."""
    return tuple(_resting(camera, presets.get(camera.id, ())) for camera in cameras)


def _resting(camera: coverage.Camera, presets: Sequence[Preset]) -> coverage.Camera:
    home = next((_position(preset) for preset in presets if preset.home), None)
    return with_presets(camera, home, [_position(preset) for preset in presets if not preset.home])


def _position(preset: Preset) -> coverage.Preset:
    return coverage.Preset(preset.name, preset.azimuth_deg, preset.tilt_deg, preset.hfov_deg)

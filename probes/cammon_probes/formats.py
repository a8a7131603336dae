"""A stream held against what the ledger says of it."""

from .model import StreamFormat
from .sdp import codec_name

RATE_TOLERANCE = 0.1
"""How far a frame rate may be from the ledger's, as a share: 29.97 is 30, 20 is not 25."""


def differences(found: StreamFormat, expected: StreamFormat) -> dict[str, str]:
    """What differs, as "found, not expected"; what either side does not say does not differ."""
    differing: dict[str, str] = {}
    if found.codec and expected.codec and codec_name(found.codec) != codec_name(expected.codec):
        differing["codec"] = f"{found.codec}, not {codec_name(expected.codec)}"
    sizes = ((found.width_px, expected.width_px), (found.height_px, expected.height_px))
    if any(is_px and due_px and is_px != due_px for is_px, due_px in sizes):
        differing["size"] = f"{found.width_px}x{found.height_px}, not {expected.width_px}x{expected.height_px}"
    is_fps, due_fps = found.rate_fps, expected.rate_fps
    if is_fps and due_fps and abs(is_fps - due_fps) > RATE_TOLERANCE * due_fps:
        differing["rate"] = f"{is_fps:g}/s, not {due_fps:g}/s"
    return differing

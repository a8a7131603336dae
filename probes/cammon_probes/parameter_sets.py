"""Width and height of a picture from its sequence parameter set."""

from .bits import Bits, payload

_HIGH = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
"""Profiles whose parameter set names its chroma format (ITU-T H.264 section 7.3.2.1.1)."""

Size = tuple[int, int]


def h264_size(sps: bytes) -> Size | None:
    """(width, height) in pixels of an H.264 parameter set, cropped; None when it cannot be read."""
    try:
        return _h264_size(Bits(payload(sps[:512])))
    except EOFError:
        return None


def h265_size(sps: bytes) -> Size | None:
    """(width, height) in pixels of an H.265 parameter set, cropped; None when it cannot be read."""
    try:
        return _h265_size(Bits(payload(sps[:512])))
    except EOFError:
        return None


def _h264_size(bits: Bits) -> Size | None:
    if bits.take(8) & 0x1F != 7:
        return None
    profile = bits.take(8)
    bits.take(16)
    bits.unsigned()
    chroma = _h264_chroma(bits) if profile in _HIGH else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)
    width, height = 16 * (bits.unsigned() + 1), 16 * (bits.unsigned() + 1)
    frames_only = bits.take(1)
    height *= 2 - frames_only
    if not frames_only:
        bits.take(1)
    bits.take(1)  # direct_8x8_inference_flag
    unit_x, unit_y = _crop_units(chroma)
    return _cropped(bits, width, height, unit_x, unit_y * (2 - frames_only))


def _h264_chroma(bits: Bits) -> int:
    chroma = bits.unsigned()
    if chroma == 3 and bits.take(1):
        chroma = 0
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_picture_order(bits: Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()


def _h265_size(bits: Bits) -> Size | None:
    if (bits.take(16) >> 9) & 0x3F != 33:
        return None
    bits.take(4)
    sub_layers = bits.take(3)
    bits.take(1)
    _skip_profile_tier_level(bits, sub_layers)
    bits.unsigned()  # sps_seq_parameter_set_id
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    width, height = bits.unsigned(), bits.unsigned()
    return _cropped(bits, width, height, *_crop_units(chroma))


def _skip_profile_tier_level(bits: Bits, sub_layers: int) -> None:
    bits.take(96)
    present = [(bits.take(1), bits.take(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.take(2 * (8 - sub_layers))
    for has_profile, has_level in present:
        bits.take(88 * has_profile + 8 * has_level)


def _crop_units(chroma: int) -> tuple[int, int]:
    """Pixels per cropping unit by chroma format: 4:2:0 halves both ways, 4:2:2 across only."""
    return {1: (2, 2), 2: (2, 1)}.get(chroma, (1, 1))


def _cropped(bits: Bits, width: int, height: int, unit_x: int, unit_y: int) -> Size | None:
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return (width, height) if 0 < width <= 32768 and 0 < height <= 32768 else None

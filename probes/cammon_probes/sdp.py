"""What a DESCRIBE answer (SDP, RFC 8866) says of the video: codec, size, rate, and where to set it up."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from .model import StreamFormat
from .parameter_sets import Size, h264_size, h265_size

_STATIC = {"26": ("mjpeg", 90000), "32": ("mpeg2", 90000)}
"""Payload types that need no rtpmap (RFC 3551)."""
_NAMES = {
    "h264": "h264",
    "avc": "h264",
    "h265": "h265",
    "hevc": "h265",
    "jpeg": "mjpeg",
    "mjpeg": "mjpeg",
    "mjpg": "mjpeg",
    "mp4v-es": "mpeg4",
    "mpeg4": "mpeg4",
    "mpv": "mpeg2",
    "mpeg2": "mpeg2",
}


def codec_name(text: str) -> str:
    """The one name of a codec: "H.264", "h264" and "AVC" are `h264`, "HEVC" is `h265`, "JPEG" is `mjpeg`."""
    plain = text.strip().lower().replace(".", "").replace(" ", "")
    return _NAMES.get(plain, plain)


@dataclass(frozen=True, slots=True)
class Video:
    """The video of a description. `parameter_sets` are NAL units that the description itself carries."""

    payload_type: int
    codec: str
    control: str
    clock_hz: int = 90000
    size: Size | None = None
    rate_fps: float | None = None
    parameter_sets: tuple[bytes, ...] = ()

    @property
    def format(self) -> StreamFormat:
        """What the description says of the stream."""
        width, height = self.size or (None, None)
        return StreamFormat(self.codec, width, height, self.rate_fps)


@dataclass(slots=True)
class _Section:
    kind: str
    payload_types: list[str]
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def of_payload(self, name: str, payload_type: str) -> str:
        """The attribute's value after the payload type: `a=rtpmap:96 H264/90000` -> `H264/90000`."""
        pairs = (value.partition(" ") for value in self.values(name))
        return next((rest.strip() for number, _, rest in pairs if number == payload_type), "")


def video_of(text: str) -> Video | None:
    """The first video of a codec that has a name here, else the first; None when the description has none."""
    found = (_video(section) for section in _sections(text) if section.kind == "video" and section.payload_types)
    first = next(found, None)
    if first is None or first.codec in _NAMES.values():
        return first
    return next((video for video in found if video.codec in _NAMES.values()), first)


def _video(section: _Section) -> Video:
    number = section.payload_types[0]
    mapped, _, clock = section.of_payload("rtpmap", number).partition("/")
    static, static_clock = _STATIC.get(number, ("", 90000))
    codec = codec_name(mapped) if mapped else static
    sets = _parameter_sets(section.of_payload("fmtp", number))
    return Video(
        payload_type=int(number) if number.isdecimal() else -1,
        codec=codec,
        control=next(iter(section.values("control")), ""),
        clock_hz=int(_number(clock.partition("/")[0]) or static_clock),
        size=_size(section, number, codec, sets),
        rate_fps=_rate(section),
        parameter_sets=sets,
    )


def session_control(text: str) -> str:
    """The control attribute of the whole session, "" or "*" where there is none of its own."""
    for line in text.splitlines():
        if line.startswith("m="):
            break
        if line.startswith("a=control:"):
            return line.removeprefix("a=control:").strip()
    return ""


def _sections(text: str) -> list[_Section]:
    found: list[_Section] = []
    for line in text.splitlines():
        kind, value = line[:2], line[2:].strip()
        if kind == "m=":
            parts = value.split()
            found.append(_Section(parts[0].lower() if parts else "", parts[3:]))
        elif kind == "a=" and found:
            name, _, rest = value.partition(":")
            found[-1].attributes.append((name.strip().lower(), rest.strip()))
    return found


def _parameter_sets(fmtp: str) -> tuple[bytes, ...]:
    """NAL units of sprop-parameter-sets (RFC 6184) or sprop-vps, -sps and -pps (RFC 7798)."""
    params = dict(part.strip().partition("=")[::2] for part in fmtp.split(";"))
    names = ("sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps")
    found: list[bytes] = []
    for text in ",".join(params.get(name, "") for name in names).split(","):
        try:
            found.append(base64.b64decode(text + "=" * (-len(text) % 4)))
        except binascii.Error:
            continue
    return tuple(nal for nal in found if nal)


def _size(section: _Section, number: str, codec: str, sets: tuple[bytes, ...]) -> Size | None:
    readers = {"h264": h264_size, "h265": h265_size}
    if codec in readers:
        size = next((size for nal in sets if (size := readers[codec](nal))), None)
        if size:
            return size
    texts = (
        section.of_payload("framesize", number),
        *section.values("x-dimensions"),
        *(re.sub(r"^0,0,(\d+),(\d+)$", r"\2,\1", text) for text in section.values("cliprect")),
    )
    for text in texts:
        if match := re.fullmatch(r"(\d{1,5})[-,x](\d{1,5})", text):
            return int(match[1]), int(match[2])
    return None


def _rate(section: _Section) -> float | None:
    rates = (_number(value) for value in section.values("framerate"))
    return next((rate for rate in rates if rate and 0 < rate <= 1000), None)


def _number(text: str) -> float | None:
    match = re.match(r"\d{1,9}(\.\d{1,6})?", text)
    return float(match[0]) if match else None

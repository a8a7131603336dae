"""What DESCRIBE answers (RFC 4566, RFC 6184 section 8.2.1)."""

import base64

from cammon.virtual.h264 import ParameterSets
from cammon.virtual.model import StreamSpec
from cammon.virtual.rtp import PAYLOAD_TYPE

TRACK = "trackID=1"


def describe(host: str, session_id: int, stream: StreamSpec, sets: ParameterSets) -> str:
    """The session description of one stream."""
    sprop = ",".join(base64.b64encode(nal).decode() for nal in (sets.sps, sets.pps))
    fmtp = f"packetization-mode=1;profile-level-id={sets.profile_level_id};sprop-parameter-sets={sprop}"
    lines = [
        "v=0",
        f"o=- {session_id} 1 IN IP4 {host}",
        "s=Media Presentation",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/90000",
        f"a=fmtp:{PAYLOAD_TYPE} {fmtp}",
        f"a=framerate:{stream.rate_fps:g}",
        f"a=x-dimensions:{stream.width_px},{stream.height_px}",
        f"a=control:{TRACK}",
    ]
    return "\r\n".join(lines) + "\r\n"

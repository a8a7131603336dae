"""Liveness: does the camera answer, may we log in, and is its stream what the ledger says?"""

from datetime import datetime
from typing import Literal

from .failure import CameraFailed
from .formats import differences
from .look import Look
from .model import Deadline, Endpoint, Fault, ProbeKind, Reading
from .rtsp import RtspClient

StreamChoice = Literal["main", "sub"]


def has_stream(endpoint: Endpoint) -> bool:
    """Whether the camera is said to have a stream at all."""
    return endpoint.rtsp_port > 0 and bool(endpoint.rtsp_path)


def path_of(endpoint: Endpoint, stream: str) -> str:
    """The path of the main or the sub stream; the main one where there is no second."""
    return endpoint.sub_path if stream == "sub" and endpoint.sub_path else endpoint.rtsp_path


def liveness(endpoint: Endpoint, at: datetime, deadline: Deadline, *, stream: StreamChoice = "main") -> Reading:
    """TCP connect and RTSP DESCRIBE, with at most one refused login. Never raises for what a camera does."""
    look = Look(endpoint, ProbeKind.LIVENESS, at, deadline)
    client = RtspClient(look)
    try:
        video = client.describe(path_of(endpoint, stream))
        found = video.format
        differing = differences(found, endpoint.expected) if path_of(endpoint, stream) == endpoint.rtsp_path else {}
        if differing:
            look.fails("format", CameraFailed(Fault.WRONG_FORMAT, **differing))
            return look.reading(fault=Fault.WRONG_FORMAT, stream=found)
        return look.reading(stream=found)
    except CameraFailed as failed:
        return look.failed(failed)
    finally:
        client.close()

"""Viewers that cammon did not write: libav over RTSP, requests for snapshots."""

from collections.abc import Iterator
from contextlib import closing

import av
import numpy as np
import requests
from requests.auth import HTTPDigestAuth

from cammon_probes.model import Endpoint, Frame

OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "0", "probesize": "32", "fpsprobesize": "0"}
PATIENCE_S = 5.0


def url_of(endpoint: Endpoint, path: str | None = None, password: str | None = None) -> str:
    login = ""
    if endpoint.credential is not None:
        login = f"{endpoint.credential.username}:{password or endpoint.credential.password}@"
    return f"rtsp://{login}{endpoint.host}:{endpoint.rtsp_port}{path or endpoint.sub_path or endpoint.rtsp_path}"


def frames(endpoint: Endpoint, path: str | None = None, patience_s: float = PATIENCE_S) -> Iterator[av.VideoFrame]:
    """Decoded frames from a fresh session, the first of them from its key picture."""
    with closing(av.open(url_of(endpoint, path), options=OPTIONS, timeout=(patience_s, patience_s))) as container:
        yield from container.decode(video=0)


def picture(endpoint: Endpoint, path: str | None = None) -> Frame:
    """The first picture of a fresh session, blue-green-red."""
    for frame in frames(endpoint, path):
        return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise AssertionError("no picture")


def snapshot(endpoint: Endpoint, password: str | None = None, timeout_s: float = 5.0) -> requests.Response:
    """The snapshot with a Digest login."""
    assert endpoint.credential is not None
    login = HTTPDigestAuth(endpoint.credential.username, password or endpoint.credential.password)
    return requests.get(snapshot_url(endpoint), auth=login, timeout=timeout_s)


def snapshot_url(endpoint: Endpoint) -> str:
    return f"http://{endpoint.host}:{endpoint.onvif_port}{endpoint.snapshot_path}"

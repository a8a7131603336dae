"""Liveness: does the camera answer, may we log in, and is its stream what the ledger says?"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from .failure import CameraFailed
from .formats import differences
from .look import Look
from .model import Deadline, Endpoint, Fault, ProbeKind, Reading
from .rtsp import RtspClient, answer_to_options

StreamChoice = Literal["main", "sub"]
UNANSWERED = frozenset({Fault.TIMEOUT, Fault.BAD_RESPONSE, Fault.DEVICE_ERROR})
"""What DESCRIBE may end with when the whole server is ill, or the one stream alone."""
EXPLAIN_S, EXPLAIN_SHARE = 1.0, 0.1
"""Of a look's time: for OPTIONS after a DESCRIBE that was not answered."""


def has_stream(endpoint: Endpoint) -> bool:
    """Whether the camera is said to have a stream at all."""
    return endpoint.rtsp_port > 0 and bool(endpoint.rtsp_path)


def path_of(endpoint: Endpoint, stream: str) -> str:
    """The path of the main or the sub stream; the main one where there is no second."""
    return endpoint.sub_path if stream == "sub" and endpoint.sub_path else endpoint.rtsp_path


def liveness(
    endpoint: Endpoint, at: datetime, deadline: Deadline, *, stream: StreamChoice = "main", options: bool = False
) -> Reading:
    """TCP connect and RTSP DESCRIBE, with at most one refused login. Never raises for what a camera does.

    OPTIONS, which a server answers that has lost its stream, is asked where it explains a failure: its answer then
    stands in the evidence. With `options` it is asked first of all, as a step of its own.
    """
    look = Look(endpoint, ProbeKind.LIVENESS, at, deadline if options else _for_describe(deadline))
    client, path = RtspClient(look), path_of(endpoint, stream)
    try:
        if options:
            client.options(path)
        found = client.describe(path).format
        of_main = path == endpoint.rtsp_path
        differing = differences(found, endpoint.expected) if of_main else {}
        if differing:
            look.fails("format", CameraFailed(Fault.WRONG_FORMAT, **differing))
        fault = Fault.WRONG_FORMAT if differing else None
        return look.reading(fault=fault, stream=found, of_main=of_main)
    except CameraFailed as failed:
        client.close()
        if not options and _unanswered(failed):
            failed.evidence["options"] = answer_to_options(endpoint, path, deadline)
        return look.failed(failed)
    finally:
        client.close()


def _unanswered(failed: CameraFailed) -> bool:
    """Whether it was connected to and gave no answer that tells what is wrong."""
    if failed.fault is Fault.BAD_RESPONSE and "status" in failed.evidence:
        return False
    return failed.fault in UNANSWERED and failed.evidence.get("at") not in ("connect", "tls")


def _for_describe(deadline: Deadline) -> Deadline:
    """What a look that may have to explain a failure leaves for that."""
    return replace(deadline, at_s=deadline.at_s - min(EXPLAIN_S, EXPLAIN_SHARE * deadline.left_s()))

"""The one border where status codes of RTSP and HTTP become faults."""

import re

from .answers import Answer
from .failure import CameraFailed
from .model import Fault
from .redact import without_login

_LOCKED = re.compile(r"\block(ed)?\b|\blockout\b|too many|锁定")
_FAULTS = {
    401: Fault.AUTH_FAILED,
    403: Fault.FORBIDDEN,
    404: Fault.NOT_FOUND,
    407: Fault.AUTH_FAILED,
    410: Fault.NOT_FOUND,
    423: Fault.AUTH_LOCKED,
    429: Fault.SESSION_LIMIT,
    453: Fault.SESSION_LIMIT,
}


def speaks_of_lock(text: str) -> bool:
    """Whether a refusal says that the account is locked."""
    return _LOCKED.search(text.lower()) is not None


def fault_of(answer: Answer) -> Fault | None:
    """What a status means; None for success. A refusal that speaks of a lock is a lock."""
    if 200 <= answer.status < 300:
        return None
    if answer.status in (401, 403) and speaks_of_lock(answer.says()):
        return Fault.AUTH_LOCKED
    if answer.status in _FAULTS:
        return _FAULTS[answer.status]
    if 300 <= answer.status < 400:
        return Fault.REDIRECTED
    return Fault.DEVICE_ERROR if answer.status >= 500 else Fault.BAD_RESPONSE


def demand_success(answer: Answer, **evidence: str | int | float) -> None:
    """Raises `CameraFailed` unless the answer is a success."""
    fault = fault_of(answer)
    if fault is None:
        return
    location = answer.header("location")
    if fault is Fault.REDIRECTED and location:
        evidence["location"] = without_login(location)
    raise CameraFailed(fault, status=answer.status, reason=answer.reason, **evidence)

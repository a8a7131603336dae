"""A camera's fault on its way from the line that sees it to the reading that tells it. Never leaves this room."""

from .model import Fault

Evidence = dict[str, str | int | float]
_WORDS = (
    "status",
    "reason",
    "soap",
    "location",
    "error",
    "fingerprint",
    "codec",
    "size",
    "rate",
    "received",
    "offered",
)
_NUMBERS = ("announced_bytes", "limit_bytes", "received_bytes", "missing_bytes", "packets", "undecodable_pictures")
"""What a step that failed says of why: a person under the camera sees no more than the steps."""


class CameraFailed(Exception):
    """The look ends here, because of `fault`; `evidence` is what was seen."""

    def __init__(self, fault: Fault, **evidence: str | int | float) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.evidence: Evidence = evidence

    def told(self) -> str:
        """The fault and what was seen, in one line: "too_large: announced_bytes 10000000000, limit_bytes 262144"."""
        seen = [str(self.evidence[key]) for key in _WORDS if self.evidence.get(key, "") != ""]
        seen += [f"{key} {self.evidence[key]}" for key in _NUMBERS if key in self.evidence]
        return f"{self.fault.value}: {', '.join(seen)}" if seen else self.fault.value

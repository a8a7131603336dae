"""A camera's fault on its way from the line that sees it to the reading that tells it. Never leaves this room."""

from .model import Fault

Evidence = dict[str, str | int | float]


class CameraFailed(Exception):
    """The look ends here, because of `fault`; `evidence` is what was seen."""

    def __init__(self, fault: Fault, **evidence: str | int | float) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.evidence: Evidence = evidence

"""Faults of the fake mine's cameras, and what the newest looks at them found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cammon_probes.model import Fault, PoseChange, Step
from cammon_web.desk import FindingRow, HealthState, ProbeRow


@dataclass(frozen=True)
class Broken:
    """A confirmed fault of a camera, and how long it has lasted."""

    fault: str
    minutes: float
    health: HealthState = HealthState.FAULTY


def looks(at: datetime, broken: Broken | None) -> tuple[ProbeRow, ...]:
    dead = broken is not None and broken.fault == Fault.UNREACHABLE
    steps = (
        Step("connect", not dead, 3.1 if not dead else 5000.0, "no route to host" if dead else ""),
        *(() if dead else (Step("describe", True, 12.4, "200 OK"), Step("keyframe", True, 99.2, "1920 x 1080 H.264"))),
    )
    fault = broken.fault if broken else None
    evidence = {"rtsp_status": 200, "frames_span_ms": 55}
    return (
        ProbeRow("liveness", at - timedelta(seconds=7), not dead, fault if dead else None, 15.5, steps[:2]),
        ProbeRow("picture", at - timedelta(seconds=70), broken is None, fault, 114.7, steps, evidence),
    )


def findings(broken: Broken | None) -> tuple[FindingRow, ...]:
    bad = broken.fault if broken else ""
    return (
        FindingRow(
            "black", 0.98 if bad == "black" else 0.02, 4.2 if bad == "black" else 96.3, "gray level", bad == "black"
        ),
        FindingRow("blur", 0.91 if bad == "blur" else 0.11, 3.4 if bad == "blur" else 1.04, "×", bad == "blur"),
        FindingRow("covered", 0.04, 0.032, "similarity", False),
        FindingRow("frozen", 0.0, float("inf"), "gray levels", False),
        FindingRow("moved", 1.0, 0.54, "gain of likeness", bool(bad), moved=PoseChange(-11.8, 4.2, 1.04, 1.31)),
        FindingRow("partial", 0.9, 0.25, "share of picture", bool(bad), hidden=("##..", "....")),
        FindingRow("stripes", 0.3, 0.41, "ln power", False),
    )

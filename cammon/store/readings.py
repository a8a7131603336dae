"""Raw readings: written once, kept for days, read by the page of one camera."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from cammon.store.schema import reading
from cammon.trend import Measures
from cammon.turned import Turn
from cammon_probes.model import Finding, ProbeKind, Reading, Step, StreamFormat
from cammon_probes.picture.reference import Reference
from cammon_web.desk import FindingRow, ProbeRow

_STEPS = TypeAdapter(tuple[Step, ...])
_STREAM = TypeAdapter(StreamFormat)
_FINDINGS = TypeAdapter(tuple[FindingRow, ...])


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one look brought: the reading, and the time at which it was due; together they name it once and for all.

    `jpeg` is the picture as a browser takes it, `measures` what the trend keeps of it. `reference` is what the camera's
    good pictures look like now when this one has become one of them, learnt on the view that a person accepted at
    `base`. `turned`: that view was turned against the ledger.
    """

    due_at: datetime
    reading: Reading
    jpeg: bytes | None = None
    measures: Measures | None = None
    reference: Reference | None = None
    base: datetime | None = None
    turned: Turn | None = None


def add(connection: Connection, site: str, version: str, deliveries: Sequence[Delivery]) -> None:
    """Store readings; one that is there already is left as it is."""
    rows = [
        {
            "site": site,
            "camera": found.camera,
            "kind": found.kind.value,
            "due_at": delivery.due_at,
            "at": found.at,
            "fault": None if found.fault is None else found.fault.value,
            "ok": found.ok,
            "took_ms": found.took_ms,
            "detail": _detail(found),
            "version": version,
        }
        for delivery in deliveries
        for found in (delivery.reading,)
    ]
    if rows:
        connection.execute(insert(reading).on_conflict_do_nothing(), rows)


def _detail(found: Reading) -> dict[str, Any]:
    return {
        "steps": _STEPS.dump_python(found.steps, mode="json"),
        "evidence": dict(found.evidence),
        "stream": None if found.stream is None else _STREAM.dump_python(found.stream, mode="json"),
        "findings": [_finding(finding) for finding in found.findings],
        "notes": list(found.notes),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "fault": finding.fault.value,
        "score": round(float(finding.score), 4),
        "measured": round(float(finding.measured), 4),
        "unit": finding.unit,
        "bad": bool(finding.bad),
        **_extent(finding),
    }


def _extent(finding: Finding) -> dict[str, Any]:
    """How much is lost, hidden or turned, where a finding tells."""
    extent: dict[str, Any] = {}
    if finding.resolution_loss is not None and finding.bad:
        extent["resolution_loss"] = round(float(finding.resolution_loss), 3)
    if finding.hidden is not None and finding.hidden.any():
        extent["hidden"] = ["".join("#" if cell else "." for cell in row) for row in finding.hidden]
    if finding.moved is not None and finding.bad:
        extent["moved"] = {name: round(float(value), 3) for name, value in asdict(finding.moved).items()}
    return extent


@dataclass(frozen=True, slots=True)
class NewestLook:
    """The newest reading of one kind, as a page shows it."""

    row: ProbeRow
    findings: tuple[FindingRow, ...]
    stream: StreamFormat | None
    notes: tuple[str, ...] = ()


def newest(connection: Connection, site: str, camera: str) -> tuple[NewestLook, ...]:
    """The newest reading of each kind."""
    looks = []
    for kind in ProbeKind:
        query = (
            select(reading)
            .where(reading.c.site == site, reading.c.camera == camera, reading.c.kind == kind.value)
            .order_by(reading.c.at.desc())
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        if row is not None:
            looks.append(_look(row))
    return tuple(looks)


def _look(row: Any) -> NewestLook:
    detail = row.detail
    return NewestLook(
        row=ProbeRow(
            kind=row.kind,
            at=row.at,
            ok=row.ok,
            fault=row.fault,
            took_ms=row.took_ms,
            steps=_STEPS.validate_python(detail["steps"]),
            evidence=detail["evidence"],
        ),
        findings=_FINDINGS.validate_python(detail["findings"]),
        stream=None if detail["stream"] is None else _STREAM.validate_python(detail["stream"]),
        notes=tuple(detail.get("notes", ())),
    )


def forget_before(connection: Connection, instant: datetime) -> int:
    """Drop raw readings older than `instant`; how many went."""
    return connection.execute(delete(reading).where(reading.c.at < instant)).rowcount

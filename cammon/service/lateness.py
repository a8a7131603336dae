"""How late looks begin: counted for the metrics, and seen while they still wait."""

from collections.abc import Iterable, Mapping

from cammon.metrics import LateCount
from cammon_probes.model import ProbeKind

from .schedule import Due


class Lateness:
    """Looks that were handed out and not begun yet, and how late the others began. Whoever tells it holds a lock."""

    def __init__(self) -> None:
        self._handed: dict[tuple[str, ProbeKind], float] = {}
        self.counts: Mapping[ProbeKind, LateCount] = {}

    def handed(self, looks: Iterable[Due]) -> None:
        """These looks wait for a thread."""
        self._handed.update({(look.camera, look.kind): look.begun_s if look.excused else look.due_s for look in looks})

    def begun(self, look: Due, now_s: float) -> None:
        """This one has its thread."""
        self._handed.pop((look.camera, look.kind), None)
        late_s = max(0.0, now_s - look.due_s)
        self.counts = {**self.counts, look.kind: self.counts.get(look.kind, LateCount()).plus(late_s)}

    def waiting_s(self, now_s: float) -> float:
        """How long the most overdue look that has no thread yet has been due."""
        return max(0.0, now_s - min(self._handed.values())) if self._handed else 0.0

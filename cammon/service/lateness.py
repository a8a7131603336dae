"""How late looks begin: counted for the metrics, and seen while they still wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cammon_probes.model import ProbeKind

from .schedule import Due

BOUNDS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the steps in which lateness is counted; beyond the last one there is one more."""


@dataclass(frozen=True, slots=True)
class LateCount:
    """Looks of one kind by lateness: how many in each step of `BOUNDS_S` (and beyond), and their lateness together."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    sum_s: float = 0.0

    def plus(self, late_s: float) -> "LateCount":
        """One look more."""
        step = sum(late_s > bound_s for bound_s in BOUNDS_S)
        counts = tuple(count + (place == step) for place, count in enumerate(self.counts))
        return LateCount(counts, self.sum_s + late_s)


class Lateness:
    """Looks that were handed out and not begun yet, and how late the others began. Whoever tells it holds a lock."""

    def __init__(self) -> None:
        self._handed: dict[tuple[str, ProbeKind], float] = {}
        self.counts: Mapping[ProbeKind, LateCount] = {}

    def handed(self, looks: Iterable[Due]) -> None:
        """These looks wait for a thread."""
        self._handed.update({(look.camera, look.kind): look.due_s for look in looks})

    def begun(self, look: Due, now_s: float) -> None:
        """This one has its thread."""
        self._handed.pop((look.camera, look.kind), None)
        late_s = max(0.0, now_s - look.due_s)
        self.counts = {**self.counts, look.kind: self.counts.get(look.kind, LateCount()).plus(late_s)}

    def waiting_s(self, now_s: float) -> float:
        """How long the most overdue look that has no thread yet has been due."""
        return max(0.0, now_s - min(self._handed.values())) if self._handed else 0.0

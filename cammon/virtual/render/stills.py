"""The painted still pictures that are kept: few, small, and dropped when nobody has looked for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cammon.virtual.render.eye import Eye
from cammon_probes.model import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A painted picture without people, and what is needed to set people into it.

    `inverse_depth` (height x width, float16, 1/m; 0: sky) knows depths to 0.05 %. `exposure`: grey levels of a white
    surface in full light. `ground` (height x width): whether a pixel shows the ground.
    """

    eye: Eye
    colour: Frame
    inverse_depth: NDArray[np.float16]
    exposure: float
    ground: NDArray[np.bool_]

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        return int(self.colour.nbytes + self.inverse_depth.nbytes + self.ground.nbytes)


class Stills:
    """Kept stills: at most `limit_bytes` of them, none unused for longer than `keep_s`. Safe for many threads."""

    def __init__(self, limit_bytes: int, keep_s: float) -> None:
        self._limit_bytes = limit_bytes
        self._keep_s = keep_s
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}
        self._kept: OrderedDict[Hashable, tuple[float, Still]] = OrderedDict()

    def get(self, key: Hashable, elapsed_s: float, make: Callable[[], Still]) -> Still:
        """The still of that key, made when it is not kept; two threads never make the same one at once."""
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            still = self._touch(key, elapsed_s)
            if still is None:
                still = make()
                self._keep(key, elapsed_s, still)
        return still

    def forget(self, elapsed_s: float) -> int:
        """Drop what was not used for `keep_s`; returns how many bytes are still held."""
        with self._lock:
            self._drop_old(elapsed_s)
            return self._held()

    def _touch(self, key: Hashable, elapsed_s: float) -> Still | None:
        with self._lock:
            self._drop_old(elapsed_s)
            if key not in self._kept:
                return None
            _, still = self._kept.pop(key)
            self._kept[key] = (elapsed_s, still)
            return still

    def _keep(self, key: Hashable, elapsed_s: float, still: Still) -> None:
        with self._lock:
            self._kept[key] = (elapsed_s, still)
            while len(self._kept) > 1 and self._held() > self._limit_bytes:
                self._kept.popitem(last=False)
            self._making = {key: lock for key, lock in self._making.items() if key in self._kept or lock.locked()}

    def _drop_old(self, elapsed_s: float) -> None:
        old = [key for key, (used_s, _) in self._kept.items() if elapsed_s - used_s > self._keep_s]
        for key in old:
            del self._kept[key]

    def _held(self) -> int:
        return sum(still.nbytes for _, still in self._kept.values())

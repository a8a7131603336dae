"""How much a place of the picture looks hidden: a small learned function of what `cellfeatures` measures."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .cellfeatures import FEATURES
from .hiddenness_numbers import CLOSE_NUMBERS, NUMBERS

Floats = NDArray[np.float32]
MEMBERS = 3
_MOST_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True)
class Hiddenness:
    """The mean of three small functions, which err in different places.

    Each has one hidden layer: features to mean 0 and spread 1, tanh of `first` (members x FEATURES + 1 x units), the
    logistic function of `second` (members x units + 1). `benchmarks/train_partial.py` makes them, from occluders that
    it draws over healthy pictures.
    """

    mean: Floats = field(repr=False)
    spread: Floats = field(repr=False)
    first: Floats = field(repr=False)
    second: Floats = field(repr=False)

    def __call__(self, features: Floats) -> Floats:
        """0 (surely seen) to 1 (surely hidden) for features of shape ... x FEATURES."""
        plain = np.clip((features - self.mean) * (1 / self.spread), -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        units = np.concatenate(list(self.first), axis=1)
        inner = np.tanh(plain @ units[:-1] + units[-1]).reshape(*plain.shape[:-1], *self.first.shape[::2])
        outer = np.einsum("...mu,mu->...m", inner, self.second[:, :-1]) + self.second[:, -1]
        return np.asarray((1 / (1 + np.exp(-outer))).mean(axis=-1), dtype=np.float32)

    @classmethod
    def from_text(cls, text: str) -> "Hiddenness":
        """From the numbers as `as_text` writes them."""
        numbers = np.array(text.split(), dtype=np.float32)
        units = ((len(numbers) - 2 * FEATURES) // MEMBERS - 1) // (FEATURES + 2)
        ends = np.cumsum([FEATURES, FEATURES, MEMBERS * (FEATURES + 1) * units])
        mean, spread, first, second = np.split(numbers, ends)
        return cls(mean, spread, first.reshape(MEMBERS, FEATURES + 1, units), second.reshape(MEMBERS, units + 1))

    def as_text(self) -> str:
        """All numbers, four digits each, in lines of ten."""
        numbers = np.concatenate([self.mean, self.spread, self.first.ravel(), self.second.ravel()])
        words = [f"{number:.4g}" for number in numbers]
        return "\n".join(" ".join(words[start : start + 10]) for start in range(0, len(words), 10))


CELLS = Hiddenness.from_text(NUMBERS)
QUARTERS = Hiddenness.from_text(CLOSE_NUMBERS)
"""For quarters of cells: what is looked at closely."""

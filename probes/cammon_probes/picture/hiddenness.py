"""How much a cell of the picture looks hidden: a small learned function of what `cells` measures."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .cells import FEATURES
from .hiddenness_numbers import NUMBERS

Floats = NDArray[np.float32]
_MOST_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True)
class Hiddenness:
    """One hidden layer: features to mean 0 and spread 1, tanh of `first`, the logistic function of `second`.

    `benchmarks/train_partial.py` makes it, from occluders that it draws over good frames.
    """

    mean: Floats = field(repr=False)
    spread: Floats = field(repr=False)
    first: Floats = field(repr=False)
    second: Floats = field(repr=False)

    def __call__(self, features: Floats) -> Floats:
        """0 (surely seen) to 1 (surely hidden) for features of shape ... x FEATURES."""
        plain = np.clip((features - self.mean) / self.spread, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        inner = np.tanh(plain @ self.first[:-1] + self.first[-1])
        return np.asarray(1 / (1 + np.exp(-(inner @ self.second[:-1] + self.second[-1]))), dtype=np.float32)

    @classmethod
    def from_text(cls, text: str) -> "Hiddenness":
        """From the numbers as `as_text` writes them."""
        numbers = np.array(text.split(), dtype=np.float32)
        units = (len(numbers) - 2 * FEATURES - 1) // (FEATURES + 2)
        mean, spread, first, second = np.split(numbers, np.cumsum([FEATURES, FEATURES, (FEATURES + 1) * units]))
        return cls(mean, spread, first.reshape(FEATURES + 1, units), second)

    def as_text(self) -> str:
        """All numbers, four digits each, in lines of ten."""
        numbers = np.concatenate([self.mean, self.spread, self.first.ravel(), self.second])
        words = [f"{number:.4g}" for number in numbers]
        return "\n".join(" ".join(words[start : start + 10]) for start in range(0, len(words), 10))


MODEL = Hiddenness.from_text(NUMBERS)

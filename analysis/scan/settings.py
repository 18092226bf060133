"""What the caller asks of a scan, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Model = Literal["poisson", "permutation"]


@dataclass(frozen=True)
class Settings:
    """Limits of the windows and of the simulations; max_duration None: places only, no time."""

    max_share: float
    max_radius: float | None
    n_sim: int
    seed: int
    model: Model = "poisson"
    max_duration: int | None = None
    prospective: bool = False
    variation: float = 0.0

    def check(self) -> Settings:
        """Return these settings, or raise ValueError for what makes no sense."""
        if self.model not in ("poisson", "permutation"):
            raise ValueError(f"model must be 'poisson' or 'permutation', got {self.model!r}")
        if not 0 < self.max_share <= 1:
            raise ValueError(f"max_share must be above 0 and at most 1, got {self.max_share}")
        if self.max_radius is not None and not 0 <= self.max_radius < np.inf:
            raise ValueError(f"max_radius must be a finite distance of at least 0, got {self.max_radius}")
        if self.max_duration is not None:
            _check_whole("max_duration", self.max_duration, 1)
        if not 0 <= self.variation < np.inf:
            raise ValueError(f"variation must be finite and at least 0, got {self.variation}")
        _check_whole("n_sim", self.n_sim, 1)
        _check_whole("seed", self.seed, 0)
        return self


def _check_whole(name: str, value: int, least: int) -> None:
    if value != int(value) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}")

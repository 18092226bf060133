"""Many numbered points at once, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Whole = np.ndarray[Any, np.dtype[np.int64]]
Numbers = np.ndarray[Any, np.dtype[Any]]
Moments = np.ndarray[Any, np.dtype[np.datetime64]]
Shared = str | bool | None


@dataclass(frozen=True)
class Punten:
    """Points, (n,) each. ids: none below zero. x, y: in the system that goes with them; NaN of one without a place.

    namen, groepen, groep: the properties that whole groups share, their values per group, and the group of each point.
    eigen: days (``datetime64[D]``) and moments in UTC (``datetime64[us]``) of each point, none of them missing.
    """

    ids: Whole
    x: Numbers
    y: Numbers
    namen: Sequence[str]
    groepen: Sequence[Sequence[Shared]]
    groep: Whole
    eigen: Mapping[str, Moments]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: Whole | slice) -> Punten:
        """Only the points at these places, in their order."""
        eigen = {naam: values[places] for naam, values in self.eigen.items()}
        x, y, groep = self.x[places], self.y[places], self.groep[places]
        return Punten(self.ids[places], x, y, self.namen, self.groepen, groep, eigen)

    def moved(self, x: Numbers, y: Numbers) -> Punten:
        """The same points with their places in another system."""
        return Punten(self.ids, x, y, self.namen, self.groepen, self.groep, self.eigen)

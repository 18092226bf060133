"""Which circles the scan looks at: zones grown by the nearest neighbours of each location."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Bools, Floats, Ints

Int32s = NDArray[np.int32]
_ROWS_AT_ONCE = 1_000
# Coordinates carry rounding errors in proportion to their size: what differs by less is the same distance.
_SAME_DISTANCE = 1e-12
_SAME_SHARE = 1e-12


@dataclass(frozen=True)
class Zones:
    """All zones of all centres: the neighbours of centre i, nearest first, are members[offsets[i]:offsets[i + 1]].

    A zone is the start of that row up to and including a position where `closes` is true: locations at the same
    distance enter together.
    """

    members: Int32s
    closes: Bools
    offsets: Ints

    def of(self, centre: int, index: int) -> Int32s:
        """Return the locations of the zone of this centre that ends at this index of members."""
        return self.members[self.offsets[centre] : index + 1]


def grow_zones(points: Floats, weights: Floats, max_share: float, max_radius: float | None) -> Zones:
    """Return every zone of at most max_share of the weights (n,) and max_radius, both inclusive.

    points: (n, 2) in any Cartesian unit, max_radius in the same unit.
    """
    n = len(points)
    same = _SAME_DISTANCE * float(np.abs(points).max(initial=0.0))
    limit = max_share * weights.sum() * (1 + _SAME_SHARE)
    reach = np.inf if max_radius is None else max_radius + same
    members, closes, sizes = [], [], [np.zeros(1, dtype=np.int64)]
    for start in range(0, n, _ROWS_AT_ONCE):
        away = points[start : start + _ROWS_AT_ONCE, None] - points
        distance = np.hypot(away[..., 0], away[..., 1])
        order = np.argsort(distance, axis=1, kind="stable")
        distance = np.take_along_axis(distance, order, axis=1)
        ends = np.ones(order.shape, dtype=np.bool_)
        ends[:, :-1] = np.diff(distance, axis=1) > same
        ends &= (np.cumsum(weights[order], axis=1) <= limit) & (distance <= reach)
        size = np.where(ends.any(axis=1), n - ends[:, ::-1].argmax(axis=1), 0)
        inside = np.arange(n) < size[:, None]
        members.append(order[inside].astype(np.int32))
        closes.append(ends[inside])
        sizes.append(size)
    empty = np.empty(0)
    return Zones(
        np.concatenate([empty.astype(np.int32), *members]),
        np.concatenate([empty.astype(np.bool_), *closes]),
        np.cumsum(np.concatenate(sizes)),
    )

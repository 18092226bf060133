"""Compiled counting of pairs that are near in place and time, for `repeat`.

Pairs are found anew each time instead of kept, so that memory does not grow with the number of pairs. The
counting lets go of the interpreter lock, so that plain threads can share it: quicker to compile than a
parallel loop, and no thread spins while it waits. Counts are integers: the number of threads does not matter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from analysis.arrays import Floats, Ints

# One block of points counts in 32 bits: 256 points times eight million neighbours fit.
_BLOCK = 256


class Places(NamedTuple):
    """Where the reports are: points (n, 2) sorted by square (see Squares), `of` (n,) the square of each.

    spans (m, 2, 2): for each square the points of its own column and of the next that can be near, the first
    and one past the last. reach: squared upper edges of the distance bands.
    """

    points: Floats
    of: Ints
    spans: Ints
    reach: Floats


@njit(cache=True)
def _band(places: Any, i: int, j: int) -> int:
    """Return the first distance band that two points are within, -1 for none."""
    points, reach = places.points, places.reach
    apart = (points[i, 0] - points[j, 0]) ** 2 + (points[i, 1] - points[j, 1]) ** 2
    for band in range(len(reach)):
        if apart <= reach[band]:
            return band
    return -1


@njit(cache=True)
def _count_within(counts: Any, times: Any, i: int, j: int, limits: Any) -> None:
    """Add to counts (limits, worlds) where the times of points i and j are within each limit."""
    for k in range(len(limits)):
        limit = limits[k]
        for world in range(times.shape[1]):
            counts[k, world] += np.int32(abs(times[i, world] - times[j, world]) <= limit)


@njit(cache=True)
def _count_block(start: int, places: Any, times: Any, limits: Any) -> Any:
    """Count the pairs of which the first point lies in one block."""
    counts = np.zeros((len(places.reach), len(limits), times.shape[1]), np.int32)
    for i in range(start, min(start + _BLOCK, len(places.points))):
        for column in range(2):
            first, stop = places.spans[places.of[i], column]
            for j in range(max(first, i + 1), stop):
                band = _band(places, i, j)
                if band >= 0:
                    _count_within(counts[band], times, i, j, limits)
    return counts


@njit(cache=True, nogil=True)
def count_close(places: Any, times: Any, limits: Any, first: int, step: int) -> Any:
    """Count pairs per distance band, limit in time and world: (n_bands, n_limits, worlds), int64.

    times (n, worlds), limits: days; the counts of the limits are cumulative. first, step: which blocks of
    points take part, for sharing the work.
    """
    counts = np.zeros((len(places.reach), len(limits), times.shape[1]), np.int64)
    for start in range(first * _BLOCK, len(places.points), step * _BLOCK):
        counts += _count_block(start, places, times, limits)
    return counts


@njit(cache=True)
def count_near(places: Any, strata: Any) -> Any:
    """Count pairs per distance band and pair of strata: (strata, strata, n_bands), smaller stratum first."""
    n_strata = strata.max() + 1
    counts = np.zeros((n_strata, n_strata, len(places.reach)), np.int64)
    for i in range(len(places.points)):
        for column in range(2):
            first, stop = places.spans[places.of[i], column]
            for j in range(max(first, i + 1), stop):
                band = _band(places, i, j)
                if band >= 0:
                    a, b = min(strata[i], strata[j]), max(strata[i], strata[j])
                    counts[a, b, band] += 1
    return counts

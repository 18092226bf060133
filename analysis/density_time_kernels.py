"""Compiled parts of `density_time`: what is a core report, which belong together, and who is next to them.

Reports come sorted by square and, within a square, by time; `first` (m + 1,) tells where each square begins,
`near` (m, s) which squares lie around it (-1: none), the square itself first. Two reports of one square are
always near in place. All loops are over reports near in time, and none keeps pairs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from analysis.arrays import Floats, Ints


class Reports(NamedTuple):
    """points (n, 2), days (n,), of (n,) squares, first (m + 1,); eps and reach: limits of place and time."""

    points: Floats
    days: Floats
    of: Ints
    first: Ints
    eps: float
    reach: float


@njit(cache=True)
def _window_start(reports: Any, square: int, day: float) -> Any:
    """Return the first report of a square that is not too long before `day`."""
    low, high = reports.first[square], reports.first[square + 1]
    while low < high:
        middle = (low + high) // 2
        if day - reports.days[middle] > reports.reach:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _apart(a: Any, i: int, b: Any, j: int) -> Any:
    """Return the squared distance of point i of a and point j of b."""
    return (a[i, 0] - b[j, 0]) ** 2 + (a[i, 1] - b[j, 1]) ** 2


@njit(cache=True)
def find_core(reports: Any, near: Any, min_samples: int) -> Any:
    """Tell for each report whether min_samples reports, itself included, are near in place and time."""
    core = np.zeros(len(reports.days), np.bool_)
    limit = reports.eps * reports.eps
    for i in range(len(core)):
        day = reports.days[i]
        found = 0
        for square in near[reports.of[i]]:
            if square < 0 or found >= min_samples:
                continue
            for j in range(_window_start(reports, square, day), reports.first[square + 1]):
                if found >= min_samples or reports.days[j] - day > reports.reach:
                    break
                found += square == reports.of[i] or _apart(reports.points, i, reports.points, j) <= limit
        core[i] = found >= min_samples
    return core


@njit(cache=True)
def _root(parent: Any, run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@njit(cache=True)
def _join(core: Any, square: int, i: int, run: Any, run_end: Any, parent: Any) -> None:
    """Join the run of core report i with every run of a square that it touches."""
    limit = core.eps * core.eps
    day = core.days[i]
    j = _window_start(core, square, day)
    while j < core.first[square + 1] and core.days[j] - day <= core.reach:
        own, other = _root(parent, run[i]), _root(parent, run[j])
        if own != other and _apart(core.points, i, core.points, j) > limit:
            j += 1
            continue
        parent[max(own, other)] = min(own, other)
        j = run_end[run[j]]


@njit(cache=True)
def _beyond(corners: Any, square: int, points: Any, i: int, limit: float) -> Any:
    """Tell whether all reports of a square are too far from report i, by the corners of what they cover."""
    east = max(corners[square, 0] - points[i, 0], points[i, 0] - corners[square, 2], 0.0)
    north = max(corners[square, 1] - points[i, 1], points[i, 1] - corners[square, 3], 0.0)
    return east**2 + north**2 > limit


@njit(cache=True)
def join_core(core: Any, near: Any, corners: Any) -> Any:
    """Return the component (n,) of each core report: chains of steps that are near in place and time.

    Core reports of one square that follow each other within the reach are one run; runs are joined. near: each
    pair of squares once, closest steps first, so that most are joined before a far pair is searched.
    corners (m, 4): x and y of the south-western and north-eastern corner of the reports of each square.
    """
    n = len(core.days)
    run = np.zeros(n, np.int64)
    for i in range(1, n):
        goes_on = core.of[i] == core.of[i - 1] and core.days[i] - core.days[i - 1] <= core.reach
        run[i] = run[i - 1] + (0 if goes_on else 1)
    run_end = np.zeros(run[-1] + 1, np.int64)
    for i in range(n):
        run_end[run[i]] = i + 1
    parent = np.arange(len(run_end))
    limit = core.eps * core.eps
    for step in range(near.shape[1]):
        for i in range(n):
            square = near[core.of[i], step]
            if square >= 0 and not _beyond(corners, square, core.points, i, limit):
                _join(core, square, i, run, run_end, parent)
    for i in range(n):
        run[i] = _root(parent, run[i])
    return run


@njit(cache=True)
def nearest_core(points: Any, days: Any, around: Any, core: Any) -> Any:
    """Return for each point the nearest core report within eps and reach, -1 for none.

    around (n, s): the squares of core reports around each point. Ties: nearest in time, then earliest, then south-west.
    """
    nearest = np.full(len(days), -1, np.int64)
    limit = core.eps * core.eps
    for i in range(len(days)):
        best = (np.inf, 0.0, 0.0, 0.0, 0.0)
        for square in around[i]:
            if square < 0:
                continue
            for j in range(_window_start(core, square, days[i]), core.first[square + 1]):
                if core.days[j] - days[i] > core.reach:
                    break
                apart = _apart(points, i, core.points, j)
                late = abs(core.days[j] - days[i])
                rank = (apart, late, core.days[j], core.points[j, 0], core.points[j, 1])
                if apart <= limit and rank < best:
                    best = rank
                    nearest[i] = j
    return nearest

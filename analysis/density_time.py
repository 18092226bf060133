"""ST-DBSCAN: DBSCAN of reports that are neighbours when they are near in place *and* near in time.

Exact, and blind to the order of the input: a border report goes to the nearest core report (then the nearest
in time). Time and memory grow with the number of reports, also where thousands share one address.

Method: Birant and Kut (2007), without their third limit on other attributes. Idea as in `density`: all
reports of a square with diagonal eps are near in place, so that only their times matter, and of what lies
near in time a report that is not core can see few.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.density_time_kernels import Reports, find_core, join_core, nearest_core
from analysis.squares import Squares

# Two reports of one square are within eps, whatever the rounding.
_SLACK = 1 + 1e-9
# Days hold their clock times up to rounding: 0.1 millisecond too late is on time.
_HAIR_DAYS = 1e-9
# Steps to the squares that can hold something within eps, closest first; each pair of squares once.
_HALF = np.array([(0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (2, 1), (2, -1), (1, -2), (2, 2), (2, -2)])
_AROUND = np.concatenate([[(0, 0)], _HALF, -_HALF])


def st_dbscan(points: Floats, days: Floats, *, eps: float, reach: float, min_samples: int) -> Ints:
    """Return labels (n,), noise -1, for points (n, 2) in metres at `days` (n,).

    Neighbours: at most eps metres and at most `reach` days apart, both inclusive and > 0; duplicates count one
    by one. min_samples: neighbours, itself included, that make a core report.
    """
    labels = np.full(len(points), -1, dtype=np.int64)
    if len(points) < min_samples:
        return labels
    squares = Squares.of_points(points, eps / np.sqrt(2) / _SLACK)
    order = np.lexsort((points[:, 1], points[:, 0], days, squares.of))
    squares = replace(squares, of=squares.of[order])
    reports = _reports(points[order], days[order], squares, (eps, reach + _HAIR_DAYS))
    is_core = find_core(reports, squares.near(_AROUND, squares.keys), min_samples)
    if is_core.any():
        core_squares = squares.only(is_core)
        core = _reports(reports.points[is_core], reports.days[is_core], core_squares, (eps, reports.reach))
        component = join_core(core, core_squares.near(_HALF, core_squares.keys), _corners(core))
        labels[order[is_core]] = component
        rest = ~is_core
        around = core_squares.near(_AROUND, squares.keys[squares.of[rest]])
        nearest = nearest_core(reports.points[rest], reports.days[rest], around, core)
        labels[order[rest]] = np.where(nearest >= 0, component[nearest], -1)
    return labels


def _reports(points: Floats, days: Floats, squares: Squares, limits: tuple[float, float]) -> Reports:
    first = np.searchsorted(squares.of, np.arange(len(squares.keys) + 1))
    return Reports(points, days, squares.of, first, *limits)


def _corners(reports: Reports) -> Floats:
    starts = reports.first[:-1]
    lowest, highest = (extreme.reduceat(reports.points, starts) for extreme in (np.minimum, np.maximum))
    return np.column_stack([lowest, highest])

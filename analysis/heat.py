"""A smooth picture of where reports are, for display: kernel density on a fixed square grid in RD.

A picture, not a test: it shows where people report, and so also where many people live. What stands out
beyond that is for `scan` and `local`. Leave reports of areas and periods without coverage out, and do not
read an empty cell as a quiet one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.arrays import Floats
from analysis.grid import as_metres
from analysis.heat_kernels import Grid, spread
from analysis.places import Places, place_codes
from analysis.wording import getal

# A cell is not shown when one place makes more than this share of the reports around it.
MAX_SHARE = 0.5
MAX_CELLS = 4_000_000
_HECTARE = 10_000.0


@dataclass(frozen=True)
class DensityGrid:
    """Outcome of density_grid: `values` (rows, columns) in reports per hectare, NaN where not shown.

    x (columns,), y (rows,): centres of the cells in RD metres, from the west and from the south. bounds: the
    edges of the grid (west, south, east, north).
    Draw it in a few classes: from exact values of neighbouring cells the places of single reports can be
    worked out.
    """

    values: Floats
    x: Floats
    y: Floats
    bounds: tuple[float, float, float, float]
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def density_grid(  # noqa: PLR0913 (contract)
    xy: ArrayLike,
    *,
    bandwidth: float,
    cell: float,
    bounds: Sequence[float],
    places: Places = None,
    min_reports: int = 10,
    min_places: int = 5,
) -> DensityGrid:
    """Return the density of reports around the centre of each cell, in reports per hectare.

    xy: (n, 2) RD metres; degrees, NaN and other shapes raise ValueError; empty input shows nothing. Reports
    outside the bounds count for the cells they reach.
    bandwidth: metres, at least one cell: how far a report reaches. cell: metres.
    bounds: west, south, east, north; widened to whole cells, so that a cell lies where its size puts it,
    never where the reports do. At most MAX_CELLS cells.
    places: (n,) keys as in points.cluster_points.
    min_reports, min_places: a cell is shown when at least so many reports, of so many distinct places, lie
    within the bandwidth of its centre and, unless min_places is 1, no place makes more than half of them; else
    it is NaN, also where nothing lies: a heat map of one report is a point.
    Method: quartic kernel (Silverman 1986), 3 (1 − d²/h²)² / (π h²) within the bandwidth h, from the reports
    themselves, without binning. It ends at the bandwidth, so that a value consists of the reports that the
    minimums count and of no others.
    """
    points = as_metres(xy)
    codes = place_codes(points, places)
    _check(bandwidth, cell, min_reports, min_places)
    grid = _grid(bounds, cell)
    order = np.lexsort((points[:, 1], points[:, 0], codes))
    sums, reports, distinct, fullest = spread(points[order], codes[order], grid, float(bandwidth))
    max_share = MAX_SHARE if min_places > 1 else 1.0
    shown = (reports >= min_reports) & (distinct >= min_places) & (fullest <= max_share * reports)
    values = np.where(shown, sums * (3 / (math.pi * bandwidth**2) * _HECTARE), np.nan)
    x = grid.west + (np.arange(grid.columns, dtype=np.float64) + 0.5) * cell
    y = grid.south + (np.arange(grid.rows, dtype=np.float64) + 0.5) * cell
    edges = (grid.west, grid.south, grid.west + grid.columns * cell, grid.south + grid.rows * cell)
    parameters = {
        "bandwidth": bandwidth,
        "cell": cell,
        "bounds": edges,
        "min_reports": min_reports,
        "min_places": min_places,
        "max_share": max_share,
    }
    return DensityGrid(values, x, y, edges, _explain(bandwidth, min_reports, min_places), parameters)


def _check(bandwidth: float, cell: float, min_reports: int, min_places: int) -> None:
    if not (cell > 0 and np.isfinite(cell)):
        raise ValueError(f"cell must be a positive number of metres, got {cell}")
    if not (bandwidth >= cell and np.isfinite(bandwidth)):
        raise ValueError(f"bandwidth must be at least one cell of {cell} metres, got {bandwidth}")
    if min_reports < 1 or min_places < 1:
        raise ValueError(f"min_reports and min_places must be at least 1, got {min_reports}, {min_places}")


def _grid(bounds: Sequence[float], cell: float) -> Grid:
    edges = np.array(bounds, dtype=np.float64)
    if edges.shape != (4,) or not np.isfinite(edges).all() or (edges[:2] >= edges[2:]).any():
        raise ValueError(f"bounds must be west, south, east, north in metres, got {list(bounds)}")
    (left, low), (right, high) = np.floor(edges[:2] / cell), np.ceil(edges[2:] / cell)
    if (right - left) * (high - low) > MAX_CELLS:
        raise ValueError(f"bounds hold more than {MAX_CELLS} cells of {cell} metres")
    return Grid(float(left * cell), float(low * cell), float(cell), int(high - low), int(right - left))


def _explain(bandwidth: float, min_reports: int, min_places: int) -> str:
    few = f"minder dan {getal(min_reports)} meldingen"
    if min_places > 1:
        few += (
            f", minder dan {getal(min_places)} verschillende melders of adressen, of één die meer dan de helft meldde"
        )
    return (
        f"De kaart toont hoe dicht meldingen bij elkaar liggen; waar binnen {getal(bandwidth)} meter te weinig is "
        f"om te tonen ({few}) blijft de kaart leeg, dus leeg is niet hetzelfde als rustig, en vol kan ook betekenen "
        "dat er veel mensen wonen of melden."
    )

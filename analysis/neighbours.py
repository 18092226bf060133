"""Who is whose neighbour: binary neighbour matrices (n, n), sparse, with a zero diagonal.

Row i marks the neighbours of i. Areas come as geometries, places as points; all lengths are in the unit of the
coordinates (metres in EPSG:28992).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, csr_array, issparse
from scipy.spatial import cKDTree
from shapely import STRtree

from analysis.arrays import Floats, Ints, as_points, as_weights

_GAP_SHARE = 0.002
# Tree searches look a hair further than the limit; the squared distance decides.
_SLACK = 1 + 1e-9


def contiguity(geometries: Any, *, gap: float | None = None, connect_islands: bool = False) -> csr_array[Any, Any]:
    """Return which areas touch, if only in a corner (queen contiguity); symmetric.

    geometries: (n,) polygons (GeoSeries, array or list); a missing or empty one raises ValueError.
    gap: areas this far apart still touch, so that slits and overlaps along digitised borders do no harm; a part
    of an area nowhere wider than gap is a digitising remainder and makes no neighbours. None: two
    thousandths of the typical width of an area (median square root of the surface), 1.7 m for the buurten of
    a city.
    connect_islands: an area that touches nothing gets the area nearest to it (all of them when tied), and that
    one gets the island; else its row is empty.
    """
    shapes = _as_shapes(geometries)
    if gap is None:
        gap = _GAP_SHARE * float(np.median(np.sqrt(shapely.area(shapes)))) if len(shapes) else 0.0
    if not (gap >= 0 and np.isfinite(gap)):
        raise ValueError(f"gap must be a length of at least 0, got {gap}")
    solid = _without_slivers(shapes, gap)
    one, other = STRtree(solid).query(solid, predicate="dwithin", distance=gap)
    touching = _binary(one, other, len(solid))
    if connect_islands and len(solid) > 1:
        return _with_nearest(touching, solid)
    return touching


def nearest(xy: ArrayLike, k: int) -> csr_array[Any, Any]:
    """Return the k nearest other points of each point (row); all others where there are fewer than k.

    xy: (n, 2) in any Cartesian unit. Not symmetric. Duplicates are neighbours at distance 0. Ties at the k-th
    distance follow the places of the points, not the order of the input.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    points = as_points(xy)
    n, most = len(points), min(k, len(points) - 1)
    if most < 1:
        return _binary(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), n)
    order = np.lexsort((points[:, 1], points[:, 0]))
    _, found = cKDTree(points[order]).query(points[order], k=most + 1)
    # In a pile of duplicates a point may not find itself: then the furthest one found is one too many.
    itself = found == np.arange(n)[:, None]
    itself[~itself.any(axis=1), -1] = True
    others = found[~itself].reshape(n, most)
    return _binary(np.repeat(order, most), order[others].reshape(-1), n)


def within(xy: ArrayLike, distance: float) -> csr_array[Any, Any]:
    """Return which points lie at most `distance` apart (inclusive); symmetric.

    xy: (n, 2) in any Cartesian unit, distance in the same unit. Duplicates are neighbours.
    """
    if not (distance >= 0 and np.isfinite(distance)):
        raise ValueError(f"distance must be a length of at least 0, got {distance}")
    points = as_points(xy)
    if not len(points):
        return _binary(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 0)
    pairs = cKDTree(points).query_pairs(distance * _SLACK, output_type="ndarray")
    apart = ((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2).sum(axis=1)
    one, other = pairs[apart <= distance * distance].T
    return _binary(np.concatenate([one, other]), np.concatenate([other, one]), len(points))


def standardise(weights: Any) -> csr_array[Any, Any]:
    """Return weights (n, n) with every row summing to one; the row of an area without neighbours stays empty.

    weights: dense or sparse, finite, not below zero and with a zero diagonal, else ValueError.
    """
    result = as_weights(weights, weights.shape[0] if issparse(weights) else len(weights))
    total: Floats = np.asarray(result.sum(axis=1))
    result.data /= np.repeat(total, np.diff(result.indptr))
    return result


def _as_shapes(geometries: Any) -> Any:
    shapes = np.asarray(geometries, dtype=object).reshape(-1)
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.any():
        raise ValueError(f"geometries has {int(bad.sum())} missing or empty areas, first at index {int(bad.argmax())}")
    return shapes


def _without_slivers(shapes: Any, gap: float) -> Any:
    """Return the areas without the parts nowhere wider than gap; an area of such parts only stays as it is."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    loose = np.flatnonzero(np.bincount(owner, minlength=len(shapes))[owner] > 1)
    narrow = loose[shapely.is_empty(shapely.buffer(parts[loose], -gap / 2))] if gap else loose[:0]
    result = shapes.copy()
    for index in np.unique(owner[narrow]):
        own = np.setdiff1d(np.flatnonzero(owner == index), narrow)
        if len(own):
            result[index] = shapely.union_all(parts[own])
    return result


def _with_nearest(touching: csr_array[Any, Any], shapes: Any) -> csr_array[Any, tuple[int, int]]:
    islands = np.flatnonzero(np.diff(touching.indptr) == 0)
    tree = STRtree(shapes)
    # `exclusive` skips geometries that are equal, not the one itself; islands have no equals: those would touch.
    own, near = tree.query_nearest(shapes[islands], exclusive=True, all_matches=True)
    coo = touching.tocoo()
    one = np.concatenate([coo.row, islands[own], near])
    other = np.concatenate([coo.col, near, islands[own]])
    return _binary(one, other, len(shapes))


def _binary(one: Ints, other: Ints, n: int) -> csr_array[Any, Any]:
    """Return ones at (one, other), the diagonal left out."""
    apart = one != other
    pairs = coo_array((np.ones(int(apart.sum())), (one[apart], other[apart])), shape=(n, n)).tocsr()
    pairs.data[:] = 1.0
    pairs.sort_indices()
    return pairs

"""DBSCAN on points in the plane whose cost does not grow with the square of the density.

Same core points, same noise and same partition of the core points as scikit-learn's DBSCAN (the tests compare
them). A border point that several clusters reach goes to the nearest core point, so that the order of the
input plays no part.

Idea (Gunawan 2013; Gan and Tao 2015): in a square with diagonal eps all points are neighbours. A square of
min_samples points has only core points and its core points are one component; distances matter only between
squares.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.arrays import Bools, Floats, Ints
from analysis.squares import Squares

_FLOOR_METRES = 10.0
_ROOF_METRES = (50.0, 100.0)
_LINKS = 8
_PAIRS_AT_ONCE = 1_000_000
# Tree searches look a hair further than eps and the squared distance decides, exactly as scikit-learn does.
_SLACK = 1 + 1e-9


def dbscan(points: Floats, eps: float, min_samples: int) -> Ints:
    """Return DBSCAN labels (n,), noise -1, for points (n, 2) in metres; duplicates count one by one."""
    if len(points) < min_samples:
        return np.full(len(points), -1, dtype=np.int64)
    places, inverse, counts = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    squares = Squares.of_points(places, eps / np.sqrt(2) / _SLACK)
    core = np.bincount(squares.of, counts)[squares.of] >= min_samples
    open_ = np.flatnonzero(~core)
    if len(open_):
        # Only "min_samples or more" matters, so that a pile of duplicates need not stand in the tree in full.
        tree = cKDTree(np.repeat(places, np.minimum(counts, min_samples), axis=0))
        found = tree.query_ball_point(places[open_], eps, return_length=True, workers=-1)
        core[open_] = found >= min_samples
    labels = np.full(len(places), -1, dtype=np.int64)
    if core.any():
        labels[core] = _components(places[core], squares.only(core), eps)
        labels[~core] = _nearest_label(places[~core], places[core], labels[core], eps)
    return labels[inverse.reshape(-1)]


def eps_from_curve(points: Floats, k: int) -> float:
    """Return the eps at the knee of the k-distance curve of points (n, 2), n > 0.

    The distance of each point to its k-th nearest (itself included) is sorted; the knee is where the curve
    lies furthest below the straight line between its ends (Satopää et al. 2011). In a town the
    curve often bends only in the countryside, where eps would join whole buurten: so eps is at most half the
    median distance, four times the usual density, a limit that itself stays within 50 and 100 m (a street).
    At least 10 m, the precision of an address.
    """
    places, counts = np.unique(points, axis=0, return_counts=True)
    nearest = list(range(1, min(k, len(places)) + 1))
    apart, near = cKDTree(places).query(places, k=nearest, workers=-1)
    # Duplicates count: the k-th report may stand at an earlier place than the k-th.
    column = np.minimum((np.cumsum(counts[near], axis=1) < k).sum(axis=1), len(nearest) - 1)
    distances = np.sort(np.repeat(apart[np.arange(len(places)), column], counts))
    line = np.linspace(distances[0], distances[-1], len(distances))
    knee = float(distances[int((line - distances).argmax())])
    roof = np.clip(np.median(distances) / 2, *_ROOF_METRES)
    # Up to the next decimetre: an eps just below the knee's own distance would lose every point at the knee.
    return float(np.clip(np.ceil(knee * 10) / 10, _FLOOR_METRES, np.ceil(roof * 10) / 10))


def _near_pairs(squares: Squares) -> Ints:
    """Return (p, 2) pairs of squares that may hold places within eps of each other, each pair once."""
    steps = np.array([(0, 1), (0, 2)] + [(column, row) for column in (1, 2) for row in range(-2, 3)])
    near = squares.near(steps, squares.keys)
    pair = np.nonzero(near >= 0)
    return np.column_stack([pair[0], near[pair]])


def _components(core: Floats, squares: Squares, eps: float) -> Ints:
    """Return the component (n,) of each core place: chains of steps of at most eps."""
    n_squares = len(squares.keys)
    links = squares.of[_nearest_links(core, eps)]
    component = _connected(links, n_squares)
    # Most squares are joined by now; the exact answer needs the pairs that are near and still apart.
    apart = _near_pairs(squares)
    apart = apart[component[apart[:, 0]] != component[apart[:, 1]]]
    touching = apart[_touching(core, squares, apart, eps)]
    return _connected(np.concatenate([links, touching]), n_squares)[squares.of]


def _connected(links: Ints, n: int) -> Ints:
    graph = coo_array((np.ones(len(links), dtype=np.int8), (links[:, 0], links[:, 1])), shape=(n, n))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _nearest_links(core: Floats, eps: float) -> Ints:
    """Return (m, 2) pairs of core places within eps, for each place its few nearest only."""
    k = list(range(1, min(_LINKS, len(core)) + 1))
    _, near = cKDTree(core).query(core, k=k, distance_upper_bound=eps * _SLACK, workers=-1)
    pairs = np.column_stack([np.repeat(np.arange(len(core)), len(k)), near.ravel()])
    pairs = pairs[pairs[:, 1] < len(core)]
    return pairs[_within(core[pairs[:, 0]], core[pairs[:, 1]], eps)]


def _touching(core: Floats, squares: Squares, pairs: Ints, eps: float) -> Bools:
    """Tell for each pair of squares whether a core place of the one lies within eps of one of the other."""
    order = np.argsort(squares.of, kind="stable")
    size = np.bincount(squares.of, minlength=len(squares.keys))
    start = np.cumsum(size) - size
    work = size[pairs[:, 0]] * size[pairs[:, 1]]
    touches = np.zeros(len(pairs), dtype=np.bool_)
    for index in np.flatnonzero(work > _PAIRS_AT_ONCE):
        a, b = (core[order[start[s] : start[s] + size[s]]] for s in pairs[index])
        touches[index] = (_nearest_label(a, b, np.zeros(len(b), dtype=np.int64), eps) == 0).any()
    small = np.flatnonzero(work <= _PAIRS_AT_ONCE)
    chunk = np.cumsum(work[small]) // _PAIRS_AT_ONCE
    for part in np.split(small, np.flatnonzero(np.diff(chunk)) + 1):
        a, b = pairs[part].T
        pair = np.repeat(np.arange(len(part)), work[part])
        nth = np.arange(len(pair)) - np.repeat(np.cumsum(work[part]) - work[part], work[part])
        left = order[start[a][pair] + nth // size[b][pair]]
        right = order[start[b][pair] + nth % size[b][pair]]
        touches[part[pair[_within(core[left], core[right], eps)]]] = True
    return touches


def _nearest_label(places: Floats, core: Floats, labels: Ints, eps: float) -> Ints:
    """Return the label of the nearest core place within eps of each place, -1 when there is none."""
    _, near = cKDTree(core).query(places, distance_upper_bound=eps * _SLACK, workers=-1)
    result = np.full(len(places), -1, dtype=np.int64)
    some = np.flatnonzero(near < len(core))
    some = some[_within(places[some], core[near[some]], eps)]
    result[some] = labels[near[some]]
    return result


def _within(a: Floats, b: Floats, eps: float) -> Bools:
    apart: Bools = ((a - b) ** 2).sum(axis=1) <= eps * eps
    return apart

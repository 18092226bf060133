"""Minutes on foot over a street network, in the layout of pgRouting: a cost matrix for access and siting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from analysis.access import SPEED_KMH
from analysis.arrays import Floats, Ints
from analysis.grid import as_metres

# Destinations at a time: each takes one number per node.
_BLOCK = 64


def network_minutes(
    edges: pd.DataFrame,
    nodes: pd.DataFrame,
    origins_xy: ArrayLike,
    destinations_xy: ArrayLike,
    max_minutes: float,
    *,
    speed: float = SPEED_KMH,
) -> csr_array[Any, Any]:
    """Return minutes on foot (n_origins, n_destinations) as a sparse array with only the pairs within max_minutes.

    edges: one row per street, `source` and `target` (ids of nodes), `cost` and optionally `reverse_cost`, in metres;
    without reverse_cost a street is as long both ways. As in pgRouting a cost below zero closes that direction, for
    those on foot rare but for stairs and gates. nodes: indexed by id, with `x` and `y` in RD metres. Both xy: (n, 2)
    RD metres. speed in km/h, above 0; max_minutes finite, inclusive.
    Everyone walks in a straight line to the nearest node that a street leaves or reaches, and from there over the
    shortest way; who cannot get there has no entry. ValueError for nodes that are not there, missing costs and a
    network without streets. Method: Dijkstra (1959).
    """
    if not (speed > 0 and np.isfinite(speed)) or not (max_minutes >= 0 and np.isfinite(max_minutes)):
        raise ValueError(f"speed must be above 0 and max_minutes finite, got {speed} and {max_minutes}")
    pace = 60 / (speed * 1000)
    graph, xy = _read_network(edges, nodes)
    origins, destinations = as_metres(origins_xy), as_metres(destinations_xy)
    if not len(origins) or not len(destinations):
        return csr_array((len(origins), len(destinations)), dtype=np.float64)
    tree = cKDTree(xy)
    walk_from, start = tree.query(origins)
    walk_to, end = tree.query(destinations)
    limit = max_minutes / pace
    blocks = [_within(metres * pace, max_minutes) for metres in _ways(graph, (start, walk_from), (end, walk_to), limit)]
    return csr_array(vstack(blocks).T)


def _read_network(edges: pd.DataFrame, nodes: pd.DataFrame) -> tuple[csr_array[Any, Any], Floats]:
    """Return the streets as (from, to) between nodes that have one, and where those nodes lie (k, 2)."""
    forth = edges["cost"].to_numpy(dtype=np.float64)
    back = edges["reverse_cost"].to_numpy(dtype=np.float64) if "reverse_cost" in edges else forth
    if np.isnan(forth).any() or np.isnan(back).any():
        raise ValueError("edges have missing costs")
    ends = nodes.index.get_indexer(pd.Index(np.concatenate([edges["source"], edges["target"]])))
    if (ends < 0).any():
        raise ValueError(f"{int((ends < 0).sum())} ends of edges are not among the nodes")
    source, target = ends[: len(edges)], ends[len(edges) :]
    rows, columns = np.concatenate([source, target]), np.concatenate([target, source])
    metres = np.concatenate([forth, back])
    open_ = (metres >= 0) & np.isfinite(metres)
    if not open_.any():
        raise ValueError("the network has no streets")
    used, at = np.unique(np.concatenate([rows[open_], columns[open_]]), return_inverse=True)
    # Of two streets between the same nodes the shorter one counts; a sparse array would add them up.
    streets = pd.DataFrame({"row": at[: open_.sum()], "column": at[open_.sum() :], "metres": metres[open_]})
    shortest = streets.groupby(["row", "column"], as_index=False)["metres"].min()
    entries = (shortest["metres"], (shortest["row"], shortest["column"]))
    graph = csr_array(coo_array(entries, shape=(len(used), len(used))))
    return graph, as_metres(nodes[["x", "y"]].to_numpy(dtype=np.float64)[used])


def _ways(
    graph: csr_array[Any, Any], origins: tuple[Ints, Floats], destinations: tuple[Ints, Floats], limit: float
) -> Iterator[Floats]:
    """Yield metres (some destinations, n_origins). origins, destinations: nearest node and metres to it."""
    # From the few destinations against the direction of the streets.
    against = csr_array(graph.T)
    start, walk_from = origins
    end, walk_to = destinations
    for first in range(0, len(end), _BLOCK):
        block = slice(first, first + _BLOCK)
        found = dijkstra(against, indices=end[block], limit=limit)
        yield found[:, start] + walk_from + walk_to[block][:, None]


def _within(minutes: Floats, max_minutes: float) -> csr_array[Any, Any]:
    row, column = np.nonzero(minutes <= max_minutes)
    return csr_array(coo_array((minutes[row, column], (row, column)), shape=minutes.shape))

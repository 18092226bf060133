"""Where reports pile up in the street: clusters of points, and the only shape of a cluster that may leave the
service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon

from analysis.arrays import Floats, Ints, as_days
from analysis.density import dbscan, eps_from_curve
from analysis.grid import (
    Cell,
    as_metres,
    connect,
    hex_cells,
    hex_polygon,
    hex_union,
    ring_around,
)
from analysis.places import Places, place_codes

Method = Literal["dbscan", "hdbscan"]
Moment = np.datetime64 | np.generic
MAX_RINGS = 10


@dataclass(frozen=True)
class PointCluster:
    """One cluster: `members` sorted indices into the input, `n` members, `n_places` distinct places."""

    members: Ints
    n: int
    n_places: int


@dataclass(frozen=True)
class PointClusters:
    """Outcome of cluster_points: `labels` (n,), -1 for none; `clusters[k]` holds label k, largest first.

    eps: the distance in metres that was used; None when HDBSCAN chose its own. uitleg: one Dutch sentence.
    """

    labels: Ints
    clusters: tuple[PointCluster, ...]
    eps: float | None
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class SpaceTimeCluster(PointCluster):
    """A cluster in place and time; start, end: its first and last moment, of the type of the times given."""

    start: Moment
    end: Moment


@dataclass(frozen=True)
class SpaceTimeClusters(PointClusters):
    """Outcome of cluster_space_time: as PointClusters, with clusters in place and time."""

    clusters: tuple[SpaceTimeCluster, ...]

    @property
    def start(self) -> NDArray[Any]:
        """First moments of the clusters (k,)."""
        return np.array([cluster.start for cluster in self.clusters])

    @property
    def end(self) -> NDArray[Any]:
        """Last moments of the clusters (k,)."""
        return np.array([cluster.end for cluster in self.clusters])


def cluster_points(
    xy: ArrayLike,
    *,
    method: Method = "dbscan",
    eps: float | None = None,
    min_size: int = 10,
    min_places: int = 5,
    places: Places = None,
) -> PointClusters:
    """Find clusters of reports by density.

    xy: (n, 2) RD metres; degrees, NaN and other shapes raise ValueError. Empty or tiny input gives no
    clusters.
    method: "dbscan" (min_size reports within eps make a core point) or "hdbscan" (min_size is the smallest
    cluster, eps the distance below which clusters are not split further).
    eps: metres > 0; None takes it from the k-distance curve (density.eps_from_curve) or lets HDBSCAN choose.
    min_size, min_places: clusters of fewer members or distinct places are dropped: one caller is no cluster.
    places: (n,) keys that tell reporters or addresses apart; a missing key, or None for all, stands for the
    10 m RD cell.
    Border points join the nearest core point. The result does not depend on the order of the input.
    """
    points = as_metres(xy)
    codes = place_codes(points, places)
    if method not in ("dbscan", "hdbscan"):
        raise ValueError(f"method must be 'dbscan' or 'hdbscan', got {method!r}")
    if eps is not None:
        _check_limit("eps", eps, "metres")
    _check_minimums(min_size, min_places)
    used = eps
    if method == "dbscan":
        if used is None and len(points):
            used = eps_from_curve(points, min_size)
        raw = dbscan(points, used, min_size) if used is not None else np.empty(0, dtype=np.int64)
    else:
        raw = _hdbscan(points, eps, min_size)
    labels, clusters = _keep_and_number(raw, points, codes, min_size, min_places)
    parameters = {"method": method, "eps": used, "min_size": min_size, "min_places": min_places}
    return PointClusters(labels, clusters, used, _explain(len(clusters), parameters), parameters)


def cluster_space_time(  # noqa: PLR0913 (contract)
    xy: ArrayLike,
    t: ArrayLike,
    *,
    eps: float,
    days: float,
    min_size: int = 10,
    min_places: int = 5,
    places: Places = None,
) -> SpaceTimeClusters:
    """Find clusters of reports that are dense in place and time together.

    xy: (n, 2) RD metres and t: (n,) datetime64 or days; missing values, degrees and other shapes raise
    ValueError. Empty or tiny input gives no clusters.
    eps, days: > 0; reports at most this far apart, in metres and in days, are neighbours (inclusive);
    min_size of them, itself included, make a core report. A cluster is a chain of those, so that it may last
    longer than `days` and be wider than eps. Border reports join the nearest core report.
    min_size, min_places, places: as in cluster_points; one caller is no cluster, how often he calls.
    Reports only: leave those of areas and periods without coverage out; a cluster never starts or ends
    because of silence that its source does not cover. The order of the input plays no part.
    Method: ST-DBSCAN (see density_time).
    """
    # The compiler takes the better part of a second to import: only who asks for time pays.
    from analysis.density_time import st_dbscan

    points, moments = as_metres(xy), as_days(t)
    if len(points) != len(moments):
        raise ValueError(f"xy has {len(points)} points for {len(moments)} times")
    codes = place_codes(points, places)
    _check_limit("eps", eps, "metres")
    _check_limit("days", days, "days")
    _check_minimums(min_size, min_places)
    raw = st_dbscan(points, moments, eps=eps, reach=days, min_samples=min_size)
    labels, found = _keep_and_number(raw, points, codes, min_size, min_places)
    times = np.asarray(t)
    clusters = tuple(
        SpaceTimeCluster(one.members, one.n, one.n_places, times[one.members].min(), times[one.members].max())
        for one in found
    )
    parameters = {
        "method": "st_dbscan",
        "eps": eps,
        "days": days,
        "min_size": min_size,
        "min_places": min_places,
    }
    return SpaceTimeClusters(labels, clusters, eps, _explain(len(clusters), parameters), parameters)


def release_area(  # noqa: PLR0913 (contract)
    xy: ArrayLike,
    places: Places,
    *,
    min_reports: int = 10,
    min_places: int = 10,
    cell: float = 100.0,
    within: Polygon | MultiPolygon | None = None,
    members: ArrayLike | None = None,
) -> Polygon | None:
    """Return the area that may be shown for a cluster: connected cells of the fixed hexagon grid, or None.

    The area starts with the cells that hold members, bridges gaps between them of fewer than MAX_RINGS cells
    and grows ring by ring, at most MAX_RINGS, until it holds min_reports of the reports given and min_places
    distinct places of them (minimums inclusive). None when that cannot be reached: then nothing is shown.
    xy: (n, 2) RD metres; places: (n,) keys as in cluster_points. cell: metres from flat side to flat side.
    within: only cells that lie wholly inside it take part.
    members: bool (n,) marks the cluster among the reports given; None: all of them.
    """
    points = as_metres(xy)
    codes = place_codes(points, places)
    if within is not None:
        shapely.prepare(within)
    allowed = _inside(within, cell)
    cells = [(int(q), int(r)) for q, r in hex_cells(points, cell)]
    marked = np.ones(len(points), dtype=np.bool_) if members is None else np.asarray(members, dtype=np.bool_)
    chosen = _start(cells, marked, allowed)
    for _ in range(MAX_RINGS + 1):
        inside = np.fromiter((own in chosen for own in cells), np.bool_, len(cells))
        if inside.sum() >= min_reports and len(np.unique(codes[inside])) >= min_places and chosen:
            area: Polygon = hex_union(chosen, cell)
            return area
        chosen = chosen | ring_around(chosen, allowed)
    return None


def _check_limit(name: str, limit: float, unit: str) -> None:
    if not (limit > 0 and np.isfinite(limit)):
        raise ValueError(f"{name} must be a positive number of {unit}, got {limit}")


def _check_minimums(min_size: int, min_places: int) -> None:
    if min_size < 2 or min_places < 1:
        raise ValueError(f"min_size must be at least 2 and min_places at least 1, got {min_size}, {min_places}")


def _hdbscan(points: Floats, eps: float | None, min_size: int) -> Ints:
    if len(points) < min_size:
        return np.full(len(points), -1, dtype=np.int64)
    # A second to import, for a method that few ask for.
    from sklearn.cluster import HDBSCAN

    # Ties in the spanning tree follow the order of the rows, and may even part the reports of one place: a
    # fixed order and one label per place (that of most of its reports) leave an outcome of the points only.
    order = np.lexsort((points[:, 1], points[:, 0]))
    model = HDBSCAN(min_cluster_size=min_size, cluster_selection_epsilon=eps or 0.0, copy=True)
    place = np.unique(points[order], axis=0, return_inverse=True)[1].reshape(-1)
    votes = pd.DataFrame({"place": place, "label": model.fit(points[order]).labels_})
    counted = votes.value_counts().rename("n").reset_index().sort_values(["n", "label"], ascending=False)
    labels = np.empty(len(points), dtype=np.int64)
    winner = counted.drop_duplicates("place").sort_values("place")["label"].to_numpy()
    labels[order] = winner[place]
    return labels


def _keep_and_number(
    raw: Ints, points: Floats, codes: Ints, min_size: int, min_places: int
) -> tuple[Ints, tuple[PointCluster, ...]]:
    """Drop clusters below the minimums; number the rest by size, then by their most south-western member."""
    found = []
    order = np.argsort(raw, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(raw[order])) + 1):
        if not len(members) or raw[members[0]] < 0:
            continue
        n_places = len(np.unique(codes[members]))
        if len(members) >= min_size and n_places >= min_places:
            corner = min(map(tuple, points[members].tolist()))
            found.append((-len(members), corner, PointCluster(members, len(members), n_places)))
    found.sort(key=lambda entry: entry[:2])
    labels = np.full(len(raw), -1, dtype=np.int64)
    for number, (_, _, cluster) in enumerate(found):
        labels[cluster.members] = number
    return labels, tuple(cluster for _, _, cluster in found)


def _explain(n_clusters: int, parameters: Mapping[str, object]) -> str:
    found = {0: "Geen plek gevonden waar", 1: "1 plek gevonden waar"}.get(
        n_clusters, f"{n_clusters} plekken gevonden waar"
    )
    eps, days = parameters["eps"], parameters.get("days")
    time = "" if days is None else f" en {days:g} {'dag' if days == 1 else 'dagen'}"
    near = "dicht bij elkaar" if eps is None else f"binnen ongeveer {eps:g} meter{time} van elkaar"
    return (
        f"{found} minstens {parameters['min_size']} meldingen, van minstens {parameters['min_places']} "
        f"verschillende melders of adressen, {near} liggen; dit zegt niet waarom er gemeld wordt, en ook "
        "niets over plekken waar mensen niet melden."
    )


def _inside(within: Polygon | MultiPolygon | None, cell: float) -> Callable[[Cell], bool]:
    @cache
    def allowed(place: Cell) -> bool:
        return within is None or bool(within.covers(hex_polygon(*place, cell)))

    return allowed


def _start(cells: list[Cell], marked: NDArray[np.bool_], allowed: Callable[[Cell], bool]) -> set[Cell]:
    """Return the connected cells to start from: the fullest cell of the cluster and all that bridges can join
    to it.
    """
    held: dict[Cell, int] = {}
    for own, mark in zip(cells, marked, strict=True):
        if mark and allowed(own):
            held[own] = held.get(own, 0) + 1
    if not held:
        return set()
    fullest = min(held, key=lambda own: (-held[own], own))
    return connect({fullest}, set(held), allowed, MAX_RINGS)

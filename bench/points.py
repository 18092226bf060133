"""DBSCAN and ST-DBSCAN on 100 000 reports of a town: ours against plain scikit-learn.

python -m bench.points [--keer 5] [--eps 50] [--dagen 14]. First each call alone, warm, with its outcome compared;
then processes of some calls each. Scikit-learn has no ST-DBSCAN: it gets its own graph of near pairs, without
those too far apart in time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.harness import BenchError, Command, compare

_ROWS = 100_000
_CALLS_PER_PROCESS = 5
_MIN_SAMPLES = 10
_HEAP = 5_000


@dataclass(frozen=True)
class Work:
    """What is to be clustered: reports (n, 2) in RD metres at `days` (n,), and the limits."""

    xy: np.ndarray
    days: np.ndarray
    eps: float
    reach: float

    def of_first(self, rows: int) -> Work:
        return Work(self.xy[:rows], self.days[:rows], self.eps, self.reach)


def make_points(rows: int = _ROWS, seed: int = 0) -> np.ndarray:
    """Return reports (n, 2) in RD: a spread of neighbourhoods, a fifth of them piled up at 300 addresses."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform((251_000, 466_500), (262_500, 475_500), (70, 2))
    xy = centres[rng.integers(0, 70, rows)] + rng.normal(0, 350, (rows, 2))
    addresses = xy[:300]
    xy[: rows // 5] = addresses[rng.integers(0, 300, rows // 5)] + rng.normal(0, 20, (rows // 5, 2))
    return np.round(xy, 1)


def make_work(eps: float, reach: float) -> Work:
    """Return the reports of a year; one address has 5 000 of them."""
    xy = make_points()
    xy[-_HEAP:] = xy[0]
    return Work(xy, np.random.default_rng(1).integers(0, 365, len(xy)).astype(float), eps, reach)


def _ours(work: Work) -> np.ndarray:
    from analysis.points import cluster_points

    return cluster_points(work.xy, eps=work.eps, min_places=1).labels


def _ours_in_time(work: Work) -> np.ndarray:
    from analysis.points import cluster_space_time

    return cluster_space_time(work.xy, work.days, eps=work.eps, days=work.reach, min_places=1).labels


def _plain(work: Work) -> np.ndarray:
    from sklearn.cluster import DBSCAN

    return DBSCAN(eps=work.eps, min_samples=_MIN_SAMPLES).fit(work.xy).labels_


def _plain_in_time(work: Work) -> np.ndarray:
    from scipy.sparse import csr_array
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    graph = NearestNeighbors(radius=work.eps).fit(work.xy).radius_neighbors_graph(mode="distance").tocoo()
    soon = np.abs(work.days[graph.row] - work.days[graph.col]) <= work.reach
    near = csr_array((graph.data[soon], (graph.row[soon], graph.col[soon])), shape=graph.shape)
    return DBSCAN(eps=work.eps, min_samples=_MIN_SAMPLES, metric="precomputed").fit(near).labels_


_CALLS: dict[str, Callable[[Work], np.ndarray]] = {
    "scikit-learn": _plain,
    "cluster_points": _ours,
    "scikit-learn in tijd": _plain_in_time,
    "cluster_space_time": _ours_in_time,
}
_PAIRS = (("scikit-learn", "cluster_points"), ("scikit-learn in tijd", "cluster_space_time"))


def _check_outcomes(work: Work, found: dict[str, np.ndarray]) -> None:
    """Raise BenchError when ours finds other clusters than scikit-learn, before small ones are dropped."""
    from analysis.density import dbscan
    from analysis.density_time import st_dbscan

    ours = {
        "scikit-learn": dbscan(work.xy, work.eps, _MIN_SAMPLES),
        "scikit-learn in tijd": st_dbscan(work.xy, work.days, eps=work.eps, reach=work.reach, min_samples=_MIN_SAMPLES),
    }
    for name, labels in ours.items():
        same_noise = np.array_equal(labels < 0, found[name] < 0)
        if not same_noise or len(np.unique(labels)) != len(np.unique(found[name])):
            raise BenchError(f"{name} finds other clusters")


def _time_alone(work: Work, times: int) -> None:
    found = {}
    for name, call in _CALLS.items():
        call(work.of_first(1000))
        seconds = []
        for _ in range(times):
            start = time.perf_counter()
            found[name] = call(work)
            seconds.append(time.perf_counter() - start)
        print(f"{name}: {min(seconds):.2f} s for the call alone (best of {times})")
    _check_outcomes(work, found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.points", description=__doc__)
    parser.add_argument("--keer", type=int, default=5)
    parser.add_argument("--eps", type=float, default=50)
    parser.add_argument("--dagen", type=float, default=14)
    parser.add_argument("--alleen", choices=sorted(_CALLS), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    work = make_work(options.eps, options.dagen)
    if options.alleen:
        found = max(int(_CALLS[options.alleen](work).max()) for _ in range(_CALLS_PER_PROCESS))
        if found < 0:
            print("no clusters found", file=sys.stderr)
        return int(found < 0)
    itself = [sys.executable, "-m", "bench.points", "--eps", str(work.eps), "--dagen", str(work.reach), "--alleen"]
    try:
        _time_alone(work, options.keer)
        for pair in _PAIRS:
            print(compare([Command(name, [*itself, name]) for name in pair], options.keer))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

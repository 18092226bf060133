"""DBSCAN on 100 000 reports of a town: cluster_points against plain scikit-learn.

python -m bench.points [--keer 5] [--eps 50]. First the call alone, then processes of ten calls each.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from bench.harness import BenchError, Command, compare

_ROWS = 100_000
_CALLS_PER_PROCESS = 10


def make_points(rows: int = _ROWS, seed: int = 0) -> np.ndarray:
    """Return reports (n, 2) in RD: a spread of neighbourhoods, a fifth of them piled up at 300 addresses."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform((251_000, 466_500), (262_500, 475_500), (70, 2))
    xy = centres[rng.integers(0, 70, rows)] + rng.normal(0, 350, (rows, 2))
    addresses = xy[:300]
    xy[: rows // 5] = addresses[rng.integers(0, 300, rows // 5)] + rng.normal(0, 20, (rows // 5, 2))
    return np.round(xy, 1)


def _ours(xy: np.ndarray, eps: float) -> int:
    from analysis.points import cluster_points

    return len(cluster_points(xy, eps=eps, min_places=1).clusters)


def _plain(xy: np.ndarray, eps: float) -> int:
    from sklearn.cluster import DBSCAN

    return int(DBSCAN(eps=eps, min_samples=10).fit(xy).labels_.max()) + 1


_CALLS: dict[str, Callable[[np.ndarray, float], int]] = {"cluster_points": _ours, "scikit-learn": _plain}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.points", description=__doc__)
    parser.add_argument("--keer", type=int, default=5)
    parser.add_argument("--eps", type=float, default=50)
    parser.add_argument("--alleen", choices=sorted(_CALLS), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    xy = make_points()
    if options.alleen:
        found = min(_CALLS[options.alleen](xy, options.eps) for _ in range(_CALLS_PER_PROCESS))
        if not found:
            print("no clusters found", file=sys.stderr)
        return int(not found)
    for name, call in _CALLS.items():
        call(xy[:1000], options.eps)
        start = time.perf_counter()
        found = call(xy, options.eps)
        print(f"{name}: {time.perf_counter() - start:.2f} s for the call alone, {found} clusters")
    itself = [sys.executable, "-m", "bench.points", "--eps", str(options.eps), "--alleen"]
    try:
        print(compare([Command(name, [*itself, name]) for name in ("scikit-learn", "cluster_points")], options.keer))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

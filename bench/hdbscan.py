"""HDBSCAN on the reports of a town: `cluster_points` beside scikit-learn, on which it rests, and the package hdbscan.

python -m bench.hdbscan [--keer 3] [--punten 10000]. The package runs in an environment of its own (uv makes it), for
information: it breaks ties otherwise, so that its clusters need not be the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.harness import BenchError, run_quietly
from bench.peers.services import prepare_environment
from bench.points import make_points

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / ".buurtsignaal" / "bench"
_MIN_SIZE = 10


def _ours(xy: np.ndarray) -> np.ndarray:
    from analysis.points import cluster_points

    return cluster_points(xy, method="hdbscan", min_size=_MIN_SIZE, min_places=1).labels


def _plain(xy: np.ndarray) -> np.ndarray:
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=_MIN_SIZE, copy=True).fit(xy).labels_


def _best(call: Callable[[np.ndarray], np.ndarray], xy: np.ndarray, times: int) -> tuple[np.ndarray, float]:
    call(xy[:1000])
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        labels = call(xy)
        seconds.append(time.perf_counter() - start)
    return labels, min(seconds)


def _peer(python: Path, xy: np.ndarray, times: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.npy"
        np.save(path, xy)
        argv = [str(python), str(_HERE / "peers" / "hdbscan_alone.py"), str(path), str(_MIN_SIZE), str(times)]
        found: dict[str, float] = json.loads(run_quietly(argv))
    return found


def _told(name: str, clusters: float, noise: float, seconds: float) -> str:
    return f"{name}: {seconds:.2f} s, {clusters:.0f} clusters, {noise:.0f} reports in none"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.hdbscan", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--punten", type=int, default=10_000)
    options = parser.parse_args(arguments)
    # Reports of different places: where many share one, who breaks ties how decides what belongs to whom.
    xy = np.unique(make_points(options.punten), axis=0)
    print(f"HDBSCAN, {len(xy)} places, best of {options.keer}")
    try:
        programs = prepare_environment(_FOLDER / "hdbscan", _HERE / "peers" / "hdbscan.txt")
        peer = _peer(programs / "python", xy, options.keer)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    for name, call in (("cluster_points", _ours), ("scikit-learn", _plain)):
        labels, seconds = _best(call, xy, options.keer)
        print(_told(name, labels.max() + 1, (labels < 0).sum(), seconds))
    print(_told("hdbscan", peer["clusters"], peer["noise"], peer["seconds"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Gi* over 5 000 areas x 52 periods and local Moran over 5 000 areas: ours beside esda, on the same maps.

python -m bench.local [--keer 3] [--gebieden 5000] [--perioden 52]. esda runs in an environment of its own (uv makes
it). Each round starts one process of each, which warms up and reports its best call of three; the outcomes must be
equal: z and i to rounding, p to what two draws may differ (esda gives the smaller tail, ours is two-sided).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from analysis.local import getis_ord, local_moran
from analysis.neighbours import nearest
from bench.harness import BenchError, run_quietly
from bench.peers.services import prepare_environment

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / ".buurtsignaal" / "bench"
_CALLS = 3
_N_SIM = 999
_SECONDS = {"Gi*": "gi_seconds", "lokale Moran": "moran_seconds"}

Outcome = dict[str, np.ndarray]


def make_maps(path: Path, areas: int, periods: int) -> None:
    """Write reports per 1 000 dwellings, and neighbours: the six nearest, both ways. Hardly any two areas are
    equal: esda counts ties in one tail only.
    """
    rng = np.random.default_rng(0)
    near = nearest(rng.uniform(0, 70_000, (areas, 2)), 6)
    both = csr_array(near + near.T)
    both.sort_indices()
    dwellings = rng.integers(200, 3000, (areas, 1))
    values = 1000 * rng.poisson(rng.gamma(5, 0.001, (areas, 1)) * dwellings, (areas, periods)) / dwellings
    np.savez(path, values=values, indices=both.indices, indptr=both.indptr)


def measure_ours(maps: Path, outcome: Path) -> None:
    with np.load(maps) as found:
        values, indices, indptr = found["values"], found["indices"], found["indptr"]
    weights = csr_array((np.ones(len(indices)), indices, indptr), shape=(len(values), len(values)))
    local_moran(values[:, 0], weights, n_sim=_N_SIM)
    gi, gi_seconds = _best(lambda: getis_ord(values, weights))
    moran, moran_seconds = _best(lambda: local_moran(values[:, 0], weights, n_sim=_N_SIM))
    np.savez(outcome, z=gi.z, i=moran.i, p=moran.p, gi_seconds=gi_seconds, moran_seconds=moran_seconds)


def _best(call: Callable[[], Any]) -> tuple[Any, float]:
    seconds = []
    for _ in range(_CALLS):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return found, min(seconds)


def check_equal(ours: Outcome, peer: Outcome) -> None:
    """Raise BenchError when the two did not do the same work."""
    for name in ("z", "i"):
        apart = float(np.abs(ours[name] - peer[name]).max())
        if not apart < 1e-9:
            raise BenchError(f"{name} differs by up to {apart:.3g}")
    apart = np.abs(ours["p"] - np.minimum(2 * peer["p"], 1))
    if apart.mean() > 0.03 or apart.max() > 0.2:
        raise BenchError(f"p differs by {apart.mean():.3f} on average and {apart.max():.3f} at most")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.local", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--gebieden", type=int, default=5000)
    parser.add_argument("--perioden", type=int, default=52)
    parser.add_argument("--alleen", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alleen:
        measure_ours(*options.alleen)
        return 0
    try:
        programs = prepare_environment(_FOLDER / "esda", _HERE / "peers" / "local.txt")
        _compare(programs, options)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compare(programs: Path, options: argparse.Namespace) -> None:
    peer = [str(programs / "python"), str(_HERE / "peers" / "local.py")]
    rounds: dict[str, list[Outcome]] = {"ours": [], "esda": []}
    with tempfile.TemporaryDirectory() as folder:
        maps, outcome = Path(folder, "maps.npz"), Path(folder, "outcome.npz")
        make_maps(maps, options.gebieden, options.perioden)
        files = [str(maps), str(outcome)]
        commands = {
            "esda": [*peer, *files, str(_CALLS)],
            "ours": [sys.executable, "-m", "bench.local", "--alleen", *files],
        }
        for _ in range(options.keer):
            for name, command in commands.items():
                run_quietly(command)
                with np.load(outcome) as found:
                    rounds[name].append(dict(found))
            check_equal(rounds["ours"][-1], rounds["esda"][-1])
    for title, key in _SECONDS.items():
        best = {name: min(float(outcome[key]) for outcome in outcomes) for name, outcomes in rounds.items()}
        print(f"{title}: ours {best['ours']:.3f} s, esda {best['esda']:.3f} s ({best['esda'] / best['ours']:.0f} x)")


if __name__ == "__main__":
    raise SystemExit(main())

"""Scan statistics at the size of a large town: 800 areas, 52 weeks, 999 simulations, and a call from cold.

python -m bench.scan [--keer 3] [--simulaties 999]. No peer can be installed; the reference program (SaTScan) needs
2.7 s prospective and 41 to 44 s retrospective for the same work on two cores (design/METHODS.md). Every world
holds a planted cluster, so that no scan may stop early.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_AREAS, _WEEKS = 800, 52


def make_world(areas: int = _AREAS, weeks: int = _WEEKS, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cases (areas, weeks), population (areas,) and xy (areas, 2): about one case per area and week, and
    three times as many around the middle in the last four weeks.
    """
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform((251_000, 466_500), (262_500, 475_500), (areas, 2)), 1)
    population = np.round(rng.lognormal(7, 0.6, areas))
    mean = np.repeat(population[:, None] / population.mean(), weeks, axis=1)
    near = np.argsort(np.hypot(*(xy - xy.mean(axis=0)).T))[: areas // 20]
    mean[near, -4:] *= 3
    return rng.poisson(mean), population, xy


def make_calls(n_sim: int) -> dict[str, Callable[[], Any]]:
    from analysis.scan import space_time_scan, spatial_scan

    cases, population, xy = make_world()
    few, people, places = make_world(areas=70)
    limits: dict[str, Any] = {"max_share": 0.05, "n_sim": n_sim}
    recent = limits | {"prospective": True, "max_duration": 8}
    any_time = limits | {"max_duration": 13}
    return {
        "spatial, 70 areas, 50 %": lambda: spatial_scan(few[:, -4:].sum(axis=1), people, places, n_sim=n_sim),
        "spatial, 800 areas, 50 %": lambda: spatial_scan(cases[:, -4:].sum(axis=1), population, xy, n_sim=n_sim),
        "prospective Poisson, 5 %, 8 weeks": lambda: space_time_scan(cases, population, xy, **recent),
        "prospective permutation, 5 %, 8 weeks": lambda: space_time_scan(
            cases, None, xy, model="permutation", **recent
        ),
        "retrospective Poisson, 5 %, 13 weeks": lambda: space_time_scan(cases, population, xy, **any_time),
        "retrospective permutation, 5 %, 13 weeks": lambda: space_time_scan(
            cases, None, xy, model="permutation", **any_time
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--simulaties", type=int, default=999)
    parser.add_argument("--koud", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.koud:
        next(iter(make_calls(options.simulaties).values()))()
        return 0
    for name, call in make_calls(options.simulaties).items():
        call()
        times = []
        for _ in range(options.keer):
            start = time.perf_counter()
            found = call()
            times.append(time.perf_counter() - start)
        first = found.clusters[0]
        if found.parameters["n_sim_run"] != options.simulaties:
            print(f"{name}: stopped early, so this is no measurement", file=sys.stderr)
            return 1
        print(
            f"{name}: {min(times):.2f} s; {first.cases}/{first.expected:.1f}, ratio {first.llr:.2f}, p {first.p_value}"
        )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bench.scan", "--koud"], check=True)
    print(f"a new process with one spatial scan of 70 areas: {time.perf_counter() - start:.2f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

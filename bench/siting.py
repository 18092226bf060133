"""Maximal covering beside spopt, and access within reach beside the package access, on the same town.

python -m bench.siting [--keer 3] [--gebieden 800] [--plekken 500]. Both peers run in an environment of their own (uv
makes it); spopt with CBC and with HiGHS, both asked for the exact optimum. Each round starts one process of each, which
reports the best of two calls. Sites may differ where choices are equally good; the people covered, and the access of
each home, must be equal.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from analysis.access import two_step_fca, walking_minutes, walking_minutes_within
from analysis.siting import max_cover
from bench.harness import BenchError, run_quietly
from bench.peers.services import prepare_environment

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / ".buurtsignaal" / "bench"
_CALLS = 2
_HOMES = 80_000
_MAX_MINUTES = 10.0
_EXISTING = 5
# (minutes on foot, new sites)
_QUESTIONS = [(10, 1), (10, 10), (25, 5), (30, 10)]

Outcome = dict[str, np.ndarray]


def make_town(path: Path, areas: int, places: int) -> None:
    """Write areas with people, candidates of which some exist, and homes with the places within ten minutes."""
    rng = np.random.default_rng(0)
    area, place, home = (rng.uniform((251_000, 466_000), (263_000, 476_000), (n, 2)) for n in (areas, places, _HOMES))
    near = walking_minutes_within(home, place, _MAX_MINUTES).tocoo()
    np.savez(
        path,
        demand=rng.integers(50, 4000, areas).astype(float),
        cost=walking_minutes(area, place),
        existing=rng.permutation(places)[:_EXISTING],
        questions=np.array(_QUESTIONS, dtype=float),
        homes=rng.integers(1, 5, _HOMES).astype(float),
        places=rng.integers(10, 200, places).astype(float),
        home=near.row,
        place=near.col,
        minutes=near.data,
        max_cost=_MAX_MINUTES,
    )


def measure_ours(path: Path, outcome: Path) -> None:
    with np.load(path) as found:
        town = dict(found)
    people, seconds = [], []
    for distance, n_sites in town["questions"]:
        found, best = _best(partial(_cover, town, distance, int(n_sites)))
        people.append(found.covered)
        seconds.append(best)
    shape = (len(town["homes"]), len(town["places"]))
    cost = csr_array(coo_array((town["minutes"], (town["home"], town["place"])), shape=shape))
    access, access_seconds = _best(
        lambda: two_step_fca(town["homes"], town["places"], cost, max_cost=float(town["max_cost"]))
    )
    np.savez(outcome, people=people, seconds=seconds, access=access, access_seconds=access_seconds)


def _cover(town: Outcome, distance: float, n_sites: int) -> Any:
    return max_cover(
        town["demand"], town["cost"], service_distance=distance, n_sites=n_sites, existing=town["existing"].tolist()
    )


def _best(call: Callable[[], Any]) -> tuple[Any, float]:
    seconds = []
    for _ in range(_CALLS):
        start = time.perf_counter()
        found = call()
        seconds.append(time.perf_counter() - start)
    return found, min(seconds)


def check_equal(ours: Outcome, peer: Outcome) -> None:
    """Raise BenchError when the two did not come to the same."""
    if not np.allclose(ours["people"][:, None], peer["people"], rtol=1e-9):
        raise BenchError(f"people covered: ours {ours['people']}, peer {peer['people']}")
    if not np.allclose(ours["access"], peer["access"], rtol=1e-9) or not ours["access"].any():
        raise BenchError(f"access differs by up to {np.abs(ours['access'] - peer['access']).max():.3g}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.siting", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--gebieden", type=int, default=800)
    parser.add_argument("--plekken", type=int, default=500)
    parser.add_argument("--alleen", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alleen:
        measure_ours(*options.alleen)
        return 0
    try:
        programs = prepare_environment(_FOLDER / "spopt", _HERE / "peers" / "siting.txt")
        _compare(programs, options)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compare(programs: Path, options: argparse.Namespace) -> None:
    rounds: dict[str, list[Outcome]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        town, outcome = Path(folder, "town.npz"), Path(folder, "outcome.npz")
        make_town(town, options.gebieden, options.plekken)
        files = [str(town), str(outcome)]
        commands = {
            "peer": [str(programs / "python"), str(_HERE / "peers" / "siting.py"), *files, str(_CALLS)],
            "ours": [sys.executable, "-m", "bench.siting", "--alleen", *files],
        }
        for _ in range(options.keer):
            for name, command in commands.items():
                run_quietly(command)
                with np.load(outcome) as found:
                    rounds[name].append(dict(found))
            check_equal(rounds["ours"][-1], rounds["peer"][-1])
    _print(rounds)


def _print(rounds: dict[str, list[Outcome]]) -> None:
    ours, peer = (np.min([outcome["seconds"] for outcome in rounds[name]], axis=0) for name in ("ours", "peer"))
    solvers = rounds["peer"][0]["solvers"]
    for (minutes, n_sites), own, others in zip(_QUESTIONS, ours, peer, strict=True):
        named = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in zip(solvers, others, strict=True))
        print(
            f"{n_sites} new within {minutes} minutes: ours {own:.3f} s, spopt with {named} ({others.min() / own:.0f} x)"
        )
    own, other = (min(float(outcome["access_seconds"]) for outcome in rounds[name]) for name in ("ours", "peer"))
    print(f"2SFCA of {_HOMES} homes: ours {own:.3f} s, access {other:.3f} s ({other / own:.0f} x)")


if __name__ == "__main__":
    raise SystemExit(main())

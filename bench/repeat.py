"""Near-repeat: `knox` against pointpats on the same reports, and `knox_bands` on 50 000 reports.

python -m bench.repeat [--keer 3] [--punten 4000]. pointpats runs in an environment of its own (uv makes it). It
keeps every pair that is near in time, so that its memory and time grow with the square of the number of reports.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.harness import BenchError, Command, compare, run_quietly
from bench.peers.services import prepare_environment
from bench.points import make_points

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / ".buurtsignaal" / "bench"
_DISTANCE, _DAYS, _PERMUTATIONS = 100, 7, 99
_BAND_ROWS = 50_000
_DISTANCES, _LIMITS = (100, 200, 300, 400, 500), (7, 14, 21, 28, 35)


@dataclass(frozen=True)
class Outcome:
    """What a contender found, and the seconds its call alone took."""

    table: list[list[float]]
    expected: float
    p: float
    seconds: float


def make_reports(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return xy (n, 2) and days (n,) over a year; a tenth of the reports follows within 50 m and a week."""
    rng = np.random.default_rng(2)
    xy, days = make_points(rows), rng.integers(0, 365, rows).astype(float)
    again = rng.permutation(rows)[: rows // 5].reshape(2, -1)
    xy[again[0]] = xy[again[1]] + rng.integers(-35, 36, (again.shape[1], 2))
    days[again[0]] = days[again[1]] + rng.integers(0, 7, again.shape[1])
    return xy, days


def _ours(path: str) -> None:
    from analysis.repeat import knox

    points = np.load(path)
    knox(points["xy"][:100], points["days"][:100], distance=_DISTANCE, days=_DAYS, n_sim=9)
    start = time.perf_counter()
    found = knox(points["xy"], points["days"], distance=_DISTANCE, days=_DAYS, n_sim=_PERMUTATIONS)
    seconds = time.perf_counter() - start
    outcome = {"table": found.table.tolist(), "expected": found.expected, "p": found.p_value}
    print(json.dumps(outcome | {"seconds": seconds}))


def _check_outcomes(ours: Outcome, peer: Outcome) -> None:
    """Raise BenchError unless the tables are equal and the p-values are draws of one and the same."""
    if not np.array_equal(ours.table, peer.table) or not math.isclose(ours.expected, peer.expected):
        raise BenchError(f"different tables: {ours.table} and {peer.table}")
    middle = (ours.p + peer.p) / 2
    if abs(ours.p - peer.p) > 4 * math.sqrt(2 * middle * (1 - middle) / _PERMUTATIONS):
        raise BenchError(f"different p-values: {ours.p} and {peer.p}")


def _compare_with_peer(python: Path, rows: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "points.npz")
        xy, days = make_reports(rows)
        np.savez(path, xy=xy, days=days)
        limits = [str(number) for number in (_DISTANCE, _DAYS, _PERMUTATIONS)]
        contenders = {
            "pointpats": [str(python), str(_HERE / "peers" / "repeat.py"), path, *limits],
            "knox": [sys.executable, "-m", "bench.repeat", "--alleen", path],
        }
        found = {name: Outcome(**json.loads(run_quietly(argv))) for name, argv in contenders.items()}
        _check_outcomes(found["knox"], found["pointpats"])
        for name, outcome in found.items():
            what = f"p = {outcome.p:.2f}, {outcome.table[0][0]:.0f} pairs"
            print(f"{name}: {outcome.seconds:.2f} s for the call alone, {what}")
        print(f"{rows} reports, {_DISTANCE} m, {_DAYS} days, {_PERMUTATIONS} permutations; equal tables")
        print(compare([Command(name, argv) for name, argv in contenders.items()], times))


def _time_bands(times: int) -> None:
    from analysis.repeat import knox_bands

    xy, days = make_reports(_BAND_ROWS)
    knox_bands(xy[:100], days[:100], distances=_DISTANCES, days=_LIMITS)
    seconds, processor = [], []
    for _ in range(times):
        wall, used = time.perf_counter(), time.process_time()
        table = knox_bands(xy, days, distances=_DISTANCES, days=_LIMITS, n_sim=_PERMUTATIONS)
        seconds.append(time.perf_counter() - wall)
        processor.append(time.process_time() - used)
    cells = (
        f"{len(_DISTANCES)} × {len(_LIMITS)} bands, {_PERMUTATIONS} permutations, {table.observed.sum()} pairs in them"
    )
    print(f"knox_bands, {_BAND_ROWS} reports, {cells}: best of {times} {min(seconds):.2f} s")
    print(f"(processor {min(processor):.2f} s over all threads)")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.repeat", description=__doc__)
    parser.add_argument("--keer", type=int, default=3)
    parser.add_argument("--punten", type=int, default=4000, help="reports for the comparison (default 4000)")
    parser.add_argument("--alleen", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alleen:
        _ours(options.alleen)
        return 0
    try:
        programs = prepare_environment(_FOLDER / "pointpats", _HERE / "peers" / "repeat.txt")
        _compare_with_peer(programs / "python", options.punten, options.keer)
        _time_bands(options.keer)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

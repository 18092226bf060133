"""The Knox test of pointpats on a file of points, in its own environment: prints the table and the seconds.

python repeat.py POINTS.npz DISTANCE DAYS PERMUTATIONS. The file holds `xy` (n, 2) and `days` (n,).
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def main(path: str, distance: str, days: str, permutations: str) -> None:
    from pointpats import Knox

    points = np.load(path)
    np.random.seed(0)
    start = time.perf_counter()
    found = Knox(points["xy"], points["days"][:, None], float(distance), float(days), permutations=int(permutations))
    seconds = time.perf_counter() - start
    outcome = {"table": found.observed.tolist(), "expected": float(found.expected[0, 0]), "p": float(found.p_sim)}
    print(json.dumps(outcome | {"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])

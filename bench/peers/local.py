"""esda's share of bench.local, run in the environment of local.txt. Usage: local.py MAPS OUTCOME TIMES.

MAPS holds values (n, n_periods) and binary neighbours (indptr, indices); OUTCOME gets z, i, p and the best
seconds of each call.
"""

import sys
import time
import warnings

import numpy as np
from esda import G_Local, Moran_Local
from libpysal.weights import W

_N_SIM = 999


def _gi(values, weights):
    return np.column_stack([G_Local(period, weights, "B", permutations=0, star=True).Zs for period in values.T])


def _moran(values, weights):
    return Moran_Local(values[:, 0], weights, permutations=_N_SIM, n_jobs=1, seed=0)


def _best(call, values, weights, times):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        found = call(values, weights)
        seconds.append(time.perf_counter() - start)
    return found, min(seconds)


def main(maps, outcome, times):
    # It warns of its own deprecations and of every island.
    warnings.simplefilter("ignore")
    with np.load(maps) as found:
        values = found["values"]
        rows = np.split(found["indices"], found["indptr"][1:-1])
    weights = W(dict(enumerate(row.tolist() for row in rows)), silence_warnings=True)
    # Compiles what it compiles before the clock starts.
    _moran(values, weights)
    z, gi_seconds = _best(_gi, values, weights, times)
    moran, moran_seconds = _best(_moran, values, weights, times)
    np.savez(outcome, z=z, i=moran.Is, p=moran.p_sim, gi_seconds=gi_seconds, moran_seconds=moran_seconds)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

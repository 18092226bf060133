"""The loops of local Moran's conditional permutation, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from analysis.arrays import Floats, Ints


@njit(cache=True)
def draw_distinct(pool: Ints, uniforms: Floats) -> Ints:
    """Return for each row of uniforms (n_sim, k), in [0, 1), k distinct numbers of the pool, in random order.

    pool: (n,) the numbers, k <= n; it is shuffled in place and goes on from there at the next call: any order
    of it is as good a start as another (the shuffle of Fisher and Yates, stopped after k steps).
    """
    draws = np.empty(uniforms.shape, dtype=np.int64)
    for sim in range(uniforms.shape[0]):
        for place in range(uniforms.shape[1]):
            other = place + int(uniforms[sim, place] * (len(pool) - place))
            pool[place], pool[other] = pool[other], pool[place]
            draws[sim, place] = pool[place]
    return draws


@njit(cache=True, parallel=True)
def count_extremes(twice: Floats, start: Ints, weight: Floats, lag: Floats, draws: Ints, slack: float) -> Ints:
    """Return per area how many drawn lags reach its own from above and from below, (n, 2).

    twice: (2 n,) the values, repeated; start (n + 1,) and weight (nnz,) as in a CSR matrix; lag: (n,) observed.
    draws: (n_sim, at least the most neighbours) distinct positions below n - 1, one row per simulation: steps
    from the area itself onwards, so that an area never draws itself and each area draws its own set.
    slack: how far apart two equal sums may come out.
    """
    n = len(lag)
    counts = np.zeros((n, 2), dtype=np.int64)
    for area in prange(n):
        first, last = start[area], start[area + 1]
        higher, lower = 0, 0
        for sim in range(draws.shape[0]):
            drawn = 0.0
            for place in range(first, last):
                drawn += weight[place] * twice[area + 1 + draws[sim, place - first]]
            if drawn >= lag[area] - slack:
                higher += 1
            if drawn <= lag[area] + slack:
                lower += 1
        counts[area, 0] = higher
        counts[area, 1] = lower
    return counts

"""Counting of pairs of reports that are near in place and time, as they are and with shuffled moments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numba import get_num_threads
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc

from analysis.arrays import Floats, Ints, as_days, as_points
from analysis.repeat_kernels import Places, count_close, count_near
from analysis.squares import Squares

MAX_STRATA = 1000
# Rounding: what lies above a limit by one part in 10⁹ of distance, or 0.1 millisecond, is still on it.
HAIR = 1e-9
# Worlds that are counted together, and how many numbers they may hold together.
_WORLDS = 64
_NUMBERS = 8_000_000
# Pairs times worlds that take a few milliseconds.
_WORTH_THREADS = 2_000_000

Strata = Sequence[object] | NDArray[Any] | pd.Series | None


@dataclass(frozen=True)
class Events:
    """Reports in an order that follows from the reports themselves: by stratum, place, moment."""

    points: Floats
    days: Floats
    strata: Ints

    @classmethod
    def of(cls, xy: ArrayLike, t: ArrayLike, strata: Strata) -> Events:
        points, days = as_points(xy), as_days(t)
        if len(points) != len(days):
            raise ValueError(f"xy has {len(points)} points for {len(days)} times")
        codes = _strata_codes(strata, len(points))
        if len(points):
            points, days = points - points.min(axis=0), days - days.min()
        order = np.lexsort((days, points[:, 1], points[:, 0], codes))
        return cls(points[order], days[order], codes[order])

    @property
    def n_strata(self) -> int:
        return len(np.unique(self.strata))

    @property
    def pairs(self) -> int:
        return math.comb(len(self.days), 2)

    def blocks(self) -> list[slice]:
        starts = np.flatnonzero(np.diff(self.strata, prepend=-1)).tolist()
        return [slice(*ends) for ends in zip(starts, [*starts[1:], len(self.strata)], strict=True)]


@dataclass(frozen=True)
class Counted:
    """Pairs per cell (n_distances, n_days), per band of distance, and within each limit of days.

    at_least: worlds with as many or more; smallest_tail (n_sim,): the smallest Poisson tail in each world.
    """

    observed: Ints
    expected: Floats
    at_least: Ints
    smallest_tail: Floats
    in_place: Ints
    in_time: Ints
    pairs: int

    @property
    def ratio(self) -> Floats:
        some = self.expected > 0
        ratio: Floats = np.divide(self.observed, self.expected, out=np.full(some.shape, np.nan), where=some)
        return ratio

    @property
    def p_poisson(self) -> Floats:
        return upper_tail(self.observed, self.expected)


def count_pairs(events: Events, distances: Floats, days: Floats, n_sim: int, seed: int) -> Counted:
    if n_sim < 1:
        raise ValueError(f"n_sim must be at least 1, got {n_sim}")
    shape = (len(distances), len(days))
    if events.pairs == 0:
        nothing = np.zeros(shape, dtype=np.int64)
        return Counted(nothing, np.zeros(shape), nothing + n_sim, np.ones(n_sim), nothing[:, 0], nothing[0], pairs=0)
    counter = _Counter.of_events(events, distances, days)
    near = counter.near()
    in_place = near.sum(axis=(0, 1))
    n_near = int(in_place.sum())
    shares = _shares_in_time(events, counter.limits, near.sum(axis=2))
    expected = _bands(np.einsum("abd,abk->dk", near, shares))
    observed = counter.close(events.days[:, None], n_near)[..., 0]
    at_least, tails = np.zeros(shape, dtype=np.int64), []
    for worlds in _shuffled(events.days, events.blocks(), n_sim, np.random.default_rng(seed)):
        found = counter.close(worlds, n_near)
        at_least += (found >= observed[..., None]).sum(axis=2)
        tails.append(upper_tail(found, expected[..., None]).min(axis=(0, 1)))
    in_time = _pairs_within(np.sort(events.days), counter.limits)
    return Counted(observed, expected, at_least, np.concatenate(tails), in_place, in_time, events.pairs)


@dataclass(frozen=True)
class _Counter:
    """Counts near pairs of the same places again and again, for other moments; points sorted by square.

    order: from the events to the points here. limits: of the days, widened by rounding.
    """

    order: Ints
    places: Places
    strata: Ints
    limits: Floats

    @classmethod
    def of_events(cls, events: Events, distances: Floats, days: Floats) -> _Counter:
        # Larger squares are slower, never wrong: a distance of 0 must not ask for squares without size.
        side = max(distances[-1] * (1 + HAIR), float(events.points.max()) / 2**20) or 1.0
        squares = Squares.of_points(events.points, side)
        order = np.argsort(squares.of, kind="stable")
        own = squares.keys[squares.of[order]]
        lowest = squares.keys[:, None] + np.array([0, squares.stride]) - 1
        spans = np.stack([np.searchsorted(own, lowest), np.searchsorted(own, lowest + 2, side="right")], axis=2)
        return cls(
            order=order,
            places=Places(events.points[order], squares.of[order], spans, (distances * (1 + HAIR)) ** 2),
            strata=events.strata[order],
            limits=days + HAIR,
        )

    def near(self) -> Ints:
        """Return pairs per pair of strata and band of distance (strata, strata, n_distances)."""
        pairs: Ints = count_near(self.places, self.strata)
        return pairs

    def close(self, times: Floats, n_pairs: int) -> Ints:
        """Return pairs per band of distance, band of days and world, for times (n, worlds).

        n_pairs: near in place; few are not worth a second thread.
        """
        mine = times[self.order]
        threads = get_num_threads() if n_pairs * times.shape[1] > _WORTH_THREADS else 1
        with ThreadPoolExecutor(threads) as pool:
            parts = pool.map(lambda own: count_close(self.places, mine, self.limits, own, threads), range(threads))
            pairs: Ints = _bands(sum(parts))
        return pairs


def _bands(within: NDArray[Any]) -> NDArray[Any]:
    """Turn counts within each limit of days (axis 1) into counts per band."""
    return np.diff(within, axis=1, prepend=within.dtype.type(0))


def _shuffled(times: Floats, blocks: list[slice], n_sim: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield n_sim shuffled copies of times (n,), block by block, as arrays (n, worlds)."""
    at_once = int(np.clip(_NUMBERS // len(times), 1, _WORLDS))
    for start in range(0, n_sim, at_once):
        worlds = np.empty((len(times), min(at_once, n_sim - start)))
        for world in worlds.T:
            for block in blocks:
                world[block] = rng.permutation(times[block])
        yield worlds


def _shares_in_time(events: Events, limits: Floats, near: Ints) -> Floats:
    """Return for each pair of strata with near pairs the share of their pairs within each limit of days."""
    shares = np.zeros((*near.shape, len(limits)))
    by_stratum = [np.sort(events.days[block]) for block in events.blocks()]
    for a, b in np.argwhere(near):
        one, other = by_stratum[a], by_stratum[b]
        if a == b:
            shares[a, b] = _pairs_within(one, limits) / math.comb(len(one), 2)
        else:
            ends = [np.searchsorted(other, one + limit, side="right").sum() for limit in limits]
            starts = [np.searchsorted(other, one - limit).sum() for limit in limits]
            shares[a, b] = (np.array(ends) - np.array(starts)) / (len(one) * len(other))
    return shares


def _pairs_within(times: Floats, limits: Floats) -> Ints:
    """Return how many pairs of sorted times (n,) are within each limit."""
    own = np.arange(len(times)) + 1
    return np.array([(np.searchsorted(times, times + limit, side="right") - own).sum() for limit in limits])


def upper_tail(counts: Ints, expected: Floats) -> Floats:
    """Return P(X ≥ count) for X Poisson with this expectation."""
    tail: Floats = np.where(counts > 0, gammainc(np.maximum(counts, 1), expected), 1.0)
    return tail


def _strata_codes(strata: Strata, n: int) -> Ints:
    if strata is None:
        return np.zeros(n, dtype=np.int64)
    if len(strata) != n:
        raise ValueError(f"strata has {len(strata)} keys for {n} points")
    codes, keys = pd.factorize(pd.Series(strata, dtype=object), sort=True)
    if (codes < 0).any():
        raise ValueError("strata has missing keys: leave reports of unknown coverage out")
    if len(keys) > MAX_STRATA:
        raise ValueError(
            f"strata has {len(keys)} different keys, at most {MAX_STRATA} patterns of coverage are sensible"
        )
    return codes.astype(np.int64)

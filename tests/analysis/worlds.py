"""Worlds to prove the scans on: towns where nothing is the matter, and towns with a planted cluster."""

from dataclasses import dataclass

import numpy as np

AREAS = 70
WITHOUT_COVERAGE = 12


@dataclass(frozen=True)
class World:
    """cases and covered: (70,) or (70, periods); population: (70,); planted: members of the planted cluster."""

    cases: np.ndarray
    population: np.ndarray
    xy: np.ndarray
    covered: np.ndarray
    planted: np.ndarray


def null_world(seed: int, *, periods: int | None = None, per_area: float = 5.0, gap: bool = False) -> World:
    """Return a town whose cases follow its population.

    gap: 12 neighbouring areas are not covered at all or, with periods, in one half of them, the first or the
    second by turns; their source gives zeros there.
    """
    rng, population, xy = _town(seed)
    mean = per_area * population / population.mean()
    if periods is not None:
        mean = np.repeat(mean[:, None] / periods, periods, axis=1)
    covered = np.ones(mean.shape, dtype=bool)
    if gap:
        silent = _nearest(xy, rng.integers(AREAS))[:WITHOUT_COVERAGE]
        half = slice(None) if periods is None else [slice(periods // 2), slice(periods // 2, None)][seed % 2]
        covered[(silent, half) if periods is not None else silent] = False
    return World(np.where(covered, rng.poisson(mean), 0), population, xy, covered, np.empty(0, dtype=int))


def planted_world(seed: int, *, expected: float = 40.0, risk: float = 2.0, periods: int | None = None) -> World:
    """Return a town where seven neighbouring areas, `expected` cases without it, have `risk` times as many.

    periods: the cluster lives in the last two of them only.
    """
    rng, population, xy = _town(seed)
    planted = np.sort(_nearest(xy, rng.integers(AREAS))[:7])
    where = planted if periods is None else np.ix_(planted, range(periods - 2, periods))
    mean = population if periods is None else np.repeat(population[:, None], periods, axis=1)
    mean = mean * expected / mean[where].sum()
    mean[where] *= risk
    return World(rng.poisson(mean), population, xy, np.ones(mean.shape, dtype=bool), planted)


def _town(seed: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    rng = np.random.default_rng([7, seed])
    return rng, np.round(rng.lognormal(7, 0.5, AREAS)), rng.uniform(0, 10_000, (AREAS, 2))


def _nearest(xy: np.ndarray, centre: int) -> np.ndarray:
    return np.argsort(np.hypot(*(xy - xy[centre]).T))

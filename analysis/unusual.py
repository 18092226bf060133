"""Is the last count of an area another one than its own past lets expect? Beyond chance and beyond its usual swings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nbinom

from analysis.arrays import Bools, Floats, as_counts
from analysis.local import benjamini_hochberg

MIN_PERIODS = 6


@dataclass(frozen=True)
class Unusual:
    """Per area (n,): whether the last count is unusual, what was expected, the range of 95% around that, the p-value.

    NaN (False for unusual) where the past is too short. uitleg: one Dutch sentence.
    """

    unusual: Bools
    expected: Floats
    low: Floats
    high: Floats
    p_value: Floats
    uitleg: str
    parameters: Mapping[str, object]


def unusual_last(last: ArrayLike, before: ArrayLike, *, fdr: float = 0.05) -> Unusual:
    """Compare the last count of each area with the counts of the periods before it.

    last: (n,) counts. before: (n, t) counts of t periods of the same length, NaN where a period is not known; an area
    with fewer than MIN_PERIODS known periods is not judged. fdr: the false discovery rate over all areas together.
    ValueError for shapes that do not fit or counts below zero.

    The expected count is the mean of the area's own past. Its spread is Poisson times one dispersion for all areas
    (Pearson's statistic over its degrees of freedom, never below 1; McCullagh and Nelder 1989, 4.5), so that seasons
    and serial callers widen it; the uncertainty of the mean itself is added. The predictive distribution is negative
    binomial with that mean and variance; p-values are two-sided and judged together (Benjamini and Hochberg 1995).
    """
    now, past = as_counts(last, "last"), as_counts(before, "before")
    if past.ndim != 2 or now.shape != past.shape[:1]:
        raise ValueError("before must have a row of periods for each area of last")
    known = np.isfinite(past)
    periods = known.sum(axis=1)
    judged = (periods >= MIN_PERIODS) & np.isfinite(now)
    periods = np.maximum(periods, 1)
    mean = np.where(known, past, 0.0).sum(axis=1) / periods
    dispersion = _dispersion(past, mean, known & judged[:, None])
    # Half a report: an area that never had any is no proof that it cannot have one.
    expected = np.where(judged, np.maximum(mean, 0.5 / periods), np.nan)
    variance = expected * dispersion * (1 + 1 / periods)
    size = expected**2 / (variance - expected)
    chance = nbinom(size, size / (size + expected))
    p_value = np.minimum(1.0, 2 * np.minimum(chance.cdf(now), chance.sf(now - 1)))
    unusual = benjamini_hochberg(p_value) <= fdr
    uitleg = (
        "Verwacht is wat het gebied zelf gemiddeld had in de perioden ervoor; de marge (95%) rekent mee hoe sterk de "
        "aantallen altijd al op en neer gaan. Alleen wat daar duidelijk buiten valt, staat hier."
    )
    parameters = {"dispersion": dispersion, "fdr": fdr, "judged": int(judged.sum())}
    return Unusual(unusual, expected, chance.ppf(0.025), chance.ppf(0.975), p_value, uitleg, parameters)


def _dispersion(past: Floats, mean: Floats, used: Bools) -> float:
    """Pearson's statistic over its degrees of freedom, of all areas with any report; at least 1."""
    used = used & (np.nan_to_num(mean) > 0)[:, None]
    free = used.sum() - used.any(axis=1).sum()
    if free <= 0:
        return 1.0
    residual = np.where(used, (past - mean[:, None]) ** 2 / np.where(mean > 0, mean, 1.0)[:, None], 0.0)
    return max(1.0, float(residual.sum() / free))
